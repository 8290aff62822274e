"""The terminal table says what the answer says, and no more."""

from __future__ import annotations

import re

import pytest
from factory import axis, comparison, everything, same_task

from conjugacy.report import verdict_table

EVERYTHING = everything()


def row(text: str, title: str) -> str:
    """Return the row of one axis, its continuation lines joined."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"{title} "))
    end = next(i for i in range(start + 1, len(lines) + 1) if i == len(lines) or not lines[i].startswith(" " * 30))
    return " ".join(" ".join(lines[start:end]).split())


def test_the_shape_of_the_table() -> None:
    text = verdict_table(same_task(), width=2000)
    lines = text.splitlines()
    assert lines[0] == "A = digits-64, B = digits-96"
    assert lines[1].startswith(
        "same task        yes          outputs: rotation with one scale, 3.6 % [3.1, 4.1] unexplained"
    )
    assert lines[2].startswith("representation   rotation     layer hidden2, the deepest hidden layer of each network")
    assert lines[3].startswith(" " * 30 + "the simplest map that carries one onto the other, both ways: rotation")
    at = next(i for i, line in enumerate(lines) if line.startswith("dynamics"))
    assert lines[at].startswith("dynamics         not tested   nothing was recorded")
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ("equivalent", "yes"),
        ("a_determines_b", "one way"),
        ("b_determines_a", "one way"),
        ("partly_related", "no"),
        ("unrelated", "no"),
        ("undecided", "undecided"),
        ("not_tested", "not tested"),
    ],
)
def test_yes_is_said_of_equivalent_outputs_alone(answer: str, word: str) -> None:
    found = row(verdict_table(comparison(answer, "equivalent")), "same task")
    assert found.startswith(f"same task {word} ")
    assert (" yes " in found) == (answer == "equivalent")


@pytest.mark.parametrize(("answer", "source", "target"), [("a_determines_b", "A", "B"), ("b_determines_a", "B", "A")])
def test_one_way_reads_as_one_way(answer: str, source: str, target: str) -> None:
    text = verdict_table(comparison(answer, answer))
    assert f"{source} determines {target}, and {target} does not determine {source}" in row(text, "same task")
    assert "not the same task" in row(text, "same task")
    assert f"{source} determines {target}, and {target} does not" in row(text, "representation")


def test_learned_in_common_needs_the_gain() -> None:
    shown = row(verdict_table(comparison(representation=axis("equivalent", gain=True))), "representation")
    assert (
        "learned in common: copies that learned nothing leave 12.6 [10, 15.8] (A->B) and 25.1 [20, 31.6] (B->A) times"
        in shown
    )
    without = row(verdict_table(comparison(representation=axis("equivalent", with_control=True))), "representation")
    assert "nothing learned in common is shown" in without
    none = row(verdict_table(comparison(representation="equivalent")), "representation")
    assert "untrained control: none" in none
    assert "nothing learned in common is shown" in none


@pytest.mark.parametrize("name", EVERYTHING)
def test_learned_is_never_said_without_gain(name: str) -> None:
    representation = EVERYTHING[name].verdict.representation
    found = row(verdict_table(EVERYTHING[name]), "representation")
    shown = representation.answer == "equivalent" and representation.gain.shown
    assert ("learned in common:" in found) == shown
    assert "learned the same" not in found


@pytest.mark.parametrize("name", EVERYTHING)
@pytest.mark.parametrize("width", [20, 60, 100])
def test_no_line_is_lost_or_too_wide(name: str, width: int) -> None:
    text = verdict_table(EVERYTHING[name], width=width)
    wide = verdict_table(EVERYTHING[name], width=100_000)
    assert max(len(line) for line in text.splitlines()) <= max(width, 48)
    assert re.sub(r"\s+", "", text) == re.sub(r"\s+", "", wide)


def test_reasons_warnings_and_notes_follow() -> None:
    text = verdict_table(same_task())
    for sentence in ("loud units say otherwise", "matched by position"):
        assert sentence in " ".join(text.split())


def test_nothing_reaches_the_terminal_that_it_would_obey() -> None:
    assert all(c.isprintable() or c == "\n" for c in verdict_table(EVERYTHING["hostile"]))


def test_a_rung_at_undecided_outputs_is_told_and_not_called_the_same() -> None:
    found = row(verdict_table(EVERYTHING["undecided-with-rung"]), "same task")
    assert found.startswith("same task undecided")
    assert "the data do not decide" in found


@pytest.mark.parametrize("width", [48, 61, 80, 100])
def test_a_number_and_its_sign_stay_on_one_line(width: int) -> None:
    for name in ("same-task", "drop-in-classes", "drop-in-heads"):
        assert not [
            line for line in verdict_table(EVERYTHING[name], width=width).splitlines() if line.strip()[:1] == "%"
        ]
