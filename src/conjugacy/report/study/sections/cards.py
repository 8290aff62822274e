"""The study in a few numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conjugacy.report.study.section import StudySection, StudyShown
from conjugacy.report.study.words import classes_words, counted, shared_and_alone


@dataclass(frozen=True)
class Card:
    """One number of the headline with what it means."""

    title: str
    answer: str
    sentences: tuple[str, ...]


def _values(shown: StudyShown) -> Mapping[str, Any]:
    return {"cards": _cards(shown)}


def _cards(shown: StudyShown) -> list[Card]:
    study, classes, chosen = shown.study, shown.classes, shown.chosen
    a, b = (len(names) for names in study.networks)
    counts = {} if chosen is None else chosen.counts()
    unread = (f"{counted(len(study.unread), 'recording')} could not be used, see below",) if study.unread else ()
    cards = [Card("networks", str(a) if study.is_square else f"{a} × {b}", unread)]  # noqa: RUF001
    pairs = sum(counts.values())
    compared = pairs - sum(counts.get(state, 0) for state in ("missing", "unreadable", "mismatched", "failed"))
    note = "" if chosen is None else f"by {chosen.measure} ({chosen.layer_pair})"
    cards.append(Card("pairs compared", str(compared), tuple(s for s in (f"of {pairs} pairs", note) if s)))
    if classes is not None:
        shared, _ = shared_and_alone(classes)
        cards.append(Card("classes", str(shared) if shared else "none", (classes_words(classes),)))
    if undecided := counts.get("undecided", 0):
        said = "the data do not say whether they are within tolerance: record more stimuli"
        cards.append(Card("undecided pairs", str(undecided), (said,)))
    return cards


SECTION = StudySection(_values)
