"""Where the map errs most: classes, stimuli and units, as rows with bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conjugacy.errors import InputError
from conjugacy.report.comparison.axes import tested, verdict_on
from conjugacy.report.comparison.section import FileFigure, Section
from conjugacy.report.figures.errors import draw_errors
from conjugacy.results import Estimate, WhereErrors
from conjugacy.results.axis import AXES
from conjugacy.results.digits import digits, interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from conjugacy.comparison import Comparison


@dataclass(frozen=True)
class Bar:
    """One number with the length of its bar in per cent of the longest; no text where there is none."""

    text: str
    length: float


@dataclass(frozen=True)
class ErrorTable:
    """One list of places where the map errs.

    Attributes
    ----------
    title, head : str
        What is listed, and what one of it is called.
    columns : tuple of str
        What the bars mean.
    rows : tuple of (name, bars)
        Worst first, classes by name.
    """

    title: str
    head: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Bar, ...]], ...]


def _values(comparison: Comparison, place: str) -> Mapping[str, Any] | None:
    verdict = verdict_on(comparison, place)
    tables = () if verdict.where is None else _tables(verdict.where)
    return {"verdict": verdict, "tables": tables} if tables else None


def _tables(where: WhereErrors) -> tuple[ErrorTable, ...]:
    """Return the lists that have something in them."""
    both = ("A to B", "B to A")
    classes = [(f"{c.label} ({c.rows} rows)", (c.a_to_b, c.b_to_a)) for c in where.classes]
    stimuli = [(s.stimulus, (Estimate(s.a_to_b), Estimate(s.b_to_a))) for s in where.stimuli]
    units_b = [(u.unit, (Estimate(u.unexplained),)) for u in where.units_b]
    units_a = [(u.unit, (Estimate(u.unexplained),)) for u in where.units_a]
    tables = [
        _table("Classes", "class", both, classes),
        _table("Worst stimuli", "stimulus", both, stimuli),
        _table("Worst units of B, predicted from A", "unit", ("A to B",), units_b),
        _table("Worst units of A, predicted from B", "unit", ("B to A",), units_a),
    ]
    return tuple(table for table in tables if table.rows)


def _table(
    title: str, head: str, columns: tuple[str, ...], places: Sequence[tuple[str, tuple[Estimate, ...]]]
) -> ErrorTable:
    longest = max((e.unexplained or 0.0 for _, found in places for e in found), default=0.0) or 1.0
    rows = tuple((name, tuple(_bar(e, longest) for e in found)) for name, found in places)
    return ErrorTable(title, head, columns, rows)


def _bar(estimate: Estimate, longest: float) -> Bar:
    ends = interval(estimate.unexplained, estimate.low, estimate.high)
    return Bar(digits(estimate.unexplained) + ends, round(100 * (estimate.unexplained or 0.0) / longest, 1))


def _draw(figure: Figure, comparison: Comparison, axis: str) -> None:
    where = tested(comparison, axis).where
    if where is None:
        raise InputError(f"figure: this comparison does not say where the errors of the {axis} axis lie")
    draw_errors(figure, where)


SECTION = Section(AXES, _values, title="Where the map errs most", figure=FileFigure("errors", (680, 330), _draw))
