"""Further measures that were asked for, beside the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conjugacy.report.comparison.axes import verdict_on
from conjugacy.report.comparison.scores import score_row
from conjugacy.report.comparison.section import Section
from conjugacy.results.axis import AXES

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison


def _values(comparison: Comparison, place: str) -> Mapping[str, Any] | None:
    if not comparison.measures or place != _axis(comparison):
        return None
    return {"scores": [score_row(score) for score in comparison.measures]}


def _axis(comparison: Comparison) -> str:
    """Return the axis beside which they stand: the first that was tested, of representation, dynamics and function."""
    order = ("representation", "dynamics", "function")
    return next((axis for axis in order if verdict_on(comparison, axis).answer != "not_tested"), order[0])


SECTION = Section(AXES, _values, title="Further measures")
