"""The page of a study as text: whole, escaped, small, the same every time, and in words where there is nothing to draw."""

from __future__ import annotations

import base64
import json
import re
import zlib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from factory import HOSTILE, STRANGE, comparison
from page_reader import Reader, empty_headings
from study_factory import classes_of, cloud, hostile, nothing, rectangular, sorted_study, study

from conjugacy.errors import InputError
from conjugacy.report import study_html, terminal_study, write_study_page
from conjugacy.report.study.cells import cells_of, packed
from conjugacy.report.study.data import tables_of
from conjugacy.report.study.order import order_of
from conjugacy.report.study.order_graph import MOST_BOXES, order_graph
from conjugacy.report.study.page import render_study
from conjugacy.report.study.pairs import file_name, in_full, telling_pairs
from conjugacy.results import CODES, Classes, Clustering, Relation
from conjugacy.study import Study

LARGEST = 10_000_000


def everything() -> dict[str, tuple[Study, Classes | None]]:
    return {
        "three": sorted_study(3, 2),
        "twenty-four": sorted_study(24, 5, measures=3, unread={"broken.npz": "the file ends early"}),
        "one class": sorted_study(8, 1),
        "all alone": sorted_study(6, 6),
        "hostile": hostile(),
        "rectangular": (rectangular(), None),
        "no networks": (nothing(), None),
        "no pairs": (nothing(5), None),
        "one network": sorted_study(1, 1),
        "nothing sorted": (nothing(4), nothing(4).classes()),
    }


EVERYTHING = everything()


@cache
def page(name: str) -> Reader:
    made, classes = EVERYTHING[name]
    return Reader(render_study(made, classes, reason="they were not asked for"))


def unpacked(table: dict[str, Any], name: str) -> np.ndarray:
    """Return packed numbers as the script reads them."""
    planes = np.frombuffer(zlib.decompress(base64.b64decode(table[name])), np.uint8)
    return np.ascontiguousarray(planes.reshape(4, -1).T).view("<f4").ravel()


@pytest.mark.parametrize("name", EVERYTHING)
def test_the_page_is_well_formed_and_asks_for_nothing(name: str) -> None:
    read = page(name)
    assert read.open == []
    ids = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in read.elements:
        assert tag not in {"link", "iframe", "img", "object", "embed", "base", "form"}
        assert not {"src", "srcset", "action"} & attributes.keys()
        assert not [key for key in attributes if key.startswith("on")]
    policy = next(a for t, a in read.elements if t == "meta" and a.get("http-equiv") == "Content-Security-Policy")
    assert (policy["content"] or "").startswith("default-src 'none'")
    data, script = read.scripts
    assert script.startswith('"use strict"')
    json.loads(data, parse_constant=lambda text: pytest.fail(f"{text} is not JSON"))


@pytest.mark.parametrize("name", EVERYTHING)
def test_the_terminal_and_the_notebook_show_the_same_study(name: str) -> None:
    made, classes = EVERYTHING[name]
    text = terminal_study(made, classes)
    assert all(len(line) <= 100 for line in text.splitlines() if " " in line.strip())
    shown = study_html(made, classes)
    assert Reader(shown).open == []
    assert "<script" not in shown
    assert text.splitlines()[0] in Reader(shown).text


def test_hostile_names_are_text() -> None:
    read = page("hostile")
    assert [tag for tag, _ in read.elements].count("script") == 2
    for name in STRANGE:
        assert name in read.text
    assert HOSTILE in read.text
    assert "x" * 300 in read.text
    made, classes = EVERYTHING["hostile"]
    assert sorted(json.loads(read.scripts[0])["rows"]) == sorted(made.networks[0])
    assert "\t" not in terminal_study(made, classes)


def test_names_that_utf8_cannot_hold_do_not_stop_the_page(tmp_path: Path) -> None:
    made, classes = sorted_study(3, 1, names=["caf\udce9", "b", "c"])
    assert "caf?" in write_study_page(made, tmp_path / "page.html", classes).read_text(encoding="utf-8")


def test_the_same_study_gives_the_same_page() -> None:
    first, second = (render_study(*sorted_study(24, 5, measures=3)) for _ in range(2))
    assert first == second


