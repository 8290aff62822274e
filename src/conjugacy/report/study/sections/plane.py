"""The networks in two principal coordinates of their distances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from conjugacy.report.study.class_rows import class_rows
from conjugacy.report.study.section import StudySection, StudyShown


def _values(shown: StudyShown) -> Mapping[str, Any] | None:
    classes = shown.classes
    if classes is None or not np.isfinite(classes.plane).any() or not np.isfinite(classes.plane_share):
        return None
    return {"classes": classes, "rows": class_rows(classes)}


SECTION = StudySection(_values, title="The networks in a plane", id="plane")
