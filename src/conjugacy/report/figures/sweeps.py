"""How well linear models of each network forecast: held-out error over the number of coordinates, a line per number of delays."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from conjugacy.report.figures.style import A_TO_B, B_TO_A, FAILS, GRID, HOLDS, MUTED, OPEN, new_figure, to_svg
from conjugacy.results import Sweep
from conjugacy.results.digits import tick_words

SIZE = (620, 300)
SMALLEST = 1e-8
_LINES = ((MUTED, "o", ":"), (OPEN, "^", "-."), (HOLDS, "s", "--"), (B_TO_A, "D", (0, (6, 2))), (A_TO_B, "v", "-"))


def sweeps_figure(found: tuple[Sweep, Sweep], prefix: str, label: str) -> str:
    """Return both sweeps as SVG."""
    with new_figure(*SIZE) as figure:
        draw_sweeps(figure, found)
        return to_svg(figure, prefix, label, {})


def draw_sweeps(figure: Figure, found: tuple[Sweep, Sweep]) -> None:
    """Draw one panel for each network."""
    shared: Axes | None = None
    known = np.concatenate([one.errors[np.isfinite(one.errors)] for one in found])
    low, high = max(SMALLEST / 2, float(known.min()) / 2), max(1.0, float(known.max())) * 1.5
    for i, (name, one) in enumerate(zip("AB", found, strict=True)):
        axes = figure.add_axes((0.09 + 0.48 * i, 0.29, 0.41, 0.6), sharey=shared)
        shared = shared or axes
        _panel(axes, one)
        axes.set_title(name, fontsize=9, fontweight="bold")
        axes.set_ylim(low, high)
        ticks = [t for t in (10.0**k for k in range(-8, 3)) if low <= t <= high]
        axes.set_yticks(ticks, [tick_words(t) for t in ticks])
        axes.set_xlabel("coordinates kept (rank)")
        if i:
            axes.tick_params(labelleft=False)
        else:
            axes.set_ylabel("one step ahead, left unexplained")
    handles, words = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, words, loc="lower center", ncols=len(words), frameon=False, fontsize=7.5, columnspacing=1.2)


def _panel(axes: Axes, one: Sweep) -> None:
    axes.set_yscale("log")
    axes.set_xscale("log", base=2)
    axes.yaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(axis="y", color=GRID, linewidth=0.6)
    for (colour, marker, line), q, errors in zip(_LINES, one.delays, one.errors, strict=False):
        axes.plot(
            one.ranks, np.maximum(errors, SMALLEST), linestyle=line, marker=marker, color=colour, markersize=3.5,
            linewidth=1.1, label="no delays" if q == 1 else f"{q} delays",
        )  # fmt: skip
    delays, rank = one.chosen
    least = max(SMALLEST, float(one.errors[one.delays.index(delays), one.ranks.index(rank)]))
    axes.plot([rank], [least], "o", markersize=10, markerfacecolor="none", markeredgecolor=FAILS, markeredgewidth=1.4,
              linestyle="none", label="smallest within 10 % of the best")  # fmt: skip
    axes.set_xticks(one.ranks, [str(r) for r in one.ranks])
    axes.set_xlim(one.ranks[0] * 0.85, one.ranks[-1] * 1.15)
    axes.spines[["top", "right"]].set_visible(False)
