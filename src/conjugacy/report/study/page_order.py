"""Which sections the page of a study has, in their order: a section is a file in `sections`, its template, and a line here."""

from __future__ import annotations

from importlib import import_module

from conjugacy.report.study.section import StudySection

ORDER = (
    "cards",
    "rule",
    "unread",
    "notes",
    "matrix",
    "curve",
    "pairs",
    "classes",
    "plane",
    "order",
    "limits",
    "methods",
)


def study_sections() -> dict[str, StudySection]:
    """Return all sections by name.

    Examples
    --------
    >>> study_sections()["plane"].title
    'The networks in a plane'
    """
    return {name: import_module(f"conjugacy.report.study.sections.{name}").SECTION for name in ORDER}
