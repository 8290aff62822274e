"""Trials of both networks as paths in two coordinates, side by side: the same colour is the same condition, trial or time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from conjugacy.report.figures.plane import scale_colour
from conjugacy.report.figures.style import GRID, INK, MUTED, new_figure, to_svg
from conjugacy.results import StatePaths

SIZE = (640, 330)
PIECES = 8  # of one path, where colours are the time in the trial
# those of Okabe and Ito that can be seen as thin lines on either theme; shapes tell them apart in grey
_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", MUTED)
_SHAPES = ("o", "s", "^", "D", "v", "P", "X")
Look = tuple[str, str, str]  # colour, shape at the start, style of the line


def paths_figure(found: StatePaths, prefix: str, label: str) -> str:
    """Return both panels as SVG."""
    with new_figure(*SIZE) as figure:
        draw_paths(figure, found)
        return to_svg(figure, prefix, label, {})


def draw_paths(figure: Figure, found: StatePaths) -> None:
    """Draw A's paths and B's in the same coordinates and at one scale."""
    both = np.concatenate([found.a.reshape(-1, 2), found.b.reshape(-1, 2)])
    low, high = np.nanmin(both, axis=0), np.nanmax(both, axis=0)
    middle, half = (low + high) / 2.0, 0.55 * float((high - low).max() or 1.0)
    sides = ((found.a, found.means_a, found.groups_a), (found.b, found.means_b, found.groups_b))
    looks = _looks(found)
    for i, (paths, means, groups) in enumerate(sides):
        axes = figure.add_axes((0.08 + 0.48 * i, 0.22, 0.42, 0.7))
        _frame(axes)
        axes.set_xlim(middle[0] - half, middle[0] + half)
        axes.set_ylim(middle[1] - half, middle[1] + half)
        turned = "" if i == 0 or found.alignment == "none" else ", turned onto A"
        axes.set_title("AB"[i] + turned, fontsize=9, fontweight="bold")
        for path, group in zip(paths, groups, strict=True):
            _path(axes, path, looks[group] if found.colours != "time" else None, bold=False, thin=len(means) > 0)
        for path, look in zip(means, looks, strict=False):
            _path(axes, path, look, bold=True, thin=False)
        if i:
            axes.tick_params(labelleft=False)
        else:
            axes.set_ylabel("second coordinate")
    _legend(figure, found, looks)


def _looks(found: StatePaths) -> list[Look]:
    """Return how every group is drawn: conditions by colour and shape, trials by where A starts."""
    if found.conditions:
        count = len(_COLOURS)
        return [
            (_COLOURS[i % count], _SHAPES[i % count], "-" if i < count else "--") for i in range(len(found.conditions))
        ]
    starts = found.a[:, 0, 0]
    ranks = np.argsort(np.argsort(starts)) / max(len(starts) - 1, 1)
    return [(scale_colour(float(r)), "o", "-") for r in ranks]


def _path(axes: Axes, path: np.ndarray, look: Look | None, *, bold: bool, thin: bool) -> None:
    path = path[np.isfinite(path).all(axis=1)]
    if not len(path):
        return
    width = 2.2 if bold else 0.6 if thin else 0.9
    if look is None:
        ends = np.linspace(0, len(path) - 1, PIECES + 1).round().astype(int)
        for k in range(PIECES):
            piece = path[ends[k] : ends[k + 1] + 1]
            axes.plot(piece[:, 0], piece[:, 1], color=scale_colour(k / (PIECES - 1)), linewidth=width)
        axes.plot(path[:1, 0], path[:1, 1], "o", color=scale_colour(0.0), markersize=2.6)
        return
    colour, shape, style = look
    axes.plot(path[:, 0], path[:, 1], color=colour, linewidth=width, linestyle=style, alpha=0.5 if thin else 1.0)
    if bold or not thin:
        axes.plot(path[:1, 0], path[:1, 1], shape, color=colour, markersize=6 if bold else 3, markeredgecolor=INK,
                  markeredgewidth=0.5)  # fmt: skip


def _legend(figure: Figure, found: StatePaths, looks: Sequence[Look]) -> None:
    axes = figure.axes[0]
    if found.conditions:
        for name, (colour, shape, style) in zip(found.conditions, looks, strict=True):
            axes.plot([], [], linestyle=style, marker=shape, color=colour, linewidth=2, markersize=5, markeredgecolor=INK,
                      markeredgewidth=0.5, label=name if len(name) <= 24 else f"{name[:23]}…")  # fmt: skip
        handles, words = axes.get_legend_handles_labels()
        figure.legend(handles, words, loc="lower center", ncols=7, frameon=False, fontsize=7.5, columnspacing=1.2)
        return
    said = {
        "trial": "one colour is one trial in both, from low (dark) to high (light) where A starts; dots: starts",
        "time": "from the start of a trial (dark, dot) to its end (light)",
    }[found.colours]
    figure.text(0.5, 0.03, said, fontsize=8, ha="center")


def _frame(axes: Axes) -> None:
    axes.set_aspect("equal", adjustable="box")
    axes.grid(color=GRID, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.locator_params(nbins=5)
    axes.set_xlabel("first coordinate (over the spread of the states)")
    axes.spines[["top", "right"]].set_visible(False)
