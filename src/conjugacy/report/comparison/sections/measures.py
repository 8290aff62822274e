"""Further measures that were asked for, beside the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conjugacy.report.comparison.section import Section
from conjugacy.report.words import digits
from conjugacy.results import Score

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison


def _values(comparison: Comparison, place: str) -> Mapping[str, Any]:
    return {"scores": [_row(score) for score in comparison.measures]}


def _row(score: Score) -> tuple[str, ...]:
    """Return id, value, interval, distance, similarity, status."""
    return (
        score.measure,
        digits(score.value),
        "-" if score.interval is None else f"[{digits(score.interval[0])}, {digits(score.interval[1])}]",
        digits(score.distance()),
        digits(score.similarity()),
        score.status.value,
    )


SECTION = Section(("representation",), _values, title="Further measures")
