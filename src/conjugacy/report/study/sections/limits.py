"""What the page does not say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conjugacy.measure import denies
from conjugacy.report.study.section import StudySection, StudyShown


def _values(shown: StudyShown) -> Mapping[str, Any]:
    return {"first": shown.chosen is not None and not denies(shown.chosen.measure)}


SECTION = StudySection(_values, title="What this does not show", id="limits")
