"""One figure of a comparison: as a file for a paper, or on the Axes of the caller."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conjugacy.asked import one_of
from conjugacy.report.comparison.page_order import file_figures
from conjugacy.report.comparison.section import FileFigure
from conjugacy.report.figures.place import onto_axes, to_place
from conjugacy.results.axis import FITTED_AXES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from conjugacy.comparison import Comparison


def write_figure(comparison: Comparison, name: str, path: str | Path, *, axis: str) -> Path:
    """Draw one figure and write it, whole or not at all; what may be asked is in `Comparison.figure`."""
    known = _known(name, axis)
    return to_place(path, known.size, lambda figure: known.draw(figure, comparison, axis))


def draw_figure(comparison: Comparison, name: str, ax: Axes | None, *, axis: str) -> Axes:
    """Draw one figure in place of Axes, else in a new figure; what may be asked is in `Comparison.figure`."""
    known = _known(name, axis)
    return onto_axes(ax, known.size, lambda figure: known.draw(figure, comparison, axis))


def _known(name: str, axis: str) -> FileFigure:
    known = file_figures()
    one_of("axis", axis, FITTED_AXES)
    return known[one_of("figure", name, known)]
