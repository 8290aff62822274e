"""By which rule networks share a class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conjugacy.measure import denies
from conjugacy.report.study.pairs import tolerance_of
from conjugacy.report.study.section import StudySection, StudyShown
from conjugacy.report.study.words import counted
from conjugacy.report.words import percent_of
from conjugacy.results import Classes

if TYPE_CHECKING:
    from conjugacy.study import Study


def _values(shown: StudyShown) -> Mapping[str, Any] | None:
    rule = [] if shown.classes is None else _rule(shown.study, shown.classes)
    return {"rule": rule} if rule else None


def _rule(study: Study, classes: Classes) -> list[str]:
    rule = classes.rule.strip()
    said = [f"{rule[:1].upper()}{rule[1:]}{'' if rule.endswith('.') else '.'}"] if rule else []
    tolerance = tolerance_of(study, classes.measure) if classes.tested else None
    given = "" if tolerance is None else f", tolerance {percent_of(tolerance)} of variance"
    said.append(f"Sorted by {classes.measure} ({classes.layer_pair}){given}.")
    if classes.claims:
        called, over = (
            ("the same or not the same", "over all pairs at once")
            if denies(classes.measure)
            else ("equivalent", "among the pairs that look so")
        )
        said.append(
            f"Of {counted(classes.pairs, 'pair')} compared, {classes.claims} are called {called}; {classes.kept} of these stay "
            f"so with errors controlled {over}."
        )
    return said + [f"{note[:1].upper()}{note[1:]}." for note in classes.notes]


SECTION = StudySection(_values, title="What a class is here", id="rule")
