"""The classes by size, each with the name of its representative."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conjugacy.errors import InputError
from conjugacy.report.figures.layers import drawable
from conjugacy.report.figures.style import BAND, EDGE
from conjugacy.report.layer_grid import shortened
from conjugacy.report.study.data import look

if TYPE_CHECKING:
    from conjugacy.report.study.figure_file import StudyDrawn

SIZE = (440.0, 320.0)
MOST = 25


def draw(figure: Any, shown: StudyDrawn) -> None:
    """Draw a bar for every class of two or more, the largest first, and one for all that stand alone."""
    groups = shown.classes.groups
    shared = [group for group in groups if len(group.members) > 1]
    alone = len(groups) - len(shared)
    bars = [(shortened(g.name), len(g.members), look(k)[0]) for k, g in enumerate(shared[:MOST])]
    rest = sum(len(g.members) for g in shared[MOST:])
    bars += [(f"{len(shared) - MOST} more classes", rest, BAND)] if rest else []
    bars += [("alone", alone, BAND)] if alone else []
    bars += [("not sorted", len(shown.classes.unsorted), BAND)] if shown.classes.unsorted else []
    if not bars:
        raise InputError("figure: there are no classes; no network could be sorted")
    axes = figure.add_axes((0.32, 0.16, 0.62, 0.8))
    names, sizes, colours = zip(*bars, strict=True)
    drawn = axes.barh(range(len(bars)), sizes, color=colours, edgecolor=EDGE, linewidth=0.6, height=0.7)
    axes.set_ylim(-0.6, max(len(bars), 5) - 0.4)
    axes.bar_label(drawn, padding=3, fontsize=7)
    axes.set_yticks(range(len(bars)), [drawable(name) for name in names], fontsize=7)
    axes.invert_yaxis()
    axes.set_xlabel("networks")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.spines[["top", "right"]].set_visible(False)
