"""Pictures of trajectories: what they say, in any colours; refused with a reason where there is nothing to draw."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from factory import comparison, motion, moving
from page_reader import Reader

from conjugacy.comparison import Comparison
from conjugacy.errors import InputError
from conjugacy.report import notebook_html
from conjugacy.report.comparison.render import render_page
from conjugacy.results import Motion

NAMES = ("states", "step_errors", "recurrence", "eigenvalues")
MATCHED, UNMATCHED = moving("trial", matched=True), moving("time", continuous=True)


def words(result: Comparison, name: str) -> str:
    """Return all that is written in a figure."""
    axes = result.figure(name)
    found = [text.get_text() for text in axes.figure.findobj(mpl.text.Text)]
    mpl.pyplot.close(axes.figure)
    return " ".join(found)


@pytest.mark.parametrize(
    ("result", "name", "said"),
    [
        (MATCHED, "states", ("A", "B, turned onto A", "one colour is one trial in both")),
        (UNMATCHED, "states", ("from the start of a trial",)),
        pytest.param(moving(), "states", ("left", "a condition with a name…"), marks=pytest.mark.slow),
        (MATCHED, "step_errors", ("B's next point, from A", "from A's past", "from its own past, or both", "100 %")),
        (
            UNMATCHED,
            "recurrence",
            ("B compared with A", "floor: halves", "null: its halves", "rank among all distances"),
        ),
        (MATCHED, "eigenvalues", ("unit circle", "A", "B", "residual", "imaginary part")),
        pytest.param(
            UNMATCHED, "eigenvalues", ("neither grows nor decays", "per unit of time"), marks=pytest.mark.slow
        ),
    ],
)
def test_a_figure_is_understood_without_the_page(result: Comparison, name: str, said: tuple[str, ...]) -> None:
    shown = words(result, name)
    for part in said:
        assert part in shown, shown


@pytest.mark.parametrize(("result", "name"), [(MATCHED, "recurrence"), (UNMATCHED, "step_errors")])
def test_what_does_not_apply_is_refused(result: Comparison, name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="figure: there are no"):
        result.figure(name, tmp_path / "a.svg")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_without_trajectories_there_is_nothing_to_draw(name: str) -> None:
    for result in (comparison(), replace(comparison(), motion=Motion())):
        with pytest.raises(InputError, match=r"figure: there are no"):
            result.figure(name)


@pytest.mark.slow
def test_files_are_the_same_every_time_and_have_no_colour_of_the_page(tmp_path: Path) -> None:
    for result, name in (
        (MATCHED, "states"),
        (MATCHED, "step_errors"),
        (UNMATCHED, "recurrence"),
        (MATCHED, "eigenvalues"),
    ):
        text = result.figure(name, tmp_path / "a.svg").read_text()
        assert text == result.figure(name, tmp_path / "b.svg").read_text()
        assert not [f"#0{d}0{d}0{d}" for d in "123456789ab" if f"#0{d}0{d}0{d}" in text]


@pytest.mark.slow
def test_lines_of_both_networks_differ_without_their_colours() -> None:
    for result, name in ((UNMATCHED, "recurrence"), (MATCHED, "step_errors")):
        axes = result.figure(name)
        styles = {line.get_linestyle() for line in axes.get_lines() if len(np.atleast_1d(line.get_xdata()))}
        assert len(styles) > 1
        mpl.pyplot.close(axes.figure)
    axes = MATCHED.figure("eigenvalues")
    marks = {line.get_label(): line.get_marker() for line in axes.get_lines()}
    assert marks["A"] != marks["B"]
    mpl.pyplot.close(axes.figure)


@pytest.mark.slow
def test_the_page_says_what_is_drawn_and_left_out() -> None:
    matched, unmatched = (Reader(render_page(x)).text for x in (MATCHED, UNMATCHED))
    assert "5 of 60 trials" in matched
    assert "as well as a rotation can, by the trials that belong together" in matched
    assert "on 7 held-out trials" in matched
    assert "each network stands in its own coordinates" in unmatched
    assert "1 of A and 0 of B are zero, have no rate" in unmatched
    assert "dt 0.1 and 0.2" in unmatched
    assert "States are deviations from the averages of their conditions." in unmatched
    for title in ("How the states move", "Errors of the next point", "How states come back"):
        assert (title in matched) != (title in unmatched) or title == "How the states move"


def test_the_notebook_shows_the_states_in_colours_of_its_own() -> None:
    shown = notebook_html(MATCHED)
    assert "how the states move" in shown
    assert set(re.findall(r"var\((--[a-z-]+)\)", shown)) <= set(re.findall(r"(--[a-z-]+):#", shown))
    assert "<svg" not in notebook_html(comparison())


@pytest.mark.slow
def test_pictures_are_saved_and_drawn_again(tmp_path: Path) -> None:
    again = Comparison.load(MATCHED.save(tmp_path / "ab.safetensors"))
    assert render_page(again) == render_page(MATCHED)
    assert Comparison.load(UNMATCHED.save(tmp_path / "b.safetensors")).motion is not None


@pytest.mark.slow
def test_nothing_left_and_nothing_known_can_be_drawn() -> None:
    """Errors of 0, residuals that are not known, one time, intervals without trials."""
    found = motion("trial", matched=True)
    assert found.step_errors is not None
    assert found.spectra is not None
    empty = np.zeros((3, 3, 1))
    empty[:, 1:] = np.nan
    errors = replace(found.step_errors, times=np.ones(1), a_to_b=empty, b_to_a=empty)
    unknown = tuple(replace(one, residuals=np.full(len(one.values), np.nan)) for one in found.spectra)
    made = replace(comparison(dynamics="different"), motion=replace(found, step_errors=errors, spectra=unknown))
    assert "Errors of the next point" in render_page(made)
