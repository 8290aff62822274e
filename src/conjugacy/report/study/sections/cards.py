"""The study in a few numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conjugacy.measure import denies
from conjugacy.report.study.section import StudySection, StudyShown
from conjugacy.report.study.words import classes_words, counted, shared_and_alone

NO_PAGES = "no pair got a page of its own: the recordings are no longer where they were, or no pair was left to choose"


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
    said = (f"of {pairs} pairs" if pairs else _nothing(shown), note, NO_PAGES if shown.links == {} else "")
    cards.append(Card("pairs compared", str(compared), tuple(s for s in said if s)))
    if classes is not None:
        shared, _ = shared_and_alone(classes)
        cards.append(Card("classes", str(shared) if shared else "none", (classes_words(classes),)))
    else:
        cards.append(
            Card("classes", "none", (f"the networks were not sorted{f': {why}' if (why := shown.reason) else ''}",))
        )
    if undecided := counts.get("undecided", 0):
        said = "the data do not say whether they are within tolerance: record more stimuli"
        if chosen is not None and not denies(chosen.measure):
            said = "first fits show no map, and deny none: a whole comparison settles a pair"
        cards.append(Card("undecided pairs", str(undecided), (said,)))
    return cards


def _nothing(shown: StudyShown) -> str:
    """Return why no pair was compared."""
    empty = not shown.order.rows.size or not shown.order.columns.size
    return "there are no networks that could be read" if empty else "no measure was asked for"


SECTION = StudySection(_values)
