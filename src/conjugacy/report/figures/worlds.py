"""Two networks' rows in the coordinates of the world behind both, one laid over the other."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from conjugacy.report.figures.style import A_TO_B, B_TO_A, GRID, new_figure, to_svg
from conjugacy.results import IntrinsicMatch

SIZE = (620, 240)
MOST = 1500


def worlds_figure(found: IntrinsicMatch, prefix: str, label: str) -> str:
    """Return both networks' rows, apart and together, as SVG."""
    with new_figure(*SIZE) as figure:
        draw_worlds(figure, found)
        return to_svg(figure, prefix, label, {})


def draw_worlds(figure: Figure, found: IntrinsicMatch) -> None:
    """Draw the first two coordinates: A alone, B alone, A over B; all in B's coordinates."""
    a, b = (_two(x[:: max(1, len(x) // MOST)]) for x in (found.points_a, found.points_b))
    both = np.concatenate([a, b])
    low, high = both.min(axis=0), both.max(axis=0)
    room = 0.06 * float((high - low).max() or 1.0)
    for i, (title, shown) in enumerate((("A", (a,)), ("B", (b,)), ("A over B", (b, a)))):
        axes = figure.add_axes((0.08 + 0.315 * i, 0.21, 0.27, 0.66))
        for points in shown:
            own = points is a
            axes.plot(points[:, 0], points[:, 1], "x" if own else "o", color=A_TO_B if own else B_TO_A,
                      markersize=3 if own else 2.2, linestyle="none", markeredgewidth=0.7)  # fmt: skip
        axes.set_title(title, fontsize=9, fontweight="bold")
        axes.set_xlim(low[0] - room, high[0] + room)
        axes.set_ylim(low[1] - room, high[1] + room)
        axes.set_aspect("equal", adjustable="box")
        axes.grid(color=GRID, linewidth=0.6)
        axes.set_xlabel("first coordinate")
        if i:
            axes.tick_params(labelleft=False)
        else:
            axes.set_ylabel("second coordinate" if found.points_b.shape[1] > 1 else "(no second coordinate)")


def _two(x: np.ndarray) -> np.ndarray:
    return x[:, :2] if x.shape[1] > 1 else np.column_stack([x[:, 0], np.zeros(len(x))])
