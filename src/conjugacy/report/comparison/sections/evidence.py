"""The evidence beside the ladder: numbers with intervals, floors and values by chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conjugacy.report.comparison.axes import verdict_on
from conjugacy.report.comparison.section import Section
from conjugacy.report.words import digits
from conjugacy.results import Evidence
from conjugacy.results.axis import AXES

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison


def _values(comparison: Comparison, place: str) -> Mapping[str, Any] | None:
    found = verdict_on(comparison, place).evidence
    return {"rows": [_row(one) for one in found]} if found else None


def _row(evidence: Evidence) -> tuple[str, str, str, str, str, str]:
    interval = "-" if evidence.low is None or evidence.high is None else (
        f"[{digits(evidence.low)}, {digits(evidence.high)}]"
    )  # fmt: skip
    return (
        _name(evidence.name),
        digits(evidence.value),
        interval,
        digits(evidence.floor),
        digits(evidence.null),
        evidence.unit or "-",
    )


def _name(name: str) -> str:
    for end, words in (("_a_to_b", ", A to B"), ("_b_to_a", ", B to A"), ("_a", ", A"), ("_b", ", B")):
        if name.endswith(end):
            return name.removesuffix(end).replace("_", " ") + words
    return name.replace("_", " ")


SECTION = Section(AXES, _values, title="Evidence")
