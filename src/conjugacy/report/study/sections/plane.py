"""The networks in two principal coordinates of their distances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conjugacy.report.study.class_rows import class_rows
from conjugacy.report.study.section import StudySection, StudyShown


def _values(shown: StudyShown) -> Mapping[str, Any] | None:
    return None if shown.classes is None else {"classes": shown.classes, "rows": class_rows(shown.classes)}


SECTION = StudySection(_values, title="The networks in a plane", id="plane")
