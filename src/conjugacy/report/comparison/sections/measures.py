"""Further measures that were asked for, beside the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conjugacy.report.comparison.scores import score_row
from conjugacy.report.comparison.section import Section

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison


def _values(comparison: Comparison, place: str) -> Mapping[str, Any]:
    return {"scores": [score_row(score) for score in comparison.measures]}


SECTION = Section(("representation",), _values, title="Further measures")
