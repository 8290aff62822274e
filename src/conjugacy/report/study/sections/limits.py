"""What the page does not say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conjugacy.report.study.section import StudySection, StudyShown


def _values(shown: StudyShown) -> Mapping[str, Any]:
    return {}


SECTION = StudySection(_values, title="What this does not show", id="limits")
