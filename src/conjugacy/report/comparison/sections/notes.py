"""What was noted on the way, of both networks together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conjugacy.report.comparison.section import TOP, Section

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison


def _values(comparison: Comparison, place: str) -> Mapping[str, Any] | None:
    return {} if comparison.notes else None


SECTION = Section((TOP,), _values, title="Notes")
