"""The curve over the number of units: what is left of everything else when m units of one network are known."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator

from conjugacy.report.figures.style import A_TO_B, FAILS, GRID, HOLDS, INK, MUTED, OPEN, new_figure, to_svg
from conjugacy.results import FewUnits, Reconstruction
from conjugacy.results.digits import tick_words

SIZE = (620, 300)
SMALLEST = 1e-8
TICKS = tuple(10.0**k for k in range(-8, 1))
MOST_TICKS = 4
# what, words, colour, marker, line
_WHAT = (
    ("other", "the other network's layer", A_TO_B, "o", "-"),
    ("own", "its own layer", HOLDS, "s", "--"),
    ("inputs", "its own inputs", OPEN, "^", ":"),
    ("outputs", "its own outputs", FAILS, "D", "-."),
)


def few_units_figure(found: tuple[Reconstruction, Reconstruction], tolerance: float, prefix: str, label: str) -> str:
    """Return both curves as SVG: unexplained fraction over the number of units, on a log scale."""
    with new_figure(*SIZE) as figure:
        draw_few_units(figure, found, tolerance)
        return to_svg(figure, prefix, label, {})


def draw_few_units(figure: Figure, found: tuple[Reconstruction, Reconstruction], tolerance: float) -> None:
    """Draw one panel for each network as the source."""
    shared: Axes | None = None
    lowest = _lowest(found, tolerance)
    for i, (name, one) in enumerate(zip("AB", found, strict=True)):
        axes = figure.add_axes((0.09 + 0.48 * i, 0.27, 0.41, 0.62), sharey=shared)
        shared = shared or axes
        _panel(axes, one, tolerance)
        axes.set_title(f"from units of {name}", fontsize=9)
        ticks = [tick for tick in TICKS if tick >= lowest]
        ticks = ticks[::-1][:: 1 if len(ticks) <= MOST_TICKS else 2]
        axes.set_yticks(ticks, [tick_words(tick) for tick in ticks])
        axes.set_ylim(lowest, 2.0)
        axes.set_xlabel("number of units m")
        if i:
            axes.tick_params(labelleft=False)
        else:
            axes.set_ylabel("variance left unexplained")
    handles, words = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, words, loc="lower center", ncols=3, frameon=False, fontsize=7.5)


def _lowest(found: tuple[Reconstruction, Reconstruction], tolerance: float) -> float:
    """Return the lower end of the scale: room below every mark and below the tolerance, no empty decades."""
    points = [point for one in found for point in one.curve]
    estimates = [getattr(point, key) for point in points for key, *_ in _WHAT] + [e for p in points for e in p.random]
    shown = [_shown(e.unexplained) for e in estimates if e.unexplained is not None]
    return max(SMALLEST / 2, min([tolerance, *shown]) / 4)


def _panel(axes: Axes, one: Reconstruction, tolerance: float) -> None:
    axes.set_yscale("log")
    axes.yaxis.set_minor_locator(NullLocator())
    axes.grid(axis="y", color=GRID, linewidth=0.6)
    for key, words, colour, marker, line in _WHAT:
        marks = [(point.m, getattr(point, key)) for point in one.curve]
        known = [(m, e) for m, e in marks if e.unexplained is not None]
        if not known:
            continue
        axes.plot(
            [m for m, _ in known], [_shown(e.unexplained) for _, e in known],
            linestyle=line, marker=marker, color=colour, markersize=4, linewidth=1.2, label=words,
        )  # fmt: skip
        for m, e in known:
            axes.plot([m, m], [_shown(e.low), _shown(e.high)], color=colour, linewidth=0.8)
    _random(axes, one.curve)
    axes.axhline(tolerance, color=INK, linewidth=0.8, linestyle="--")
    axes.annotate(
        "tolerance", (0.01, tolerance), xycoords=("axes fraction", "data"), xytext=(0, -2), textcoords="offset points",
        fontsize=7, color=INK, va="top",
    )  # fmt: skip
    enough = one.dimension.sufficient
    if enough is not None:
        axes.axvline(enough, color=MUTED, linewidth=0.8, linestyle=":")
        left = enough > sum(axes.get_xlim()) / 2  # words stand on the side that has room
        axes.annotate(
            f"2d + 1 = {enough}", (enough, 0.98), xycoords=("data", "axes fraction"), xytext=(-3 if left else 3, 0),
            textcoords="offset points", fontsize=7, color=MUTED, va="top", ha="right" if left else "left",
        )  # fmt: skip
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)


def _random(axes: Axes, curve: tuple[FewUnits, ...]) -> None:
    drawn = [(point.m, e) for point in curve for e in point.random]
    axes.plot(
        [m + 0.12 for m, _ in drawn], [_shown(e.unexplained) for _, e in drawn],
        linestyle="none", marker="x", color=MUTED, markersize=3.5, label="the other's, from units drawn at random",
    )  # fmt: skip


def _shown(value: float | None) -> float:
    return max(value or 0.0, SMALLEST)
