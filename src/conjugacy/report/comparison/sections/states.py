"""How both networks' states move: trials as paths, B laid over A as far as trials belong together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from conjugacy.errors import InputError
from conjugacy.report.comparison.section import FileFigure, Section
from conjugacy.report.figures.paths import SIZE, draw_paths, paths_figure
from conjugacy.report.words import percent_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from conjugacy.comparison import Comparison
    from conjugacy.results import StatePaths

ALIGNED = {
    "trials": "The coordinates are A's: B is turned onto A as well as a rotation can, by the trials that belong together",
    "conditions": "The coordinates are A's: B is turned onto A as well as a rotation can, by the averages of the conditions",
    "none": "No trial of one belongs to a trial of the other, so each network stands in its own coordinates: turns and "
    "mirror images of a path mean nothing",
}


def _values(comparison: Comparison, place: str) -> Mapping[str, Any] | None:
    found = _found(comparison)
    if found is None:
        return None
    drawn = paths_figure(found, "states-", "Paths of both networks' states in two coordinates, side by side.")
    return {"found": found, "figure": Markup(drawn), "said": _said(found)}  # noqa: S704  (matplotlib escapes)


def _said(found: StatePaths) -> str:
    shares = f"they show {percent_of(found.variance[0])} of A's variance and {percent_of(found.variance[1])} of B's"
    shown = [f"{len(x)} of {n}" for x, n in zip((found.a, found.b), found.trials, strict=True) if len(x) < n]
    part = f" Drawn are {' and '.join(dict.fromkeys(shown))} trials, evenly taken." if shown else ""
    mean = " Bold: the average of each condition." if len(found.means_a) else ""
    return (
        f"Every line is a trial in two principal coordinates; {shares}. {ALIGNED[found.alignment]}.{mean}{part} "
        "The picture decides nothing."
    )


def _found(comparison: Comparison) -> StatePaths | None:
    return None if comparison.motion is None else comparison.motion.states


def _draw(figure: Figure, comparison: Comparison, axis: str) -> None:
    found = _found(comparison)
    if found is None:
        raise InputError("figure: there are no paths of states; they need trajectories")
    draw_paths(figure, found)


SECTION = Section(
    ("dynamics",), _values, title="How the states move", id="states", figure=FileFigure("states", SIZE, _draw)
)