@pytest.mark.slow
def test_a_thousand_networks_and_three_measures_stay_under_ten_megabytes() -> None:
    rng = np.random.default_rng(0)
    n = 1000
    names = [f"a network of the family {i:04d}, trained again" for i in range(n)]
    upper = np.triu(rng.uniform(0.01, 1, (n, n)), 1)  # noise: nothing deflates worse
    values = {name: upper + upper.T for name in ("verdict", "cka", "procrustes")}
    code = np.where(np.eye(n, dtype=bool), 0, CODES["partly_related"])
    made = study(names, names, values, dict.fromkeys(values, code))
    noisy = made.dataset.copy()
    for variable, share in (("low", -0.3), ("high", 0.3), ("p", 1.0)):
        noise = np.triu(rng.uniform(0, 1, (n, n)), 1)
        stacked = (noise + noise.T)[:, :, None, None] * share
        noisy[variable] = noisy["value"] * (variable != "p") + stacked
    gap, kind, place = cloud(n, 30)
    made = replace(made, dataset=noisy)
    text = render_study(made, classes_of(made, kind, gap, place))
    assert 5_000_000 < len(text.encode()) < LARGEST
    assert "no room for" not in text.lower()


def test_what_does_not_fit_is_kept_in_fewer_digits_or_named(monkeypatch: pytest.MonkeyPatch) -> None:
    made, classes = EVERYTHING["twenty-four"]
    first, second, _ = (cells_of(made, measure, "hidden") for measure in made.measures)
    room = sum(len(text) for text in (*packed(first).values(), *packed(second, fine=False).values()))
    monkeypatch.setattr("conjugacy.report.study.data._OURS", 0)
    monkeypatch.setattr("conjugacy.report.study.data._NAMED", 0)
    monkeypatch.setattr("conjugacy.report.study.data.LARGEST", room + 100)
    tables = tables_of(made, classes, order_of(made, classes))
    assert [table["fine"] for table in tables.packed] == [True, False]
    assert tables.coarse == ("cka (hidden)",)
    assert tables.left_out == ("procrustes (hidden)",)
    text = Reader(render_study(made, classes)).text
    assert "The page has no room for procrustes (hidden)" in text
    assert "cka (hidden): values rounded to two digits" in text


def test_numbers_come_back_as_exactly_as_the_page_says() -> None:
    made, classes = EVERYTHING["twenty-four"]
    assert classes is not None
    data = json.loads(page("twenty-four").scripts[0])
    order = order_of(made, classes)
    assert data["rows"] == [made.networks[0][i] for i in order.rows]
    table = data["tables"][0]
    assert table["symmetric"]
    at = np.triu_indices(24)
    pairs = np.ix_(order.rows, order.columns)
    value, low, high, p = (made.table(v, "verdict")[pairs][at] for v in ("value", "low", "high", "p"))
    there = np.isfinite(value)
    found = unpacked(table, "value")
    assert np.array_equal(np.isnan(found), ~there)
    assert np.abs(found - value)[there].max() <= (np.abs(value) / 2000)[there].max()
    assert np.allclose(found[there], value[there], rtol=1 / 2000)
    assert np.allclose(unpacked(table, "gap_low")[there], (value - low)[there], rtol=1 / 30)
    assert np.allclose(unpacked(table, "gap_high")[there], (high - value)[there], rtol=1 / 30)
    assert np.allclose(unpacked(table, "p")[there], p[there], rtol=1 / 60)
    status = np.frombuffer(zlib.decompress(base64.b64decode(table["status"])), np.uint8)
    assert np.array_equal(status, made.table("status", "verdict")[pairs][at])


@pytest.mark.parametrize(
    ("values", "logarithmic", "low", "high"),
    [
        ([0.0, 0.2, 0.9], False, 0, 1),  # within 0 and 1
        ([0.001, 0.01, 0.1, 0.9], True, 0.001, 0.9),  # decades
        ([-3.0, 1.0, 5.0], False, -3, 5),
        ([2.0, 3.0, 4.0], False, 2, 4),
        ([*np.linspace(1, 2, 400), 1e6], False, 1, 2),  # one far out does not make the others look alike
        ([np.nan, np.nan], False, 0, 1),
    ],
)
def test_colours_span_the_values(values: list[float], logarithmic: bool, low: float, high: float) -> None:
    table = np.array([values])
    names = [f"n{j}" for j in range(len(values))]
    made = study(["one"], names, {"distance": table}, {"distance": np.full(table.shape, CODES["ok"])})
    (packed_table,) = tables_of(made, None, order_of(made, None)).packed
    assert packed_table["logarithmic"] == logarithmic
    assert packed_table["low"] == pytest.approx(low, rel=0.05, abs=0.02)
    assert packed_table["high"] == pytest.approx(high, rel=0.05)
    assert packed_table["above"] == bool(np.nanmax([*values, 0]) > packed_table["high"])


