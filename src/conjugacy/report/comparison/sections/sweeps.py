"""How well linear models of the trajectories forecast, over delays and coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from conjugacy.errors import InputError
from conjugacy.report.comparison.section import FileFigure, Section
from conjugacy.report.figures.sweeps import SIZE, draw_sweeps, sweeps_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from conjugacy.comparison import Comparison


def _values(comparison: Comparison, place: str) -> Mapping[str, Any] | None:
    if comparison.sweeps is None:
        return None
    label = "Held-out error of linear models one step ahead over the number of coordinates kept, a line per number of delays."
    return {"figure": Markup(sweeps_figure(comparison.sweeps, "sweeps-", label))}  # noqa: S704  (matplotlib escapes)


def _draw(figure: Figure, comparison: Comparison, axis: str) -> None:
    if comparison.sweeps is None:
        raise InputError("figure: there is no sweep over delays and ranks; it needs trajectories")
    draw_sweeps(figure, comparison.sweeps)


SECTION = Section(
    ("dynamics",),
    _values,
    title="How many delays and coordinates",
    id="sweeps",
    figure=FileFigure("sweeps", SIZE, _draw),
)
