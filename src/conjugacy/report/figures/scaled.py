"""A figure drawn in a place smaller than it was made for: letters, lines and marks shrink with it, so that nothing is cut."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import rcParams
from matplotlib.collections import Collection, PathCollection
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.offsetbox import DrawingArea, OffsetBox
from matplotlib.patches import Patch, Rectangle
from matplotlib.text import Annotation, Text

POINTS = 72  # to an inch
TITLE_GAP = 6.0  # points under a title


def scale_to(region: Any, size: tuple[float, float]) -> float:
    """Shrink everything in a region that is measured in points by how much the region is smaller than `size`, and say by what.

    A region as large as that, or larger, stays as it is.
    """
    points = POINTS / region.get_figure(root=True).dpi
    factor = min(1.0, *(float(side) * points / most for side, most in zip(region.bbox.size, size, strict=True)))
    if factor < 1.0:
        _shrink(region, factor)
    return factor


def _shrink(region: Any, f: float) -> None:
    sizes = [(text, text.get_fontsize() * f) for text in region.findobj(Text)]
    for axes in region.axes:
        _shrink_axes(axes, f)
    for text, size in sizes:
        text.set_fontsize(size)
        if isinstance(text, Annotation) and text.anncoords == "offset points":
            x, y = text.xyann
            text.xyann = f * x, f * y
    for line in region.findobj(Line2D):
        line.set(linewidth=f * line.get_linewidth(), markersize=f * line.get_markersize())
        line.set_markeredgewidth(f * line.get_markeredgewidth())
    for patch in region.findobj(Patch):
        patch.set_linewidth(f * patch.get_linewidth())
    for marks in region.findobj(Collection):
        marks.set_linewidth(f * marks.get_linewidth())
        if isinstance(marks, PathCollection):
            marks.set_sizes(f * f * marks.get_sizes())
    for legend in region.findobj(Legend):
        _shrink_legend(legend, f)


def _shrink_axes(axes: Any, f: float) -> None:
    settings: Any = rcParams
    for which in "xy":
        axis = getattr(axes, f"{which}axis")
        for minor in ("major", "minor"):
            known = {**axis.get_tick_params(which=minor)}
            length = known.get("length", settings[f"{which}tick.{minor}.size"])
            pad = known.get("pad", settings[f"{which}tick.{minor}.pad"])
            axis.set_tick_params(which=minor, length=f * length, pad=f * pad)
        labels = [*axis.get_ticklabels()]
        if labels:
            axis.set_tick_params(labelsize=f * labels[0].get_fontsize())
        axis.labelpad *= f
    title = axes.title
    if title.get_text():
        own = {"fontsize": title.get_fontsize(), "fontweight": title.get_fontweight(), "color": title.get_color()}
        axes.set_title(title.get_text(), pad=f * TITLE_GAP, **own)


def _shrink_legend(legend: Any, f: float) -> None:
    legend.borderaxespad *= f
    for box in legend.findobj(OffsetBox):
        for name in ("pad", "sep", "width", "height", "xdescent", "ydescent"):
            own = getattr(box, name, None)
            if isinstance(own, (int, float)):
                setattr(box, name, f * own)
        if isinstance(box, DrawingArea):
            for mark in box.get_children():
                _shrink_mark(mark, f)


def _shrink_mark(mark: Any, f: float) -> None:
    if isinstance(mark, Line2D):
        mark.set_data(f * np.asarray(mark.get_xdata()), f * np.asarray(mark.get_ydata()))
    elif isinstance(mark, Rectangle):
        mark.set_bounds(*(f * x for x in (mark.get_x(), mark.get_y(), mark.get_width(), mark.get_height())))
