"""The calibration in one figure: answers kind by kind, and estimates against the truth near the tolerance."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from worlds import KINDS

if TYPE_CHECKING:
    from summary import Row

COLOURS = {"right": "#0072b2", "undecided": "#c8c8c8", "wrong": "#d55e00"}
STATES = {"holds": ("#0072b2", "o"), "undecided": ("#8c8c8c", "s"), "fails": ("#e69f00", "^")}
TOLERANCE = 0.05


def draw(rows: Sequence[Row], path: Path) -> None:
    """Write the figure as SVG; the same rows give the same file."""
    style = {"svg.hashsalt": "calibration", "svg.fonttype": "path", "font.size": 8, "axes.spines.top": False,
             "axes.spines.right": False}  # fmt: skip
    with mpl.rc_context(style):
        figure = Figure(figsize=(11, 6.2), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(1.25, 1))
        _answers(left, rows)
        _near(right, rows)
        path.parent.mkdir(exist_ok=True)
        figure.savefig(path, metadata={"Date": None})


def _answers(axes: Axes, rows: Sequence[Row]) -> None:
    cells = [(300, 2), (300, 5), (300, 8), (1000, 2), (1000, 5)]
    height, gap = 0.15, 0.16
    for i, kind in enumerate(KINDS):
        for j, (m, d) in enumerate(cells):
            own = [row for row in rows if (row.kind, row.m, row.d) == (kind, m, d)]
            start = 0.0
            for outcome, colour in COLOURS.items():
                width = sum(row.outcome == outcome for row in own) / max(len(own), 1)
                axes.barh(i + (j - 2) * gap, width, height, start, color=colour, linewidth=0)
                start += width
    axes.set_yticks(range(len(KINDS)), list(KINDS))
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of pairs")
    for outcome, colour in COLOURS.items():
        axes.barh([0], [0], color=colour, label=outcome)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.06), ncols=3, frameon=False)
    axes.set_title("Answers; bars of a kind from above: 300 rows, d = 2, 5, 8; 1000 rows, d = 2, 5", fontsize=8, pad=22)


def _near(axes: Axes, rows: Sequence[Row]) -> None:
    graded = [row.ways[0] for row in rows if row.kind.startswith("graded") and row.d == 2]
    axes.axvspan(TOLERANCE / 1.5, TOLERANCE * 1.5, color="#eeeeee", linewidth=0)
    for state, (colour, marker) in STATES.items():
        ways = [way for way in graded if way.state() == state]
        true, u = np.array([way.true for way in ways]), np.array([way.u for way in ways])
        ends = np.array([[max(way.u - way.low, 0), max(way.high - way.u, 0)] for way in ways]).reshape(-1, 2).T
        axes.errorbar(true, u, ends, fmt=marker, color=colour, markersize=3.5, linewidth=0.8, label=f"judged: {state}")
    limits = (0.008, 0.3)
    axes.plot(limits, limits, color="black", linewidth=0.6, linestyle=":")
    axes.axhline(TOLERANCE, color="black", linewidth=0.8)
    axes.annotate("tolerance", (limits[0] * 1.05, TOLERANCE * 1.04))
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(limits)
    axes.set_ylim(limits)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda v, _: f"{100 * v:g}")
        axis.set_ticks([0.01, 0.02, 0.05, 0.1, 0.2])
        axis.set_ticks([], minor=True)
    axes.set_xlabel("true unexplained variance of B from A, %")
    axes.set_ylabel("estimate with its interval, %")
    axes.legend(loc="upper left", frameon=False)
    axes.set_title("Graded kinds, d = 2; grey band: within a factor 1.5 of the tolerance", fontsize=8)
