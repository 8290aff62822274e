"""Errors of the next point over the time in a trial: from the other network's past, from its own, and from neither."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from conjugacy.report.figures.style import A_TO_B, B_TO_A, GRID, INK, MUTED, new_figure, to_svg
from conjugacy.results import StepErrors
from conjugacy.results.digits import tick_words

SIZE = (640, 300)
SMALLEST = 1e-8


def step_errors_figure(found: StepErrors, prefix: str, label: str) -> str:
    """Return both panels as SVG."""
    with new_figure(*SIZE) as figure:
        draw_step_errors(figure, found)
        return to_svg(figure, prefix, label, {})


def draw_step_errors(figure: Figure, found: StepErrors) -> None:
    """Draw a panel for each direction."""
    known = np.concatenate([x[np.isfinite(x)] for x in (found.a_to_b, found.b_to_a)])
    low, high = max(SMALLEST, float(known.min(initial=1.0))) / 1.5, max(1.0, float(known.max(initial=1.0))) * 1.5
    shared: Axes | None = None
    for i, (target, source, errors, colour) in enumerate(
        (("B", "A", found.a_to_b, A_TO_B), ("A", "B", found.b_to_a, B_TO_A))
    ):
        axes = figure.add_axes((0.1 + 0.47 * i, 0.26, 0.41, 0.65), sharey=shared)
        shared = shared or axes
        axes.set_ylim(low, high)
        axes.set_yscale("log")
        _panel(axes, found.times, errors, (colour, INK, MUTED))
        axes.set_title(f"{target}'s next point, from {source}", fontsize=9, fontweight="bold")
        ticks = [t for t in (10.0**k for k in range(-8, 3)) if low <= t <= high]
        axes.set_yticks(ticks, [tick_words(t) for t in ticks])
        axes.minorticks_off()
        axes.set_xlabel("time in the trial (in the unit of dt)")
        if i:
            axes.tick_params(labelleft=False)
        else:
            axes.set_ylabel("left, of the variance")
    _legend(figure)


def _panel(axes: Axes, times: np.ndarray, errors: np.ndarray, colours: tuple[str, str, str]) -> None:
    axes.grid(axis="y", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    for (mean, low, high), colour, style in zip(errors, colours, ("-", "--", ":"), strict=True):
        axes.fill_between(
            times, np.maximum(low, SMALLEST), np.maximum(high, SMALLEST), color=colour, alpha=0.18, linewidth=0
        )
        axes.plot(times, np.maximum(mean, SMALLEST), color=colour, linestyle=style, linewidth=1.4)


def _legend(figure: Figure) -> None:
    axes = figure.axes[0]
    axes.plot([], [], color=A_TO_B, linewidth=1.6, label="from A's past")
    axes.plot([], [], color=B_TO_A, linewidth=1.6, label="from B's past")
    axes.plot([], [], color=INK, linestyle="--", label="from its own past, or both")
    axes.plot([], [], color=MUTED, linestyle=":", label="from the drive and the time alone")
    handles, words = axes.get_legend_handles_labels()
    figure.legend(handles, words, loc="lower center", ncols=4, frameon=False, fontsize=7.5, columnspacing=1.2)
