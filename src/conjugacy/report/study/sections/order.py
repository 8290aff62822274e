"""Which class determines which, as a graph and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conjugacy.report.study.class_rows import numbers_of
from conjugacy.report.study.order_graph import arrow_words, order_graph
from conjugacy.report.study.section import StudySection, StudyShown


def _values(shown: StudyShown) -> Mapping[str, Any] | None:
    classes = shown.classes
    if classes is None:
        return None
    numbers, graph = numbers_of(classes), order_graph(classes)
    if graph is None and not classes.cycles:
        return None
    return {
        "graph": graph,
        "relations": [(arrow_words(relation, numbers), relation.direct) for relation in classes.relations],
        "cycles": [_cycle_words(circle, numbers) for circle in classes.cycles],
    }


def _cycle_words(circle: Sequence[str], numbers: Mapping[str, int]) -> str:
    return "classes " + ", ".join(str(numbers[name]) for name in circle)


SECTION = StudySection(_values, title="Which class determines which", id="order")
