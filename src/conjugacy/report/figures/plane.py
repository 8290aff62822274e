"""The two representations in their first two principal coordinates, the same colour for the same row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from conjugacy.report.figures.style import EDGE, GRID, MUTED, new_figure, to_svg
from conjugacy.results import Plane
from conjugacy.results.digits import digits

MOST_POINTS = 2000
MOST_CLASSES = 14
OKABE_ITO = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7")
_SHAPES = ("o", "^")
_MAP, _STOPS = "cividis", 24


@dataclass(frozen=True)
class ColourGroup:
    """Points of one colour scale or one class, and how they are drawn."""

    name: str
    shape: str
    rows: np.ndarray
    colours: list[str]


@dataclass(frozen=True)
class PlanePicture:
    """Both panels, and what the legend beside them needs.

    Attributes
    ----------
    a, b : str
        SVG.
    classes : tuple of (name, colour, shape)
        Empty where the colours are a continuous scale.
    scale : tuple of str
        Colours from the smallest to the largest value; empty where there are classes.
    low, high : str
        Ends of the scale.
    shown, total : int
        Points drawn, of how many.
    """

    a: str
    b: str
    classes: tuple[tuple[str, str, str], ...]
    scale: tuple[str, ...]
    low: str
    high: str
    shown: int
    total: int


@dataclass(frozen=True)
class Colouring:
    """Which rows are drawn and in which colours."""

    groups: tuple[ColourGroup, ...]
    by_class: bool
    low: str
    high: str

    @property
    def shown(self) -> int:
        """Number of rows drawn."""
        return sum(len(group.rows) for group in self.groups)

    def of_rows(self, rows: Sequence[int]) -> list[str | None]:
        """Return the colour of each row, None for those that are not drawn."""
        found = {int(r): c for group in self.groups for r, c in zip(group.rows, group.colours, strict=True)}
        return [found.get(int(row)) for row in rows]

    def shapes_of_rows(self, rows: Sequence[int]) -> list[str | None]:
        """Return the shape of each row, `o` or `^`, None for those that are not drawn."""
        found = {int(r): group.shape for group in self.groups for r in group.rows}
        return [found.get(int(row)) for row in rows]


def colouring(plane: Plane) -> Colouring:
    """Return the colours of a plane: one per class, or a scale; at most 2000 rows, evenly taken."""
    usable = np.isfinite(plane.a).all(axis=1) & np.isfinite(plane.b).all(axis=1) & np.isfinite(plane.colours)
    rows = np.flatnonzero(usable)
    if len(rows) > MOST_POINTS:
        rows = rows[np.linspace(0, len(rows) - 1, MOST_POINTS).astype(np.int64)]
    colours = np.asarray(plane.colours, dtype=np.float64)
    values = np.unique(colours[rows])
    by_class = 1 <= len(values) <= MOST_CLASSES and bool(np.all(values == np.round(values)))
    groups = _by_class(colours, rows, values) if by_class else _by_scale(colours, rows)
    ends = [digits(float(v)) for v in (values[0], values[-1])] if len(values) else ["-", "-"]
    return Colouring(tuple(groups), by_class, ends[0], ends[1])


def plane_picture(plane: Plane, prefix: str) -> PlanePicture:
    """Draw both panels of a plane as SVG."""
    chosen = colouring(plane)
    panels: list[str] = []
    for which, points in (("a", plane.a), ("b", plane.b)):
        with new_figure(300, 280) as figure:
            rows = draw_plane(figure.add_axes((0.13, 0.13, 0.85, 0.85)), points, chosen)
            label = f"Network {which.upper()} in two principal coordinates"
            panels.append(to_svg(figure, f"{prefix}{which}-", label, rows=rows))
    return PlanePicture(
        panels[0],
        panels[1],
        classes=tuple((g.name, g.colours[0], g.shape) for g in chosen.groups) if chosen.by_class else (),
        scale=() if chosen.by_class else tuple(scale_colour(x) for x in np.linspace(0, 1, _STOPS)),
        low=chosen.low,
        high=chosen.high,
        shown=chosen.shown,
        total=len(plane.colours),
    )


def _by_class(colours: np.ndarray, rows: np.ndarray, values: np.ndarray) -> list[ColourGroup]:
    found: list[ColourGroup] = []
    for i, value in enumerate(values):
        own = rows[colours[rows] == value]
        colour = OKABE_ITO[i % len(OKABE_ITO)]
        found.append(ColourGroup(f"{value:.0f}", _SHAPES[i // len(OKABE_ITO)], own, [colour] * len(own)))
    return found


def _by_scale(colours: np.ndarray, rows: np.ndarray) -> list[ColourGroup]:
    if not len(rows):
        return []
    chosen = colours[rows]
    # by rank: one outlier would leave all others in one colour
    ranks = np.searchsorted(np.sort(chosen), chosen) / max(len(chosen) - 1, 1)
    steps = np.round(ranks * (_STOPS - 1)) / (_STOPS - 1)
    return [ColourGroup("all", "o", rows, [scale_colour(float(x)) for x in steps])]


def scale_colour(position: float) -> str:
    """Return the colour at a place of the scale, 0 (dark) to 1 (light)."""
    # its darkest end would vanish on a dark page
    return to_hex(mpl.colormaps[_MAP](0.15 + 0.85 * position))


def draw_plane(axes: Axes, points: np.ndarray, chosen: Colouring) -> dict[str, Sequence[int]]:
    """Draw one network's points; returns the row numbers of every group of marks, by their ids."""
    _frame(axes)
    rows: dict[str, Sequence[int]] = {}
    size = 30 if chosen.shown <= 100 else 18 if chosen.shown <= 600 else 12
    for i, group in enumerate(chosen.groups):
        gid = f"points-{i}"
        own = points[group.rows]
        axes.scatter(
            own[:, 0], own[:, 1], s=size, c=group.colours, marker=group.shape, gid=gid,
            edgecolors=EDGE, linewidths=0.4, clip_on=False,
        )  # fmt: skip
        rows[gid] = [int(r) for r in group.rows]
    return rows


def _frame(axes: Axes) -> None:
    axes.patch.set_alpha(0.0)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_xlabel("first principal coordinate (every unit scaled to variance 1)", fontsize=8)
    axes.set_ylabel("second principal coordinate", fontsize=8)
    axes.tick_params(labelsize=7)
    axes.locator_params(nbins=5)
    axes.grid(color=GRID, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(MUTED)