def test_half_a_table_is_mirrored_and_an_asymmetric_one_is_kept_whole() -> None:
    made, _ = sorted_study(6, 2)
    half = made.dataset.copy(deep=True)
    for name in half:
        lower = np.tril_indices(6, -1)
        half[name].values[lower] = 0 if name == "status" else np.nan
    whole, mirrored = cells_of(made, "verdict", "hidden"), cells_of(replace(made, dataset=half), "verdict", "hidden")
    assert mirrored.symmetric
    assert np.array_equal(mirrored.status, whole.status)
    assert np.array_equal(mirrored.values, whole.values, equal_nan=True)
    other = made.dataset.copy(deep=True)
    other["value"].values[4, 1] *= 1.5
    kept = cells_of(replace(made, dataset=other), "verdict", "hidden")
    assert not kept.symmetric
    assert len(unpacked(packed(kept), "value")) == 36


def test_the_headline_counts() -> None:
    text = page("twenty-four").text
    assert "24 networks, 276 pairs" in text
    assert "5 classes of two networks or more" in text
    assert "tolerance 5 % of variance" in text
    assert "broken.npz : the file ends early" in text or "broken.npz: the file ends early" in text
    undecided, _ = sorted_study(3, 1)
    undecided.dataset["status"].values[:] = CODES["undecided"]
    assert "undecided pairs 3" in Reader(render_study(undecided, None)).text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no networks", "pairs compared 0 there are no networks that could be read"),
        ("no pairs", "classes none the networks were not sorted: they were not asked for"),
        ("nothing sorted", "no pair that was compared, and no class"),
        ("all alone", "No two networks are in one class"),
        ("rectangular", "a network of the first list (row) with one of the second (column)"),
        ("rectangular", "the networks were not sorted"),
        ("one network", "1 network, 0 pairs"),
    ],
)
def test_what_is_not_there_is_said(name: str, words: str) -> None:
    assert words in page(name).text


@pytest.mark.parametrize("name", EVERYTHING)
def test_no_section_is_empty(name: str) -> None:
    made, classes = EVERYTHING[name]
    assert empty_headings(render_study(made, classes, links={})) == []


def test_classes_by_distance_claim_no_equivalence() -> None:
    made, classes = EVERYTHING["twenty-four"]
    assert classes is not None
    untested = replace(classes, tested=False, measure="cka", relations=(), intransitive=0)
    text = Reader(render_study(made, untested)).text
    assert "clusters by distance, not tested for equivalence" in text
    printed = terminal_study(made, untested)
    assert "clusters by distance, not tested for equivalence" in " ".join(printed.split())
    assert "pairs undecided" not in printed
    assert "pairs undecided" in terminal_study(made, classes) or not any(g.undecided for g in classes.groups)
    assert "so it cannot say which class determines which" in text
    assert "No triple is intransitive" not in text


def test_circles_of_relations_are_told() -> None:
    made, classes = EVERYTHING["twenty-four"]
    assert classes is not None
    names = tuple(group.name for group in classes.groups[:3])
    text = Reader(render_study(made, replace(classes, cycles=(names,)))).text
    assert "lead round in a circle" in text
    assert "classes 1, 2, 3" in text


def test_too_many_networks_leave_one_of_each_class(monkeypatch: pytest.MonkeyPatch) -> None:
    n = 40
    made, classes = sorted_study(n, 9)
    monkeypatch.setattr("conjugacy.report.study.order.MOST_NETWORKS", n - 1)
    order = order_of(made, classes)
    kept = {made.networks[0][i] for i in order.rows}
    assert kept == {group.representative for group in classes.groups}
    assert f"show 9 of {n} networks" in order.left_out
    assert order.tree == []
    assert len(order_of(made, None).rows) == n - 1
    text = Reader(render_study(made, classes)).text
    assert order.left_out in text


def test_every_branch_of_the_tree_ends_at_a_network_or_a_branch() -> None:
    made, classes = EVERYTHING["twenty-four"]
    order = order_of(made, classes)
    assert len(order.tree) == 23
    ends = sorted(x for a, b, low, high, _ in order.tree for x, height in ((a, low), (b, high)) if height == 0)
    assert ends == list(range(24))
    assert classes is not None
    assert isinstance(classes.clustering, Clustering)
    assert max(branch[4] for branch in order.tree) == pytest.approx(classes.clustering.linkage[-1, 2], rel=1e-3)


def test_arrows_lead_down_and_a_circle_does_not_hang() -> None:
    _, classes = EVERYTHING["all alone"]
    assert classes is not None
    graph = order_graph(classes)
    assert graph is not None
    at = {box.name: box.y for box in graph.boxes}
    assert all(at[r.source] < at[r.target] for r in classes.relations)
    first, last = classes.groups[0].name, classes.groups[-1].name
    circle = replace(classes, relations=(*classes.relations, Relation(last, first, 1, 0, 0, direct=True)))
    assert order_graph(circle) is not None
    assert order_graph(replace(classes, relations=())) is None


