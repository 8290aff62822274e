"""The tree that joins the nearest networks first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conjugacy.errors import InputError
from conjugacy.report.figures.layers import drawable
from conjugacy.report.figures.style import INK
from conjugacy.report.layer_grid import shortened
from conjugacy.report.study.order import order_of

if TYPE_CHECKING:
    from conjugacy.report.study.figure_file import StudyDrawn

SIZE = (420.0, 420.0)
MOST_NAMES = 60


def draw(figure: Any, shown: StudyDrawn) -> None:
    """Draw the branches, names at the leaves."""
    order = order_of(shown.study, shown.classes)
    if not order.tree:
        raise InputError("figure: there is no tree; it needs distances between all of a few networks")
    axes = figure.add_axes((0.3, 0.12, 0.66, 0.84))
    for left, right, low, other, height in order.tree:
        axes.plot([low, height, height, other], [left, left, right, right], color=INK, linewidth=0.9)
    names, step = shown.study.networks[0], -(-len(order.rows) // MOST_NAMES)
    at = range(0, len(order.rows), step)
    axes.set_yticks(list(at), [drawable(shortened(names[order.rows[i]])) for i in at], fontsize=6.5)
    axes.set_ylim(len(order.rows) - 0.5, -0.5)
    axes.set_xlim(left=0)
    axes.set_xlabel(drawable(f"distance by {shown.classes.measure}"))
    axes.spines[["top", "right"]].set_visible(False)
