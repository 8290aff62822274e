"""The page's figures as files: of the kind asked for, the same every time, refused with a reason where there is nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from factory import comparison, hostile, layer_planes, plane, same_task

from conjugacy.errors import InputError
from conjugacy.report.figures.style import new_figure, to_svg

DRAWN = plane(60, classes=10)
SAME_TASK = replace(same_task(), plane=DRAWN, layer_planes=layer_planes(2, DRAWN))
HEADS = {"svg": b"<?xml", "pdf": b"%PDF", "png": b"\x89PNG"}


FORMS = [
    pytest.param(name, ending, marks=[pytest.mark.slow] if name != "ladder" and ending != "svg" else [])
    for name in ("ladder", "planes", "layers", "errors")
    for ending in HEADS
]


@pytest.mark.parametrize(("name", "ending"), FORMS)
def test_every_figure_in_every_form(name: str, ending: str, tmp_path: Path) -> None:
    path = SAME_TASK.figure(name, tmp_path / f"a.{ending}")
    data = path.read_bytes()
    assert data.startswith(HEADS[ending])
    assert SAME_TASK.figure(name, tmp_path / f"b.{ending}").read_bytes() == data
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"a.{ending}", f"b.{ending}"]


def test_no_colour_of_the_page_is_left_unreplaced(tmp_path: Path) -> None:
    for name in ("ladder", "planes", "layers", "errors"):
        text = SAME_TASK.figure(name, tmp_path / "a.svg").read_text()
        assert not [f"#0{d}0{d}0{d}" for d in "123456789ab" if f"#0{d}0{d}0{d}" in text]


def test_names_that_no_font_has_do_no_harm(tmp_path: Path) -> None:
    found = replace(hostile(), layer_map=replace(hostile().layer_map, layers_b=("层", "x" * 90)))
    assert found.figure("layers", tmp_path / "a.svg").stat().st_size > 1000
    assert found.figure("errors", tmp_path / "a.pdf").stat().st_size > 1000


@pytest.mark.parametrize(
    ("name", "file", "axis", "words"),
    [
        ("ladders", "a.svg", "representation", "there is no figure 'ladders'.*ladder"),
        ("ladder", "a.jpg", "representation", "ends in .svg, .pdf, .png"),
        ("ladder", "no/a.svg", "representation", "there is no folder"),
        ("ladder", "a.svg", "outputs", "there is no axis 'outputs'"),
        ("ladder", "a.svg", "function", "was not tested"),
        ("errors", "a.svg", "representation", "was not tested"),
        ("planes", "a.svg", "representation", "there are no planes"),
        ("layers", "a.svg", "representation", "there is no layer map"),
        ("sweeps", "a.svg", "representation", "there is no sweep"),
    ],
)
def test_what_cannot_be_drawn(name: str, file: str, axis: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=words):
        comparison().figure(name, tmp_path / file, axis=axis)
    assert list(tmp_path.iterdir()) == []


def test_a_plane_coloured_by_a_scale(tmp_path: Path) -> None:
    made = same_task()
    scale = replace(made.plane, colours=np.linspace(0, 1, len(made.plane.rows)))
    assert replace(made, plane=scale).figure("planes", tmp_path / "a.svg").exists()


def test_a_hatch_is_found_under_its_new_name():
    with new_figure(100, 80) as figure:
        figure.add_subplot().bar([0], [1], hatch="///")
        text = to_svg(figure, "f-", "a hatched bar")
    named = re.findall(r"url\(#([^)]+)\)", text)
    assert named
    assert all(f'id="{one}"' in text for one in named)
