"""The ladder of one axis: the families of maps against what they leave unexplained, as a figure and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from conjugacy.report.comparison.axes import HEADINGS, tested, verdict_on
from conjugacy.report.comparison.section import FileFigure, Section
from conjugacy.report.figures.ladder import SIZE, draw_ladder, ladder_figure
from conjugacy.report.words import cell, percent_of
from conjugacy.results import AxisVerdict, Control, RungResult
from conjugacy.results.axis import AXES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from conjugacy.comparison import Comparison


@dataclass(frozen=True)
class RungRow:
    """One line of the table under the ladder."""

    rung: str
    status: str
    a_to_b: str
    b_to_a: str
    controls: tuple[tuple[str, str], ...]
    advice: str


def _values(comparison: Comparison, place: str) -> Mapping[str, Any] | None:
    verdict = verdict_on(comparison, place)
    if not verdict.rungs:
        return None
    sees = _sees(verdict, comparison.tolerance)
    label = f"Unexplained variance of every family of maps, {HEADINGS[place]}. {sees}"
    return {
        "verdict": verdict,
        "axis_heading": HEADINGS[place],
        "sees": sees,
        "rungs": [_rung_row(result, verdict.controls) for result in verdict.rungs],
        "figure": Markup(ladder_figure(verdict, comparison.tolerance, f"{place}-", label)),  # noqa: S704  (matplotlib escapes)
    }


def _rung_row(result: RungResult, controls: Sequence[Control]) -> RungRow:
    found: list[tuple[str, str]] = []
    for control in controls:
        own = next((r for r in control.rungs if r.rung == result.rung), None)
        found.append(("-", "-") if own is None else (cell(own.a_to_b), cell(own.b_to_a)))
    return RungRow(
        result.rung, result.status, cell(result.a_to_b), cell(result.b_to_a), tuple(found), result.advice or ""
    )


def _sees(verdict: AxisVerdict, tolerance: float) -> str:
    limit = f"the tolerance line at {percent_of(tolerance)}"
    if verdict.rung is not None:
        return (
            f"Read from the top: {verdict.rung} is the first family of maps whose marks, with their intervals, "
            f"lie left of {limit} in both directions."
        )
    ways = {"a_determines_b": "from A to B", "b_determines_a": "from B to A"}
    if verdict.answer in ways:
        return (
            f"Only {ways[verdict.answer]} does a family of maps come to lie left of {limit}; no family does both ways."
        )
    return f"No family of maps has both marks, with their intervals, left of {limit}."


def _draw(figure: Figure, comparison: Comparison, axis: str) -> None:
    draw_ladder(figure, tested(comparison, axis), comparison.tolerance)


SECTION = Section(AXES, _values, title="The ladder", figure=FileFigure("ladder", SIZE, _draw))
