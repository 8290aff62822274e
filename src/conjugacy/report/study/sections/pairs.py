"""Pairs that have a page of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conjugacy.report.study.section import StudySection, StudyShown


def _values(shown: StudyShown) -> Mapping[str, Any] | None:
    return {"links": [(a, b, address) for (a, b), address in shown.links.items()]} if shown.links else None


SECTION = StudySection(_values, title="Pairs in detail", id="pairs")
