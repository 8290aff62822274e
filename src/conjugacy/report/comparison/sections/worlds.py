"""Networks that saw different stimuli, in the coordinates of one world."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from conjugacy.errors import InputError
from conjugacy.report.comparison.section import TOP, FileFigure, Section
from conjugacy.report.figures.worlds import SIZE, draw_worlds, worlds_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from conjugacy.comparison import Comparison


def _values(comparison: Comparison, place: str) -> Mapping[str, Any] | None:
    match = comparison.intrinsic
    if match is None:
        return None
    label = "Rows of both networks in the coordinates of the world behind both, apart and one over the other."
    drawn = worlds_figure(match, "worlds-", label) if match.points_b.size else None
    return {"match": match, "figure": None if drawn is None else Markup(drawn)}  # noqa: S704  (matplotlib escapes)


def _draw(figure: Figure, comparison: Comparison, axis: str) -> None:
    if comparison.intrinsic is None or not comparison.intrinsic.points_b.size:
        raise InputError(
            "figure: no two worlds were laid over each other; that needs match='intrinsic', and one alignment"
        )
    draw_worlds(figure, comparison.intrinsic)


SECTION = Section(
    (TOP,), _values, title="Different stimuli, one world", id="worlds", figure=FileFigure("worlds", SIZE, _draw)
)
