"""What the page says of few units: sentences and a table, nothing drawn yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conjugacy.report.words import digits, percent
from conjugacy.results import Dimension, Estimate, FewUnits, Reconstruction

if TYPE_CHECKING:
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


def few_units_views(comparison: Comparison) -> tuple[FewUnitsView, ...]:
    """Return what is said of both networks; nothing where it was not worked out."""
    if comparison.few_units is None:
        return ()
    return tuple(_view(name, found) for name, found in zip("AB", comparison.few_units, strict=True))


def _view(name: str, found: Reconstruction) -> FewUnitsView:
    return FewUnitsView(name, _dimension(found.dimension), _fewest(found), tuple(_row(point) for point in found.curve))


def _dimension(dimension: Dimension) -> str:
    said = "; ".join(
        f"{e.name}: {e.value:.1f}" + ("" if e.low is None or e.high is None else f" [{e.low:.1f}, {e.high:.1f}]")
        for e in dimension.estimates
    )
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
    random = f"{digits(100 * drawn[len(drawn) // 2])} % ({digits(100 * drawn[-1])} %)" if drawn else "-"
    uneven = "-" if point.conditioning is None else digits(point.conditioning)
    cells = [_cell(getattr(point, key)) for key, _ in _TARGETS]
    return (str(point.m), point.units[-1], uneven, *cells, random)


def _cell(e: Estimate) -> str:
    return "-" if e.unexplained is None else percent(e)