def test_a_large_order_is_cut_and_says_so() -> None:
    made, classes = sorted_study(MOST_BOXES + 20, MOST_BOXES + 20)
    graph = order_graph(classes)
    assert graph is not None
    assert len(graph.boxes) == MOST_BOXES
    assert graph.left_out == 20
    assert "20 smaller classes are left out here" in Reader(render_study(made, classes)).text


def test_pages_of_pairs_are_written_beside_and_linked(tmp_path: Path) -> None:
    made, classes = EVERYTHING["twenty-four"]
    assert classes is not None
    asked: list[tuple[str, str]] = []

    def compare_pair(a: str, b: str) -> Any:
        asked.append((a, b))
        return None if len(asked) == 2 else comparison("equivalent", networks=(a, b))

    path = made.report(tmp_path / "my study.html", classes=classes, pages=3, compare_pair=compare_pair)
    first = [group.representative for group in classes.groups[:3]]
    assert asked[:3] == [(first[0], first[1]), (first[0], first[2]), (first[1], first[2])]
    assert len(asked) == 4
    written = sorted((tmp_path / "my study_pairs").iterdir())
    assert len(written) == 3
    links = re.findall(r'<a href="([^"]+)"', path.read_text(encoding="utf-8"))
    assert links == [f"my%20study_pairs/{file.name}" for file in written]


def test_pairs_are_chosen_once_and_undecided_ones_last() -> None:
    made, classes = EVERYTHING["three"]
    made.dataset["status"].values[0, 2] = CODES["undecided"]
    found = list(telling_pairs(made, classes))
    assert len({frozenset(pair) for pair in found}) == len(found)
    assert all(a != b for a, b in found)
    without = list(telling_pairs(made, None))
    assert without == [(made.networks[0][0], made.networks[0][2])]


def test_pairs_are_compared_from_their_recordings_where_these_are_left(tmp_path: Path) -> None:
    made, classes = sorted_study(3, 2)
    assert classes is not None
    first, second = (group.representative for group in classes.groups)
    x = np.random.default_rng(0).normal(size=(60, 3))
    for name in (first, second):
        np.savez(tmp_path / f"{name}.npz", hidden=x, outputs=x[:, :1])
    paths = {name: str(tmp_path / f"{name}.npz") for name in made.networks[0]}
    made = replace(made, settings={**made.settings, "paths": paths, "tolerance": 0.1})
    found = in_full(made, "verdict")(first, second)
    assert found is not None
    assert found.verdict.representation.answer == "equivalent"
    assert found.tolerance == 0.1
    made.report(tmp_path / "page.html", classes=classes, pages=5)
    assert [p.name for p in (tmp_path / "page_pairs").iterdir()] == [file_name(1, first, second)]


def test_pages_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    made, classes = EVERYTHING["three"]
    text = Reader(made.report(tmp_path / "page.html", classes=classes, pages=2).read_text(encoding="utf-8")).text
    assert "no pair got a page of its own" in text
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]


def test_wrong_arguments_are_input_errors_and_nothing_is_written(tmp_path: Path) -> None:
    made, classes = EVERYTHING["three"]
    with pytest.raises(InputError, match="expected a whole number of at least 0"):
        made.report(tmp_path / "page.html", classes=classes, pages=-1)
    with pytest.raises(InputError, match="no folder"):
        made.report(tmp_path / "missing" / "page.html", classes=classes)
    assert list(tmp_path.iterdir()) == []


def test_a_study_writes_prints_and_shows_itself(tmp_path: Path) -> None:
    made, _ = sorted_study(6, 2)
    text = str(made)
    assert text.startswith("6 networks, 15 pairs")
    assert "2 classes of two networks or more" in text
    assert made._repr_html_().startswith("<div")
    against = rectangular()
    written = against.report(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "this study compares 6 with 9 others" in Reader(written).text
    assert "classes need every network" in str(against)
    many, _ = sorted_study(40, 3)
    assert "40 networks are too many to sort when printed" in str(many)


def test_long_lists_are_shortened_in_the_terminal() -> None:
    made, classes = sorted_study(120, 1, unread={f"file{i}.npz": "no such file" for i in range(30)})
    text = terminal_study(made, classes)
    assert "and 112 more" in text
    assert "and 20 more" in text
    assert len(text.splitlines()) < 30
