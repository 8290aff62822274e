"""The layer x layer map as a figure for paper; the page has its own, which can be walked through."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font

from conjugacy.report.figures.style import INK, PAPER
from conjugacy.report.layer_grid import shortened, value_ends
from conjugacy.results import LayerMap

MOST_NAMES = 30


def draw_layers(figure: Figure, found: LayerMap, compared: tuple[str, str] | None) -> None:
    """Draw the map with its best path and the compared pair."""
    values = np.array([[np.nan if v is None else v for v in row] for row in found.values], dtype=np.float64)
    low, high = value_ends(values)
    axes = figure.add_axes((0.26, 0.3, 0.6, 0.62))
    image = axes.imshow(values, cmap=mpl.colormaps["cividis"], vmin=low, vmax=high, aspect="auto")
    _names(figure, found)
    if found.path:
        path = np.array(found.path)
        axes.plot(path[:, 1], path[:, 0], color=PAPER, linewidth=2.6)
        axes.plot(path[:, 1], path[:, 0], color=INK, linewidth=1.2, label="best path")
    if compared is not None and compared[0] in found.layers_a and compared[1] in found.layers_b:
        i, j = found.layers_a.index(compared[0]), found.layers_b.index(compared[1])
        axes.plot([j], [i], "s", markersize=9, markerfacecolor="none", markeredgecolor=PAPER, markeredgewidth=3.5)
        axes.plot([j], [i], "s", markersize=9, markerfacecolor="none", markeredgecolor=INK, label="compared pair")
    handles, _ = axes.get_legend_handles_labels()
    if handles:
        figure.legend(handles=handles, loc="lower left", bbox_to_anchor=(0.02, 0.0), frameon=False, fontsize=8, ncols=2)
    bar = figure.add_axes((0.89, 0.3, 0.025, 0.62))
    figure.colorbar(image, cax=bar, label=f"{found.measure} (no unit)")


def _names(figure: Figure, found: LayerMap) -> None:
    axes = figure.axes[0]
    for axis, names, which in ((axes.yaxis, found.layers_a, "A"), (axes.xaxis, found.layers_b, "B")):
        step = -(-len(names) // MOST_NAMES)
        shown = range(0, len(names), step)
        axis.set_ticks(list(shown), [drawable(shortened(names[i])) for i in shown], fontsize=7)
        axis.set_label_text(f"layers of {which}")
    axes.tick_params(axis="x", rotation=90)


def drawable(text: str) -> str:
    """Return text with a question mark for every sign that the figure's font does not have."""
    font = get_font(findfont("DejaVu Sans"))
    known = font.get_charmap()
    return "".join(c if ord(c) in known else "?" for c in text)
