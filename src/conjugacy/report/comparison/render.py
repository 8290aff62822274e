"""A comparison as the text of one HTML page that asks for nothing from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from conjugacy import __version__
from conjugacy.measure import measure_names
from conjugacy.report.cite import BIBTEX, citations
from conjugacy.report.comparison.few_units_view import few_units_views
from conjugacy.report.comparison.layer_choice import choice_data
from conjugacy.report.comparison.methods import limits, methods, setting_rows
from conjugacy.report.comparison.view import HOW_TO, MOST_LISTED, AxisView, axis_views, score_rows
from conjugacy.report.figures import (
    PlanePicture,
    few_units_figure,
    ladder_figure,
    plane_picture,
    sweeps_figure,
    worlds_figure,
)
from conjugacy.report.html import html_environment, safe_json, script_hash, template
from conjugacy.report.layer_grid import LayerGrid, layer_grid
from conjugacy.results import Plane

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison


def render_page(comparison: Comparison) -> str:
    """Return the page; all text that comes from recordings is escaped, and its policy allows this page's own script only."""
    axes = axis_views(comparison)
    script = template("comparison", "page.js")
    environment = html_environment()
    environment.filters["together"] = _together
    page = environment.from_string(template("comparison", "page.html"))
    text = page.render(
        comparison=comparison,
        axes=axes,
        ladders={axis.words.axis: _ladder(axis, comparison) for axis in axes if axis.tested},
        plane=None if comparison.plane is None else _plane(comparison.plane),
        grid=_grid(comparison),
        few_units=few_units_views(comparison),
        few_units_figure=_few_units(comparison),
        sweeps_figure=_sweeps(comparison),
        worlds_figure=_worlds(comparison),
        scores=score_rows(comparison),
        limits=limits(comparison),
        methods=methods(comparison),
        settings=setting_rows(comparison),
        how_to={axis: Markup(text) for axis, text in HOW_TO.items()},  # noqa: S704  (our own text)
        most_listed=MOST_LISTED,
        version=__version__,
        record=safe_json(comparison.to_dict()),
        plane_rows=_plane_rows(comparison.plane),
        choice=safe_json(choice_data(comparison)),
        citations=citations([s.measure for s in comparison.measures if s.measure.partition(":")[0] in measure_names()]),
        bibtex=BIBTEX,
        style=Markup(template("comparison", "page.css")),  # noqa: S704  (our own file)
        script=Markup(script),  # noqa: S704  (our own file)
        script_hash=script_hash(script),
    )
    return text.lstrip()


def _together(text: str) -> str:
    """Keep a number and its per cent sign, and the two ends of an arrow, on one line."""
    return text.replace(" %", "\u00a0%").replace("A->B", "A→B").replace("B->A", "B→A")


def _ladder(axis: AxisView, comparison: Comparison) -> Markup:
    name = axis.words.axis
    label = f"Unexplained variance of every family of maps, {axis.heading}. {axis.sees}"
    return Markup(ladder_figure(axis.verdict, comparison.tolerance, f"{name}-", label))  # noqa: S704  (matplotlib escapes)


def _plane(plane: Plane) -> tuple[PlanePicture, Markup, Markup]:
    picture = plane_picture(plane, "plane-")
    return picture, Markup(picture.a), Markup(picture.b)  # noqa: S704  (matplotlib escapes)


def _few_units(comparison: Comparison) -> Markup | None:
    found = comparison.few_units
    if found is None:
        return None
    label = "Unexplained fraction of everything else when m units of one network are known, over m, for both networks."
    return Markup(few_units_figure(found, comparison.tolerance, "few-", label))  # noqa: S704  (matplotlib escapes)


def _sweeps(comparison: Comparison) -> Markup | None:
    if comparison.sweeps is None:
        return None
    label = "Held-out error of linear models one step ahead over the number of coordinates kept, a line per number of delays."
    return Markup(sweeps_figure(comparison.sweeps, "sweeps-", label))  # noqa: S704  (matplotlib escapes)


def _worlds(comparison: Comparison) -> Markup | None:
    found = comparison.intrinsic
    if found is None or not found.points_b.size:
        return None
    label = "Rows of both networks in the coordinates of the world behind both, apart and one over the other."
    return Markup(worlds_figure(found, "worlds-", label))  # noqa: S704  (matplotlib escapes)


def _grid(comparison: Comparison) -> LayerGrid | None:
    if comparison.layer_map is None:
        return None
    return layer_grid(comparison.layer_map, comparison.verdict.representation.layers)


def _plane_rows(plane: Plane | None) -> Markup:
    if plane is None:
        return safe_json([])
    return safe_json([[name, f"{float(colour):.4g}"] for name, colour in zip(plane.rows, plane.colours, strict=True)])
