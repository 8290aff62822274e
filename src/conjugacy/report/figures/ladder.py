"""The ladder as a picture: one line a rung, both directions against the tolerance, floor and controls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import NullLocator

from conjugacy.report.figures.style import (
    A_TO_B,
    B_TO_A,
    BAND,
    FAILS,
    GRID,
    HOLDS,
    INK,
    MUTED,
    OPEN,
    PAPER,
    new_figure,
    to_svg,
)
from conjugacy.report.words import percent, percent_of
from conjugacy.results import AxisVerdict, Estimate, RungResult
from conjugacy.transformations import LADDER, RUNGS
from conjugacy.transformations.rungs import containments

SIZE = (470, 310)  # points
SMALLEST, LARGEST = 1e-6, 2.0
_DIRECTIONS = (("a_to_b", "A to B", A_TO_B, "o", 0.17), ("b_to_a", "B to A", B_TO_A, "s", -0.17))
_STATUS = {"holds": ("✓ holds", HOLDS), "fails": ("✗ fails", FAILS), "undecided": ("? undecided", OPEN)}
_TICKS = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)
_SIDES = {-1: -0.075, 0: -0.05, 1: -0.025}  # columns of the small graph beside the names
_SHAPES = {"power": "D", "shuffled": "^"}
_HOLLOW_WORDS = {
    "power": "power check: a known rough function",
    "shuffled": "control of shuffled weights",
    "control": "untrained control, same shapes",
}
_BRANCH = {rung.name: _SIDES[rung.side] for rung in LADDER}
_HEIGHT = {rung: float(len(RUNGS) - 1 - i) for i, rung in enumerate(RUNGS)}


@dataclass
class _Marks:
    """What was drawn so far: tips by gid, and the entries that the legend needs."""

    tips: dict[str, str] = field(default_factory=dict[str, str])
    legend: dict[str, Line2D | Patch] = field(default_factory=dict[str, Line2D | Patch])


def ladder_figure(verdict: AxisVerdict, tolerance: float, prefix: str, label: str) -> str:
    """Return the rungs of one axis as SVG, simplest on top, unexplained variance to the right on a log scale."""
    with new_figure(*SIZE) as figure:
        tips = draw_ladder(figure, verdict, tolerance)
        return to_svg(figure, prefix, label, tips)


def draw_ladder(figure: Figure, verdict: AxisVerdict, tolerance: float) -> dict[str, str]:
    """Draw the rungs of one axis; returns what the marks say, by their ids."""
    axes = figure.add_axes((0.245, 0.325, 0.6, 0.605))
    marks = _Marks()
    _frame(axes, verdict)
    _limits(axes, verdict, tolerance, marks)
    for result in verdict.rungs:
        _rung(axes, result, marks)
    for control in verdict.controls:
        for result in control.rungs:
            kind = "shuffled" if control.name == "shuffled" else "control"
            _hollow(axes, result.rung, result.a_to_b, result.b_to_a, f"{control.name} control", marks, kind)
    _power(axes, verdict, marks)
    figure.legend(
        handles=list(marks.legend.values()),
        loc="upper center",
        bbox_to_anchor=(0.5, 0.2),
        ncols=2,
        frameon=False,
        fontsize=8,
        handlelength=2.2,
        columnspacing=2.0,
        labelspacing=0.55,
    )
    return marks.tips


def _frame(axes: Axes, verdict: AxisVerdict) -> None:
    axes.set_xscale("log")
    axes.set_xlim(SMALLEST * 0.6, LARGEST * 1.1)
    axes.set_ylim(-0.55, len(RUNGS) - 0.45)
    axes.patch.set_alpha(0.0)
    axes.set_xticks(_TICKS, [_tick(t) for t in _TICKS], fontsize=7)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_yticks([])
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel("variance left unexplained on held-out rows (log scale)", fontsize=8.5)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    for height in range(len(RUNGS) - 1):
        axes.axhline(height + 0.5, color=GRID, linewidth=0.6)
    _branch(axes, verdict)
    for result in verdict.rungs:
        words, colour = _STATUS.get(result.status, (result.status, MUTED))
        axes.text(
            1.02, _HEIGHT[result.rung], words, transform=axes.get_yaxis_transform(), va="center", color=colour,
            fontweight="bold" if result.rung == verdict.rung else "normal",
        )  # fmt: skip
    if verdict.rung is not None:
        axes.axhspan(_HEIGHT[verdict.rung] - 0.5, _HEIGHT[verdict.rung] + 0.5, color=BAND, linewidth=0, zorder=0)


def _tick(value: float) -> str:
    return ("≤ " if value == SMALLEST else "") + f"{100 * value:.4f}".rstrip("0").rstrip(".") + " %"


def _branch(axes: Axes, verdict: AxisVerdict) -> None:
    """Draw which family contains which, left of the axis."""
    where = axes.get_yaxis_transform()
    for low, high in containments():
        axes.plot(
            [_BRANCH[low], _BRANCH[high]], [_HEIGHT[low], _HEIGHT[high]],
            transform=where, clip_on=False, color=MUTED, linewidth=0.9, zorder=1,
        )  # fmt: skip
    for rung in LADDER:
        chosen = rung.name == verdict.rung
        axes.plot(
            [_BRANCH[rung.name]], [_HEIGHT[rung.name]], "o", transform=where, clip_on=False, zorder=2, markersize=4.5,
            markerfacecolor=INK if chosen else PAPER, markeredgecolor=INK, markeredgewidth=0.8,
        )  # fmt: skip
        axes.text(
            -0.11, _HEIGHT[rung.name], rung.label, transform=where, ha="right", va="center",
            fontsize=9.5, fontweight="bold" if chosen else "normal",
        )  # fmt: skip


def _limits(axes: Axes, verdict: AxisVerdict, tolerance: float, marks: _Marks) -> None:
    axes.axvline(tolerance, color=INK, linewidth=1.1, linestyle=(0, (5, 3)), zorder=2)
    axes.text(
        tolerance, 1.02, f"tolerance {percent_of(tolerance)}", transform=axes.get_xaxis_transform(),
        ha="right", va="bottom", fontsize=8,
    )  # fmt: skip
    floor = verdict.floor
    if floor.value is None:
        return
    axes.axvline(_inside(floor.value), color=MUTED, linewidth=1.4, linestyle=":", zorder=2, gid="floor")
    marks.tips["floor"] = f"floor {percent(Estimate(floor.value, floor.low, floor.high))}: {floor.source}"
    if floor.low is not None and floor.high is not None:
        axes.axvspan(_inside(floor.low), _inside(floor.high), color=MUTED, alpha=0.15, linewidth=0, zorder=0)
    marks.legend["floor"] = Line2D([], [], color=MUTED, linestyle=":", label=f"floor {percent_of(floor.value)}")


def _rung(axes: Axes, result: RungResult, marks: _Marks) -> None:
    height = _HEIGHT[result.rung]
    if result.a_to_b.unexplained is None and result.b_to_a.unexplained is None:
        axes.text(
            0.01, height, "does not apply (why: see the table)", transform=axes.get_yaxis_transform(),
            va="center", color=MUTED, style="italic", fontsize=8,
        )  # fmt: skip
        return
    for name, words, colour, marker, offset in _DIRECTIONS:
        estimate: Estimate = getattr(result, name)
        if estimate.unexplained is None:
            continue
        gid = f"{result.rung}-{name}"
        _interval(axes, estimate, height + offset, colour, 1.6)
        _point(axes, estimate.unexplained, height + offset, gid, marker, color=colour, markersize=5, zorder=5)
        marks.tips[gid] = f"{result.rung}, {words}: {percent(estimate)} unexplained"
        marks.legend.setdefault(
            name, Line2D([], [], color=colour, marker=marker, markersize=5, label=f"{words}, 95 % interval")
        )


def _hollow(axes: Axes, rung: str, a_to_b: Estimate, b_to_a: Estimate, words: str, marks: _Marks, kind: str) -> None:
    for (name, way, colour, marker, offset), estimate in zip(_DIRECTIONS, (a_to_b, b_to_a), strict=True):
        if estimate.unexplained is None:
            continue
        gid = f"{kind}-{rung}-{name}"
        shape = _SHAPES.get(kind, marker)
        height = _HEIGHT[rung] + offset
        _interval(axes, estimate, height, colour, 0.8)
        _point(
            axes, estimate.unexplained, height, gid, shape,
            markerfacecolor=PAPER, markeredgecolor=colour, markeredgewidth=1.0, markersize=4.5, zorder=4,
        )  # fmt: skip
        marks.tips[gid] = f"{words}, {rung}, {way}: {percent(estimate)} unexplained"
    if any(e.unexplained is not None for e in (a_to_b, b_to_a)):
        marks.legend.setdefault(kind, _hollow_handle(kind))


def _hollow_handle(kind: str) -> Line2D:
    # names from recordings stay out of the figure: no font has every sign
    marker, words = _SHAPES.get(kind, "o"), _HOLLOW_WORDS[kind]
    return Line2D(
        [], [], linestyle="", marker=marker, markersize=5, label=words,
        markerfacecolor=PAPER, markeredgecolor=MUTED, markeredgewidth=1.0,
    )  # fmt: skip


def _power(axes: Axes, verdict: AxisVerdict, marks: _Marks) -> None:
    found = {e.name: Estimate(e.value, e.low, e.high) for e in verdict.evidence}
    pair = [found.get(f"power_{name}", Estimate()) for name in ("a_to_b", "b_to_a")]
    if any(e.unexplained is not None for e in pair):
        for rung in (rung.name for rung in LADDER if rung.power_check):
            _hollow(axes, rung, pair[0], pair[1], "power check", marks, "power")


def _interval(axes: Axes, estimate: Estimate, height: float, colour: str, width: float) -> None:
    if estimate.low is not None and estimate.high is not None:
        ends = _inside_all((estimate.low, estimate.high))
        axes.plot(ends, [height, height], color=colour, linewidth=width, solid_capstyle="butt", zorder=3)


def _point(axes: Axes, value: float, height: float, gid: str, marker: str, **style: object) -> None:
    # off the scale: an arrow at its edge, the number is in the tip and the table
    shape = "<" if value < SMALLEST else ">" if value > LARGEST else marker
    axes.plot([_inside(value)], [height], linestyle="", marker=shape, gid=gid, clip_on=False, **style)  # pyright: ignore[reportArgumentType]


def _inside_all(values: Iterable[float]) -> list[float]:
    return [_inside(v) for v in values]


def _inside(value: float) -> float:
    return min(max(value, SMALLEST), LARGEST)
