"""What was noted on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conjugacy.report.study.section import StudySection, StudyShown


def _values(shown: StudyShown) -> Mapping[str, Any] | None:
    return {"notes": shown.study.notes} if shown.study.notes else None


SECTION = StudySection(_values, title="Notes", id="notes")
