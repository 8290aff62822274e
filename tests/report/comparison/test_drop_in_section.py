"""The section of the page on drop-in."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from drop_in_factory import HOSTILE, class_change, drop_ins, of_classes
from factory import comparison
from page_reader import Reader

from conjugacy.report import notebook_html, verdict_table
from conjugacy.report.comparison.render import render_page
from conjugacy.report.comparison.sections.drop_in import MOST_ROWS
from conjugacy.results import DropIn

RECORDS = drop_ins()


def section(found: DropIn) -> str:
    """Return the section's HTML; empty where there is none."""
    text = render_page(comparison(drop_in=found))
    part = re.search(r'<section id="drop-in">.*?</section>', text, re.DOTALL)
    return "" if part is None else part[0]


def words(found: DropIn) -> str:
    return Reader(section(found)).text


def test_every_change_stands_against_its_margin() -> None:
    said = words(of_classes())
    for row in (
        "decisions that change 3.1 % [2.4, 3.9] 5 % inside 2000",
        "right in A and wrong in B 1.4 % [0.9, 2]",
        "all rows 2.4 % 3 % +0.6 [+0.1, +1.1] +1 open 2000 3100",
        "7 4 % 12 % +8 [+6, +10] +5 outside 200",
        "3 0 % 0 % 0 [-20, +20] +5 too few rows 12",
        "Not testable: with so few rows, even no change at all could not be shown to lie inside the margin: 3.",
        "change of the loss 0.011 [0.004, 0.019]",
        "The 20 that carry most of it, of 62.",
        "image 1 17 seven one seven 2.4",
    ):
        assert row in said
    assert said.index("7 4 %") < said.index("1 2 %") < said.index("3 0 %")


def test_numbers_have_outputs_in_place_of_classes() -> None:
    said = words(RECORDS["numbers"])
    assert "torque 1.1 %" in said
    assert "speed under 0.001 %" in said
    assert "rows that are far off 1 % [0.3, 2.6] 5 % inside 400" in said
    assert "All 4." in said
    assert "wrong in A" not in said
    assert "wanted" not in said  # no row has a target
    assert "id row in A A B off, in standard deviations run 7 7 0.31 14.2 13" in said


def test_columns_of_sigmoids_are_named() -> None:
    said = words(RECORDS["sigmoids"])
    assert "decisions that change, worst column: bin 40 3 % [2, 4]" in said
    assert "Errors, by column" in said
    assert "bin 40, lit 5 % 60 %" in said


def test_every_output_is_there_in_full() -> None:
    text = section(RECORDS["heads"])
    said = Reader(text).text
    assert "the tables below are for boxes, which decides" in said
    assert "output classes: yes" in said
    assert text.count("<details>") == 2  # the other two; the deciding one stands open
    assert "output boxes:" not in said


def test_many_classes_scroll() -> None:
    text = section(RECORDS["fifty"])
    assert len(re.findall(r"<th[^>]*>species \d+</th>", text)) == 50
    assert '<div class="scroll tall"' in text


def test_more_than_fit_into_a_page_are_counted() -> None:
    made = replace(of_classes(), class_errors=tuple(class_change(f"token {i}", 0.1, 0.1) for i in range(1000)))
    text = section(made)
    assert text.count("token ") == MOST_ROWS - 1  # the first row is of all classes
    assert f"And {1001 - MOST_ROWS} more, in the record." in text


def test_nothing_to_show() -> None:
    assert section(DropIn.not_tested("no outputs were recorded")) == ""
    assert "no outputs were recorded" in render_page(comparison(drop_in=RECORDS["not-tested"]))
    assert "No row carries a difference." in words(replace(of_classes(), rows=(), n_changed=0))


def test_hostile_names_are_text() -> None:
    text = section(RECORDS["hostile"])
    assert "<script" not in text
    assert HOSTILE in Reader(text).text
    assert "x" * 200 in text


@pytest.mark.parametrize(("name", "sign"), [("within", "✓ yes"), ("classes", "✗ no"), ("open", "? undecided")])
def test_the_card_says_the_answer(name: str, sign: str) -> None:
    card = re.search(
        r'<article[^>]*id="verdict-drop_in">.*?</article>', render_page(comparison(drop_in=RECORDS[name])), re.DOTALL
    )
    assert card is not None
    said = Reader(card[0]).text
    assert said.startswith(f"drop-in {sign}")
    assert "as they stand, without any map" in said


def test_the_table_and_the_notebook_have_the_line_and_its_warnings() -> None:
    made = comparison(drop_in=of_classes())
    lines = verdict_table(made, width=2000).splitlines()
    assert lines[4].startswith("drop-in          no           decisions change on 3.1 % [2.4, 3.9] of the inputs")
    assert lines[lines.index("warnings, drop-in:") + 1].startswith("  - class 3 has too few rows")
    html = Reader(notebook_html(made)).text
    assert "drop-in no decisions change on 3.1 %" in html
    assert "warnings, drop-in" in html
    several = verdict_table(comparison(drop_in=RECORDS["heads"]), width=2000)
    assert "drop-in by output:\n  - classes: yes, decisions" in several
