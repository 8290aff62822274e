"""Everything from few units: how much of the rest is known from m units of one network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from conjugacy.errors import InputError
from conjugacy.report.comparison.section import FileFigure, Section
from conjugacy.report.figures.few_units import SIZE, draw_few_units, few_units_figure
from conjugacy.report.words import cell
from conjugacy.results import Dimension, FewUnits, Reconstruction
from conjugacy.results.digits import digits, interval, per_cent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from conjugacy.comparison import Comparison

_TARGETS = (
    ("other", "the other network's layer"),
    ("own", "all of its own layer"),
    ("inputs", "its inputs"),
    ("outputs", "its outputs"),
)


@dataclass(frozen=True)
class FewUnitsView:
    """One network as the source: a sentence on its dimension, one on the fewest units, and the curve as rows."""

    name: str
    dimension: str
    fewest: str
    rows: tuple[tuple[str, ...], ...]


def _values(comparison: Comparison, place: str) -> Mapping[str, Any] | None:
    found = comparison.few_units
    if found is None:
        return None
    label = "Unexplained fraction of everything else when m units of one network are known, over m, for both networks."
    drawn = few_units_figure(found, comparison.tolerance, "few-", label)
    views = [_view(name, one) for name, one in zip("AB", found, strict=True)]
    return {"few_units": views, "figure": Markup(drawn)}  # noqa: S704  (matplotlib escapes)


def _view(name: str, found: Reconstruction) -> FewUnitsView:
    return FewUnitsView(name, _dimension(found.dimension), _fewest(found), tuple(_row(point) for point in found.curve))


def _dimension(dimension: Dimension) -> str:
    said = "; ".join(f"{e.name}: {digits(e.value)}{interval(e.value, e.low, e.high)}" for e in dimension.estimates)
    if dimension.value is None:
        return f"how many coordinates its states need is not settled: {dimension.reason}"
    return f"its states need d = {dimension.value} coordinates ({said}; {dimension.reason}): 2d + 1 = {dimension.sufficient}"


def _fewest(found: Reconstruction) -> str:
    words: list[str] = []
    for key, what in _TARGETS:
        if key not in found.fewest:
            continue
        m = found.fewest[key]
        words.append(f"{what} from {_count(m)}" if m is not None else f"{what} from none of these numbers")
    units = found.curve[-1].units if found.curve else ()
    return f"within tolerance: {'; '.join(words)}; in the order of choice: {', '.join(units)}"


def _count(m: int) -> str:
    return "1 unit" if m == 1 else f"{m} units"


def _row(point: FewUnits) -> tuple[str, ...]:
    drawn = sorted(e.unexplained or 0.0 for e in point.random)
    random = f"{per_cent(drawn[len(drawn) // 2])} ({per_cent(drawn[-1])})" if drawn else "-"
    uneven = "-" if point.conditioning is None else digits(point.conditioning)
    cells = [cell(getattr(point, key)) for key, _ in _TARGETS]
    return (str(point.m), point.units[-1], uneven, *cells, random)


def _draw(figure: Figure, comparison: Comparison, axis: str) -> None:
    if comparison.few_units is None:
        raise InputError(
            "figure: nothing was reconstructed from few units; it needs a hidden layer of both networks and 60 rows"
        )
    draw_few_units(figure, comparison.few_units, comparison.tolerance)


SECTION = Section(
    ("representation",),
    _values,
    title="Everything from few units",
    id="few-units",
    figure=FileFigure("few_units", SIZE, _draw),
)
