"""What two layers share: their variance as two bars, common coordinates joined by ribbons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from conjugacy.report.figures.style import A_TO_B, EDGE, INK, MUTED, PAPER, new_figure, to_svg
from conjugacy.results import SharedPart
from conjugacy.results.digits import per_cent

SIZE = (620, 230)
TOP, BOTTOM, HIGH = 0.78, 0.06, 0.2
LABEL = "The variance of both layers as two bars: common coordinates joined by ribbons, and what is each layer's own."
NARROW = 0.03  # of the bar: what is narrower carries no number
ALPHA = 0.35


def shared_figure(found: SharedPart, prefix: str, label: str) -> str:
    """Return the bars as SVG."""
    with new_figure(*SIZE) as figure:
        draw_shared(figure, found)
        return to_svg(figure, prefix, label, {})


def draw_shared(figure: Figure, found: SharedPart) -> None:
    """Draw A's variance above and B's below: common coordinates with ribbons between them, then what is each layer's own."""
    axes = figure.add_axes((0.02, 0.02, 0.96, 0.96))
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.12, 1.16)
    axes.axis("off")
    sides = [[d.share_a for d in found.directions], [d.share_b for d in found.directions]]
    edges = [np.concatenate([[0.0], np.cumsum(shares)]) for shares in sides]
    for j in range(len(found.directions)):
        corners = [
            (edges[0][j], TOP), (edges[0][j + 1], TOP), (edges[1][j + 1], BOTTOM + HIGH), (edges[1][j], BOTTOM + HIGH),
        ]  # fmt: skip
        axes.add_patch(Polygon(corners, facecolor=A_TO_B, alpha=ALPHA / 2, edgecolor=PAPER))
    known = [[d.b_to_a for d in found.directions], [d.a_to_b for d in found.directions]]
    full = [[1.0 if one.unexplained is None else 1.0 - one.unexplained for one in side] for side in known]
    for name, y, shares, levels, part, share, told_by in (
        ("A", TOP, sides[0], full[0], found.private_parts[0], found.share_a, found.told_a),
        ("B", BOTTOM, sides[1], full[1], found.private_parts[1], found.share_b, found.told_b),
    ):
        at = _boxes(axes, y, 0.0, shares, A_TO_B, levels=levels)
        end = _boxes(axes, y, at, part.directions, MUTED)
        axes.add_patch(Rectangle((end, y), max(0.0, 1.0 - end), HIGH, facecolor="none", edgecolor=MUTED, linewidth=0.6))
        other = "B" if name == "A" else "A"
        above = y + HIGH + 0.03 if name == "A" else y - 0.05
        place = "bottom" if name == "A" else "top"
        told = f"{name}: {per_cent(max(0.0, share.value or 0.0))} along common coordinates"
        if told_by is not None:
            told += f", {per_cent(max(0.0, told_by.value or 0.0))} told by {other}"
        rest = f"{per_cent(part.share.value or 0.0)} its own; blank: weak directions, noise"
        axes.text(0.0, above, told, color=INK, va=place, fontsize=9, fontweight="bold")
        axes.text(1.0, above, rest, color=INK, va=place, ha="right", fontsize=9)


def _boxes(
    axes: Axes, y: float, start: float, shares: Sequence[float], colour: str, *, levels: Sequence[float] | None = None
) -> float:
    """Draw boxes side by side, numbered and filled to a level where one is given; return where they end."""
    for j, share in enumerate(shares):
        width = min(share, max(0.0, 1.0 - start))
        high = HIGH if levels is None else HIGH * min(1.0, max(0.0, levels[j]))
        axes.add_patch(Rectangle((start, y), width, high, facecolor=colour, alpha=ALPHA, edgecolor="none"))
        axes.add_patch(Rectangle((start, y), width, HIGH, facecolor="none", edgecolor=EDGE, linewidth=0.8))
        if levels is not None and width > NARROW:
            axes.text(start + width / 2, y + HIGH / 2, str(j + 1), color=INK, ha="center", va="center", fontsize=9)
        start += width
    return start
