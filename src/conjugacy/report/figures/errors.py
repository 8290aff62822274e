"""Where the map errs most, as a figure: classes, stimuli and units, worst first."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from conjugacy.report.figures.layers import drawable
from conjugacy.report.figures.style import A_TO_B, B_TO_A, GRID, MUTED
from conjugacy.report.layer_grid import shortened
from conjugacy.results import Estimate, WhereErrors

Mark = tuple[str, tuple[Estimate, Estimate]]
_OF_UNITS = "unexplained fraction"


def draw_errors(figure: Figure, where: WhereErrors) -> None:
    """Draw a panel of stimuli, one of units, and one of classes where there are any."""
    panels: list[tuple[str, str, list[Mark]]] = []
    if where.classes:
        panels.append(
            ("classes", "mean squared error of a row", [(c.label, (c.a_to_b, c.b_to_a)) for c in where.classes])
        )
    stimuli: list[Mark] = [(s.stimulus, (Estimate(s.a_to_b), Estimate(s.b_to_a))) for s in where.stimuli]
    units: list[Mark] = [(f"B {u.unit}", (Estimate(u.unexplained), Estimate())) for u in where.units_b]
    units += [(f"A {u.unit}", (Estimate(), Estimate(u.unexplained))) for u in where.units_a]
    panels.append(("worst stimuli", "squared error of a row", stimuli))
    panels.append(("worst units", _OF_UNITS, units))
    for i, (title, label, marks) in enumerate(panels):
        axes = figure.add_axes(((i + 0.3) / len(panels), 0.24, 0.62 / len(panels), 0.66))
        _panel(axes, marks)
        axes.set_title(title, fontsize=9)
        varies = "the unit varies" if label == _OF_UNITS else "rows vary"
        axes.set_xlabel(f"{label}\n(1: as much as {varies})", fontsize=7.5)
    figure.text(0.01, 0.02, f"{where.rung} rung, held-out rows", fontsize=8, color=MUTED)
    handles = figure.axes[0].get_legend_handles_labels()
    figure.legend(*handles, loc="lower right", ncols=2, frameon=False, fontsize=8)


def _panel(axes: Axes, marks: Sequence[Mark]) -> None:
    heights = range(len(marks))
    for way, (words, colour, marker, offset) in enumerate(
        (("A to B", A_TO_B, "o", -0.14), ("B to A", B_TO_A, "s", 0.14))
    ):
        found = [(height + offset, mark[1][way]) for height, mark in zip(heights, marks, strict=True)]
        known = [(height, e) for height, e in found if e.unexplained is not None]
        values = [e.unexplained or 0.0 for _, e in known]
        axes.plot(values, [h for h, _ in known], marker, color=colour, markersize=4, label=words)
        for height, e in known:
            if e.low is not None and e.high is not None:
                axes.plot([e.low, e.high], [height, height], color=colour, linewidth=1.2)
    axes.set_yticks(list(heights), [drawable(shortened(mark[0])) for mark in marks], fontsize=7)
    axes.invert_yaxis()
    axes.set_xlim(left=0.0)
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.tick_params(axis="x", labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)
