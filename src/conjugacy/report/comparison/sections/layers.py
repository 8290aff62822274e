"""Every layer of one network with every layer of the other, and any pair of them side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conjugacy.errors import InputError
from conjugacy.report.comparison.layer_choice import choice_data, has_choice
from conjugacy.report.comparison.section import FileFigure, Section
from conjugacy.report.figures.layers import draw_layers
from conjugacy.report.layer_grid import layer_grid

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from conjugacy.comparison import Comparison


def _values(comparison: Comparison, place: str) -> Mapping[str, Any] | None:
    verdict, found = comparison.verdict.representation, comparison.layer_map
    if found is None:
        return None
    return {"verdict": verdict, "grid": layer_grid(found, verdict.layers), "choice": has_choice(comparison)}


def _draw(figure: Figure, comparison: Comparison, axis: str) -> None:
    if comparison.layer_map is None:
        raise InputError("figure: there is no layer map; it needs hidden layers of both networks with matched rows")
    draw_layers(figure, comparison.layer_map, comparison.verdict.representation.layers)


SECTION = Section(
    ("representation",),
    _values,
    title="Layer by layer",
    figure=FileFigure("layers", (420, 420), _draw),
    data={"choice-data": choice_data},
)
