"""The page as text: whole, escaped, self-contained."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from factory import HOSTILE, STRANGE, axis, comparison, everything, layer_map, plane, same_task
from page_reader import Reader, empty_headings

from conjugacy.comparison import Comparison
from conjugacy.errors import InputError
from conjugacy.report import notebook_html, write_page
from conjugacy.report.comparison.render import render_page
from conjugacy.report.layer_grid import MOST_LAYERS, layer_grid, shortened
from conjugacy.results import LayerMap, Plane

EVERYTHING = everything()
SMALL = 3_000_000


@cache
def rendered(name: str) -> str:
    """Return the page of a comparison of the factory, drawn once."""
    return render_page(EVERYTHING[name])


@cache
def reader(name: str) -> Reader:
    """Return that page read, once."""
    return Reader(rendered(name))


def page(made: Comparison) -> Reader:
    return Reader(render_page(made))


@pytest.mark.parametrize("name", EVERYTHING)
def test_the_page_is_well_formed_small_and_asks_for_nothing(name: str) -> None:
    text, read = rendered(name), reader(name)
    assert read.open == []
    assert len(text.encode()) < SMALL
    ids = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in read.elements:
        assert tag not in {"link", "iframe", "img", "object", "embed", "base", "form"}
        assert not {"src", "srcset", "action"} & attributes.keys()
        assert (attributes.get("href") or "#").startswith("#")
        assert not [key for key in attributes if key.startswith("on")]
    # matplotlib's clip paths and markers point into the page
    shown = re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)  # our own, which writes files that have ids
    targets = set(re.findall(r'(?:url\(#|href="#)([^")]+)', shown))
    assert targets <= set(ids)
    assert "@import" not in text
    policy = next(a for t, a in read.elements if t == "meta" and a.get("http-equiv") == "Content-Security-Policy")
    assert (policy["content"] or "").startswith("default-src 'none'")


@pytest.mark.parametrize("name", EVERYTHING)
def test_the_record_stands_in_the_page(name: str) -> None:
    read = reader(name)
    record, rows, choice, script = read.scripts
    assert json.loads(record) == EVERYTHING[name].to_dict()
    assert isinstance(json.loads(rows), list)
    assert json.loads(choice) is None or len(json.loads(choice)["rows"]) <= 300
    assert script.startswith('"use strict"')


def test_the_same_comparison_gives_the_same_page() -> None:
    assert render_page(same_task()) == rendered("same-task")


def test_the_verdict_comes_first_and_in_words() -> None:
    text = reader("same-task").text
    first = text.index("same task ✓ yes")
    assert first < text.index("representation ✓ rotation") < text.index("dynamics – not tested")  # noqa: RUF001
    assert text.index("dynamics – not tested") < text.index("The ladder.")  # noqa: RUF001
    for part in (
        "learned in common",
        "Evidence",
        "2 units were not judged",
        "2 rows decide the answer",
        "What this does not show",
    ):
        assert part in text


def test_no_mark_of_success_where_nothing_learned_in_common_is_shown() -> None:
    assert "representation ≈ rotation" in page(comparison("equivalent", "equivalent")).text
    assert "representation ✓ rotation" in page(comparison("equivalent", axis("equivalent", gain=True))).text


def test_an_axis_that_was_not_tested_says_what_it_needs_and_has_no_section() -> None:
    read = page(comparison())
    for part in (
        "nothing was recorded for this axis This axis needs the outputs of both networks",
        "This axis needs a hidden layer of both networks",
        "This axis needs trajectories",
    ):
        assert part in read.text
    for part in (
        "Further measures",
        "Layer by layer",
        "side by side",
        "Function: the outputs",
        "Dynamics: the trajectories",
    ):
        assert part not in read.text
    assert not [a for _, a in read.elements if str(a.get("id", "")).startswith("axis-")]
    assert "To get a control: give untrained_a= and untrained_b=" in page(comparison(representation="equivalent")).text


@pytest.mark.parametrize("name", EVERYTHING)
def test_no_section_is_empty(name: str) -> None:
    assert empty_headings(rendered(name)) == []


def test_an_empty_section_would_be_seen() -> None:
    shown = "<h1>page</h1><h2>one</h2><p>words</p><h3>none</h3><p class='empty'>nothing</p><h2>two</h2><h3>some</h3><ul></ul>"
    assert empty_headings(shown) == ["none"]
    assert empty_headings("<h2>one</h2><section><h2>two</h2><p>words</p></section>") == ["one"]


def test_the_first_lines_say_what_was_compared() -> None:
    sizes = {"layer": "h", "trials": 12, "time_points": [60, 80], "units": 1, "dt": 0.15, "conditions": 2, "inputs": 1}
    made = comparison()
    made = replace(made, settings={"compared": {"a": sizes, "b": {"units": 5, "outputs": 3}}})
    assert "12 trials of 60 to 80 time points, 1 unit, dt 0.15, 2 conditions, 1 input" in page(made).text
    assert f"5 units, 3 outputs 12 matched trials, {made.n_samples} time points in all, tolerance" in page(made).text
    assert "trials without partners, tolerance" in page(replace(made, n_samples=0)).text
    assert "(12 trials of 60 to 80 time points, 1 unit" in notebook_html(made)
    assert "no rows that belong together" in page(replace(made, n_samples=0, settings={})).text


def test_hostile_text_is_text() -> None:
    read = reader("hostile")
    assert len(read.scripts) == 4
    assert [tag for tag, _ in read.elements].count("script") == 4
    assert HOSTILE in read.text
    for name in STRANGE:
        assert name in read.text
    assert "x" * 200 in read.text
    assert "{{ 7 * 7 }}" in read.text


def test_hostile_text_is_text_in_a_notebook() -> None:
    html = notebook_html(EVERYTHING["hostile"])
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<img" not in html
    assert "\x1b" not in html


@pytest.mark.parametrize("name", EVERYTHING)
def test_the_notebook_display_is_compact_and_closed(name: str) -> None:
    html = notebook_html(EVERYTHING[name])
    assert Reader(html).open == []
    drawn = sum(len(one) for one in re.findall(r"<svg.*?</svg>", html, re.DOTALL))
    assert len(html) - drawn < 20_000
    assert drawn < 200_000


def test_names_that_utf8_cannot_hold_do_not_stop_the_page(tmp_path: Path) -> None:
    made = comparison("equivalent", networks=("caf\udce9", "b"))
    text = write_page(made, tmp_path / "page.html").read_text(encoding="utf-8")
    assert "caf?" in text


def test_the_ladder_shows_numbers_off_its_scale_at_the_edge() -> None:
    text = rendered("huge")
    assert "<title>identity, A to B: 4e8 % [3.4e8, 4.6e8] unexplained</title>" in text


def test_what_does_not_apply_is_said_in_its_place() -> None:
    assert render_page(comparison("equivalent")).count("does not apply (why: see the table)") == 2


def test_points_of_one_row_carry_one_number() -> None:
    drawn = plane(50, classes=3)
    broken = replace(drawn, a=np.where(np.arange(50)[:, None] == 7, np.nan, drawn.a))
    read = page(comparison("equivalent", "equivalent", plane=broken))
    numbers = [a["data-row"] for _, a in read.elements if "data-row" in a]
    panels = numbers[: len(numbers) // 2], numbers[len(numbers) // 2 :]
    assert sorted(panels[0]) == sorted(panels[1]) == sorted(str(i) for i in range(50) if i != 7)


def test_a_row_has_one_colour_on_both_sides() -> None:
    read = page(comparison("equivalent", "equivalent", plane=plane(50)))
    colours: dict[str, set[str]] = {}
    for _, attributes in read.elements:
        if "data-row" in attributes:
            fill = re.search(r"fill: (#\w+)", attributes["style"] or "")
            assert fill is not None
            colours.setdefault(str(attributes["data-row"]), set()).add(fill[1])
    assert len(colours) == 50
    assert all(len(found) == 1 for found in colours.values())
    assert len(set.union(*colours.values())) > 10


def test_many_points_are_thinned_and_the_page_says_so() -> None:
    text = render_page(comparison("equivalent", "equivalent", plane=plane(9000)))
    assert "2000 of 9000 points are drawn" in text
    assert len(text) < SMALL


def test_a_plane_without_rows_and_one_of_one_row_are_drawn() -> None:
    empty = Plane(np.empty((0, 2)), np.empty((0, 2)), np.empty(0), "nothing", ())
    assert "data-row=" not in render_page(comparison("equivalent", "equivalent", plane=empty))
    one = Plane(np.zeros((1, 2)), np.zeros((1, 2)), np.zeros(1), "target", ("only",))
    assert render_page(comparison("equivalent", "equivalent", plane=one)).count("data-row=") == 2


def test_the_layer_grid_marks_the_compared_pair_and_misses_nothing() -> None:
    the_map = layer_map(3)
    grid = layer_grid(the_map, ("hidden2", "hidden3"))
    assert grid is not None
    marked = [(name, cell.column) for name, _, cells in grid.rows for cell in cells if cell.compared]
    assert marked == [("hidden2", 2)]
    assert [cell.value for cell in grid.rows[0][2]] == [f"{v:.3f}" for v in the_map.values[0]]


def test_a_large_layer_grid_is_thinned_and_keeps_the_compared_pair() -> None:
    grid = layer_grid(layer_map(200), ("transformer.encoder.layers.98.mlp",) * 2)
    assert grid is not None
    assert len(grid.rows) in (MOST_LAYERS, MOST_LAYERS + 1)
    assert sum(cell.compared for _, _, cells in grid.rows for cell in cells) == 1
    assert grid.left_out == (200 - len(grid.rows), 200 - len(grid.columns))


def test_a_layer_grid_of_another_scale_spans_its_values() -> None:
    grid = layer_grid(LayerMap(("a",), ("b", "c", "d"), ((-2.0, 12.0, None),), "other"), None)
    assert grid is not None
    assert (grid.low, grid.high) == ("-2", "12")
    assert [cell.text for cell in grid.rows[0][2]] == ["-2.00", "12", "–"]  # noqa: RUF001
    assert layer_grid(LayerMap((), (), (), "cka"), None) is None


def test_text_on_cells_has_enough_contrast() -> None:
    grid = layer_grid(layer_map(30), None)
    assert grid is not None

    def luminance(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for _, _, cells in grid.rows:
        for cell in cells:
            lights = sorted((luminance(cell.fill or ""), luminance(cell.ink or "")))
            assert (lights[1] + 0.05) / (lights[0] + 0.05) >= 4.5


def test_short_names_are_kept_whole() -> None:
    assert shortened("hidden2") == "hidden2"
    assert len(shortened("x" * 200)) == 18


def test_a_missing_folder_is_an_input_error_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no folder"):
        write_page(comparison(), tmp_path / "missing" / "page.html")
    with pytest.raises(InputError, match="is a folder"):
        write_page(comparison(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_page_that_cannot_be_made_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_page(comparison(), tmp_path / "page.html")
    old = path.read_bytes()

    def full(_: object, __: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(InputError, match="No space left"):
        write_page(same_task(), path)
    assert path.read_bytes() == old
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]


def test_a_comparison_writes_prints_and_shows_itself(tmp_path: Path) -> None:
    made = comparison("equivalent")
    assert made.report(tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert str(made).startswith("A = digits-64")
    assert made._repr_html_().startswith("<div")


def test_numbers_and_their_signs_stay_on_one_line() -> None:
    text = rendered("same-task")
    assert "3.6\u00a0% [3.1, 4.1] unexplained A→B" in text
