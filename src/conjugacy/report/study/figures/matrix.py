"""Every network with every other: answers with a letter each, so that they can be told apart in grey, or values on a scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.patches import Patch

from conjugacy.report.figures.layers import drawable
from conjugacy.report.figures.style import INK, PAPER
from conjugacy.report.layer_grid import shortened, value_ends
from conjugacy.report.study.cells import cells_of
from conjugacy.report.study.order import order_of
from conjugacy.report.study.words import LETTERS, states
from conjugacy.results.axis import ANSWERS
from conjugacy.results.states import STATES

if TYPE_CHECKING:
    from conjugacy.report.study.figure_file import StudyDrawn

SIZE = (460.0, 460.0)
MOST_NAMES, MOST_LETTERS = 40, 40


def draw(figure: Any, shown: StudyDrawn) -> None:
    """Draw the matrix in the order of the classes' tree where there are classes, else of the study."""
    study = shown.study
    # of several, the first, as on the page; the title says which one it is
    measure = shown.measure or study.measures[0]
    pair = shown.layer_pair or next(iter(study.counts()[measure]))
    status = study.table("status", measure, pair)
    order = order_of(study, shown.classes)
    cells = cells_of(study, measure, pair).taken(order.rows, order.columns)
    axes = figure.add_axes((0.26, 0.3, 0.6, 0.6))
    if {STATES[code] for code in np.unique(status)} & {*ANSWERS}:
        _answers(figure, axes, cells.status)
    else:
        _values(figure, axes, cells.values, measure)
    names = study.networks
    for axis, own, places in ((axes.yaxis, names[0], order.rows), (axes.xaxis, names[1], order.columns)):
        step = -(-len(places) // MOST_NAMES)
        at = range(0, len(places), step)
        axis.set_ticks(list(at), [drawable(shortened(own[places[i]])) for i in at], fontsize=6.5)
    axes.tick_params(axis="x", rotation=90)
    axes.set_title(drawable(f"{measure}, {pair}"), fontsize=8)


def _answers(figure: Any, axes: Any, status: np.ndarray) -> None:
    known = states()
    colours = [state.colour or "#ffffff" for state in known]
    norm = BoundaryNorm(np.arange(len(known) + 1) - 0.5, len(known))
    axes.imshow(status, cmap=ListedColormap(colours), norm=norm, aspect="auto", interpolation="nearest")
    there = np.unique(status)
    if max(status.shape) <= MOST_LETTERS:
        for (i, j), code in np.ndenumerate(status):
            axes.text(j, i, LETTERS.get(STATES[code], ""), ha="center", va="center", fontsize=7, color=INK)
    handles = [
        Patch(
            facecolor=colours[c],
            edgecolor=INK,
            linewidth=0.5,
            label=f"{LETTERS.get(STATES[c], ' ')}  {known[c].words}",
        )
        for c in there
    ]
    figure.legend(handles=handles, loc="lower left", ncols=2, frameon=False, fontsize=7.5)


def _values(figure: Any, axes: Any, values: np.ndarray, measure: str) -> None:
    shown = values.astype(float)
    low, high = value_ends(shown)
    axes.set_facecolor(PAPER)
    image = axes.imshow(
        shown, cmap=mpl.colormaps["cividis"], vmin=low, vmax=high, aspect="auto", interpolation="nearest"
    )
    bar = figure.add_axes((0.89, 0.3, 0.025, 0.6))
    figure.colorbar(image, cax=bar, label=drawable(f"{measure} (no unit)"))
