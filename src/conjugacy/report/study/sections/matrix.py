"""Every network with every other: the matrix, how to read it, and how many pairs have which answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conjugacy.report.study.cells import COARSE_WORDS, FINE_WORDS
from conjugacy.report.study.section import StudySection, StudyShown
from conjugacy.report.study.words import both_ways


def _values(shown: StudyShown) -> Mapping[str, Any] | None:
    if not (shown.tables.packed and shown.order.rows.size and shown.order.columns.size):
        return None
    return {
        "study": shown.study,
        "classes": shown.classes,
        "tables": shown.tables,
        "order": shown.order,
        "counts": [(t.measure, t.layer_pair, _count_words(t.counts())) for t in shown.tables.cells],
        "fine_words": FINE_WORDS,
        "coarse_words": COARSE_WORDS,
    }


def _count_words(counts: Mapping[str, int]) -> str:
    found = sorted(both_ways(counts).items(), key=lambda item: -item[1])
    return ", ".join(f"{n} {words}" for words, n in found) or "no pairs"


SECTION = StudySection(_values, title="Every network with every other", id="matrix")
