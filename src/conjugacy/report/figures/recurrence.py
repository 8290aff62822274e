"""How the states of both networks come back over time, each compared with what the other's own halves and instruments show."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from conjugacy.report.figures.style import A_TO_B, B_TO_A, GRID, MUTED, new_figure, to_svg
from conjugacy.results import CurveBand, RecurrenceCurves

SIZE = (640, 420)
_WORDS = {
    "mean": "how far apart two states lie\n(rank among all distances)",
    "climb": "how much sparser the later\nstate lies (difference of ranks)",
}


def recurrence_figure(found: RecurrenceCurves, prefix: str, label: str) -> str:
    """Return all panels as SVG."""
    with new_figure(*SIZE) as figure:
        draw_recurrence(figure, found)
        return to_svg(figure, prefix, label, {})


def draw_recurrence(figure: Figure, found: RecurrenceCurves) -> None:
    """Draw a row for each curve; left the bands of A with B's line, right the bands of B with A's."""
    sides = ((found.a, found.b, "A", "B", A_TO_B, B_TO_A), (found.b, found.a, "B", "A", B_TO_A, A_TO_B))
    for row, name in enumerate(found.names):
        shared: Axes | None = None
        for column, (own, other, letter, its, colour, other_colour) in enumerate(sides):
            axes = figure.add_axes((0.12 + 0.46 * column, 0.565 - 0.4 * row, 0.4, 0.36), sharey=shared)
            shared = shared or axes
            _panel(axes, found, row, own, other, colour, other_colour)
            if row == 0:
                axes.set_title(f"{its} compared with {letter}", fontsize=9, fontweight="bold")
            if column:
                axes.tick_params(labelleft=False)
            else:
                axes.set_ylabel(_WORDS[name])
            if row == len(found.names) - 1:
                axes.set_xlabel("time between the two states (in the unit of dt)")
            else:
                axes.tick_params(labelbottom=False)
    _legend(figure)


def _panel(
    axes: Axes, found: RecurrenceCurves, row: int, own: CurveBand, other: CurveBand, colour: str, other_colour: str
) -> None:
    times = found.times
    axes.set_xscale("log")
    axes.grid(color=GRID, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.fill_between(times, own.null[0, row], own.null[1, row], color=MUTED, alpha=0.22, linewidth=0)
    axes.fill_between(times, own.floor[0, row], own.floor[1, row], color=colour, alpha=0.35, linewidth=0)
    axes.plot(times, own.own[row], color=colour, linewidth=1.3, linestyle=_style(colour))
    axes.plot(
        times,
        other.own[row],
        color=other_colour,
        linewidth=1.8,
        linestyle=_style(other_colour),
        marker=".",
        markersize=4,
    )
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
    axes.xaxis.set_minor_locator(NullLocator())


def _style(colour: str) -> str:
    return "-" if colour == A_TO_B else "--"


def _legend(figure: Figure) -> None:
    axes = figure.axes[0]
    for colour, letter in ((A_TO_B, "A"), (B_TO_A, "B")):
        axes.plot([], [], color=colour, linestyle=_style(colour), linewidth=1.6, label=letter)
    axes.fill_between([], [], [], color=A_TO_B, alpha=0.35, linewidth=0, label="floor: halves of its own trials, 95 %")
    axes.fill_between(
        [], [], [], color=MUTED, alpha=0.22, linewidth=0, label="null: its halves through other instruments, 95 %"
    )
    handles, words = axes.get_legend_handles_labels()
    figure.legend(handles, words, loc="lower center", ncols=4, frameon=False, fontsize=7.5, columnspacing=1.2)
