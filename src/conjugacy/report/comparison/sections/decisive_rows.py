"""Rows without which the answer would be another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conjugacy.report.comparison.axes import verdict_on
from conjugacy.report.comparison.section import Section
from conjugacy.results.axis import AXES

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison


def _values(comparison: Comparison, place: str) -> Mapping[str, Any] | None:
    found = verdict_on(comparison, place).decisive_rows
    return {"decisive": found} if found else None


SECTION = Section(AXES, _values)
