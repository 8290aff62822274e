"""Eigenvalues of both networks' linear systems, and how far each is from being one of its own."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from conjugacy.report.figures.style import A_TO_B, B_TO_A, GRID, MUTED, new_figure, to_svg
from conjugacy.report.words import percent_of
from conjugacy.results import Spectrum
from conjugacy.results.digits import tick_words

SIZE = (640, 320)
SMALLEST = 1e-6  # residual; smaller ones stand at the edge
MARKS = (("x", A_TO_B, "A"), ("o", B_TO_A, "B"))
NEAR = 0.1  # of an eigenvalue's own size, up to which it is drawn in full


def spectra_figure(found: tuple[Spectrum, Spectrum], prefix: str, label: str) -> str:
    """Return both panels as SVG."""
    with new_figure(*SIZE) as figure:
        draw_spectra(figure, found)
        return to_svg(figure, prefix, label, {})


def draw_spectra(figure: Figure, found: tuple[Spectrum, Spectrum]) -> None:
    """Draw the eigenvalues in their plane, and their residuals over how fast they decay."""
    plane, errors = figure.add_axes((0.08, 0.23, 0.4, 0.72)), figure.add_axes((0.61, 0.23, 0.37, 0.72))
    _plane(plane, found)
    _errors(errors, found)
    handles, words = plane.get_legend_handles_labels()
    figure.legend(handles, words, loc="lower center", ncols=len(words), frameon=False, fontsize=7.5, columnspacing=1.4)


def _plane(axes: Axes, found: tuple[Spectrum, Spectrum]) -> None:
    axes.grid(color=GRID, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    if found[0].continuous:
        axes.axvline(0.0, color=MUTED, linewidth=0.9, linestyle="--", label="neither grows nor decays")
        axes.set_xlabel("growth rate, per unit of time")
        axes.set_ylabel("angular frequency, per unit of time")
    else:
        turn = np.linspace(0.0, 2.0 * np.pi, 121)
        axes.plot(np.cos(turn), np.sin(turn), color=MUTED, linewidth=0.9, linestyle="--", label="unit circle")
        axes.set_aspect("equal", adjustable="datalim")
        axes.set_xlabel("real part")
        axes.set_ylabel("imaginary part")
    for one, (shape, colour, name) in zip(found, MARKS, strict=True):
        near = one.residuals <= NEAR * _sizes(one)
        for which, alpha in ((near, 1.0), (~near, 0.35)):
            axes.plot(one.values[which, 0], one.values[which, 1], shape, color=colour, markersize=6, markerfacecolor="none",
                      markeredgewidth=1.2, alpha=alpha, label=f"{name}" if alpha == 1.0 else None)  # fmt: skip
    axes.plot([], [], "o", color=MUTED, markerfacecolor="none", alpha=0.35, markersize=6,
              label=f"pale: residual over {percent_of(NEAR)} of its size")  # fmt: skip


def _errors(axes: Axes, found: tuple[Spectrum, Spectrum]) -> None:
    left = [np.maximum(one.residuals / _sizes(one), SMALLEST) for one in found]
    known = np.concatenate([x[np.isfinite(x)] for x in left])
    low, high = float(known.min(initial=NEAR)) / 2, float(known.max(initial=1.0)) * 1.5
    axes.set_ylim(low, high)
    axes.set_yscale("log")
    axes.grid(color=GRID, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    for one, residuals, (shape, colour, _) in zip(found, left, MARKS, strict=True):
        slow = one.values[:, 0] if one.continuous else np.hypot(*one.values.T)
        axes.plot(slow, residuals, shape, color=colour, markersize=5, markerfacecolor="none", markeredgewidth=1.1)
    axes.axhline(NEAR, color=MUTED, linewidth=0.8, linestyle=":")
    ticks = [t for t in (10.0**k for k in range(-6, 3)) if low <= t <= high]
    axes.set_yticks(ticks, [tick_words(t) for t in ticks])
    axes.minorticks_off()
    axes.set_xlabel("growth rate (right: slowest decay)" if found[0].continuous else "modulus (right: slowest decay)")
    axes.set_ylabel("residual, of the eigenvalue's size")
    if not known.size:
        axes.text(0.5, 0.5, "not known", transform=axes.transAxes, ha="center", color=MUTED)


def _sizes(one: Spectrum) -> np.ndarray:
    return np.maximum(np.hypot(*one.values.T), 1e-12)
