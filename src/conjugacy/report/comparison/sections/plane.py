"""Both representations side by side: every stimulus in two coordinates of each network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from conjugacy.errors import InputError
from conjugacy.report.comparison.section import FileFigure, Section
from conjugacy.report.figures.plane import colouring, draw_plane, plane_picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from conjugacy.comparison import Comparison


def _values(comparison: Comparison, place: str) -> Mapping[str, Any] | None:
    if comparison.plane is None:
        return None
    picture = plane_picture(comparison.plane, "plane-")
    return {"picture": picture, "panels": (Markup(picture.a), Markup(picture.b))}  # noqa: S704  (matplotlib escapes)


def _rows(comparison: Comparison) -> list[list[str]]:
    """Name of every row and the value of its colour."""
    plane = comparison.plane
    if plane is None:
        return []
    return [[name, f"{float(colour):.4g}"] for name, colour in zip(plane.rows, plane.colours, strict=True)]


def _draw(figure: Figure, comparison: Comparison, axis: str) -> None:
    plane = comparison.plane
    if plane is None:
        raise InputError("figure: there are no planes; they need a hidden layer of both networks with matched rows")
    chosen = colouring(plane)
    for i, points in enumerate((plane.a, plane.b)):
        axes = figure.add_axes((0.07 + 0.5 * i, 0.2, 0.42, 0.7))
        draw_plane(axes, points, chosen)
        axes.set_title("AB"[i], fontsize=9, fontweight="bold")
    words = f"colour: {plane.colour_source}" + ("" if chosen.by_class else f", by rank, {chosen.low} to {chosen.high}")
    if chosen.by_class:
        figure.legend(
            list(figure.axes[0].collections), [group.name for group in chosen.groups],
            loc="lower center", ncols=14, frameon=False, fontsize=7, handletextpad=0.1, columnspacing=0.8,
        )  # fmt: skip
    figure.text(0.01, 0.97, words, fontsize=8, va="top")


SECTION = Section(
    ("representation",),
    _values,
    title="Both representations, side by side",
    figure=FileFigure("planes", (620, 330), _draw),
    data={"plane-rows": _rows},
)
