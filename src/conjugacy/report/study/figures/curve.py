"""Curves over a coordinate: every measure with its interval, shares of answers, and the gain over the first network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conjugacy.errors import InputError
from conjugacy.report.figures.layers import drawable
from conjugacy.report.figures.style import A_TO_B, B_TO_A, FAILS, GRID, HOLDS, INK, OPEN

if TYPE_CHECKING:
    from conjugacy.report.study.figure_file import StudyDrawn

SIZE = (620.0, 250.0)
_LOOKS = ((A_TO_B, "o", "-"), (B_TO_A, "s", "--"), (HOLDS, "^", "-."), (OPEN, "D", ":"), (INK, "v", "-"))
_SHARES = (("equivalent", HOLDS, ""), ("undecided", OPEN, "///"), ("otherwise", FAILS, "..."))
_MOST_TICKS = 7
_WIDE = 100  # ratio of values from which the coordinate is drawn as a logarithm
_LEFT, _RIGHT, _GAP = 0.08, 0.03, 0.08


def draw(figure: Any, shown: StudyDrawn) -> None:
    """Draw values, answers and gain side by side, as far as there are any."""
    curve = shown.curve
    if curve is None or curve.empty:
        raise InputError("figure: there is no curve; no pair of networks has a value along this coordinate")
    word = str(curve.columns[0])
    panels: list[Any] = [_values]
    panels += [_shares] if "equivalent" in curve and curve["equivalent"].notna().any() else []
    panels += [_gain] if "gain" in curve and curve["gain"].notna().any() else []
    width = (1 - _LEFT - _RIGHT - _GAP * (len(panels) - 1)) / len(panels)
    for i, panel in enumerate(panels):
        axes = figure.add_axes((_LEFT + i * (width + _GAP), 0.36, width, 0.52))
        panel(axes, curve, word)
        _along(axes, curve[word].to_numpy(float), word)


def _along(axes: Any, at: np.ndarray, word: str) -> None:
    positive, ends = at[at > 0], (float(at.min()), float(at.max()))
    if positive.size and positive.max() >= _WIDE * positive.min():
        axes.set_xscale("symlog", linthresh=float(positive.min()), linscale=0.5)
    axes.set_xlim(*ends)
    known = np.unique(at)
    shown = known[np.unique(np.linspace(0, len(known) - 1, _MOST_TICKS).round().astype(int))]
    axes.set_xticks(shown, [f"{x:g}" for x in shown], fontsize=7, rotation=45, ha="right", rotation_mode="anchor")
    axes.minorticks_off()
    axes.set_xlabel(drawable(word))
    axes.grid(color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _lines(curve: Any) -> list[tuple[str, Any]]:
    several = curve["layers"].nunique() > 1
    return [
        (f"{measure}, {layers}" if several else str(measure), part)
        for (measure, layers), part in curve.groupby(["measure", "layers"], sort=False)
    ]


def _band(axes: Any, part: Any, word: str, names: tuple[str, str, str], k: int, label: str) -> None:
    colour, mark, line = _LOOKS[k % len(_LOOKS)]
    x, value, low, high = (part[name].to_numpy(float) for name in (word, *names))
    axes.plot(
        x,
        value,
        color=colour,
        marker=mark,
        linestyle=line,
        markersize=3.5,
        linewidth=1.1,
        label=drawable(label),
        clip_on=False,
    )
    axes.fill_between(x, low, high, color=colour, alpha=0.18, linewidth=0)


def _values(axes: Any, curve: Any, word: str) -> None:
    for k, (label, part) in enumerate(_lines(curve)):
        said = f"{label} (unexplained)" if label.startswith("verdict") else label
        _band(axes, part, word, ("value", "low", "high"), k, said)
    axes.set_title("value, 95 % interval", fontsize=8)
    axes.legend(loc="upper left", bbox_to_anchor=(-0.1, -0.42), ncols=2, frameon=False, fontsize=7)


def _shares(axes: Any, curve: Any, word: str) -> None:
    label, part = next((label, part) for label, part in _lines(curve) if part["equivalent"].notna().any())
    counts = np.array([part[name].to_numpy(float) for name, *_ in _SHARES])
    shares, below = counts / np.maximum(counts.sum(axis=0), 1), np.zeros(counts.shape[1])
    for share, (name, colour, hatch) in zip(shares, _SHARES, strict=True):
        axes.fill_between(
            part[word].to_numpy(float),
            below,
            below + share,
            step="mid",
            facecolor=colour,
            alpha=0.55,
            hatch=hatch,
            label=name,
        )
        below = below + share
    axes.set_ylim(0, 1)
    axes.set_title(drawable(f"share of pairs, {label}"), fontsize=8)
    axes.legend(loc="upper left", bbox_to_anchor=(-0.1, -0.42), ncols=3, frameon=False, fontsize=7, columnspacing=0.9)


def _gain(axes: Any, curve: Any, word: str) -> None:
    for k, (label, part) in enumerate((label, part) for label, part in _lines(curve) if part["gain"].notna().any()):
        _band(axes, part, word, ("gain", "gain_low", "gain_high"), k, label)
    axes.axhline(0, color=INK, linewidth=0.7)
    axes.set_title("gain over the first (log10)", fontsize=8)
