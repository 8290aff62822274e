"""Settings, seed and versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conjugacy import __version__
from conjugacy.report.settings import flat_settings
from conjugacy.report.study.section import StudySection, StudyShown


def _values(shown: StudyShown) -> Mapping[str, Any]:
    settings = {name: value for name, value in shown.study.settings.items() if name not in ("paths", "taken", "stamps")}
    return {"settings": flat_settings(settings), "version": __version__}


SECTION = StudySection(_values, title="How it was done", id="methods")
