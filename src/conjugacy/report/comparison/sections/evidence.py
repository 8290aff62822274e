"""The evidence beside the ladder: numbers with intervals, floors and values by chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conjugacy.report.comparison.axes import verdict_on
from conjugacy.report.comparison.section import Section
from conjugacy.report.evidence_rows import evidence_row
from conjugacy.results.axis import AXES

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison


def _values(comparison: Comparison, place: str) -> Mapping[str, Any] | None:
    found = verdict_on(comparison, place).evidence
    return {"rows": [evidence_row(one) for one in found]} if found else None


SECTION = Section(AXES, _values, title="Evidence")
