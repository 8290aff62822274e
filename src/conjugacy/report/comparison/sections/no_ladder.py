"""What is said of an axis that was tested without fitting families of maps: how its dynamics compare, or what decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conjugacy.report.comparison.axes import verdict_on
from conjugacy.report.comparison.section import Section
from conjugacy.results.axis import AXES

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison


def _values(comparison: Comparison, place: str) -> Mapping[str, Any] | None:
    verdict = verdict_on(comparison, place)
    return None if verdict.rungs or verdict.answer == "not_tested" else {"verdict": verdict}


SECTION = Section(AXES, _values)
