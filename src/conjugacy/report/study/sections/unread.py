"""Recordings that could not be used, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conjugacy.report.study.section import StudySection, StudyShown


def _values(shown: StudyShown) -> Mapping[str, Any] | None:
    return {"unread": list(shown.study.unread.items())} if shown.study.unread else None


SECTION = StudySection(_values, id="unread")
