"""The words and colours for what is said of many pairs, shared by the terminal table, the notebook display and the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conjugacy.results import Classes, Status
from conjugacy.results.states import STATES

if TYPE_CHECKING:
    from conjugacy.study import Study

_WORDS = {
    "missing": "not compared",
    "ok": "computed",
    "equivalent": "equivalent",
    "a_determines_b": "row determines column",
    "b_determines_a": "column determines row",
    "not_tested": "not tested",
    "mismatched": "other stimuli",
    "failed": "refused by the measure",
}
_ADVICE = {
    "missing": "this pair was not compared yet, or not asked for",
    "unreadable": "a recording could not be read",
    "mismatched": "the recordings are of other stimuli",
    "failed": "the measure refused these two networks",
    "a_determines_b": "the network of the row determines that of the column, and not back",
    "b_determines_a": "the network of the column determines that of the row, and not back",
    "partly_related": "neither determines the other, and they are not independent",
    "unrelated": "neither predicts the other better than chance",
    "not_equivalent": "no map holds both ways; the kind of relation stays open",
    **{status.name.lower(): status.value for status in Status},
}
_COLOURS = {
    "equivalent": "#009e73",
    "a_determines_b": "#56b4e9",
    "b_determines_a": "#0072b2",
    "partly_related": "#e69f00",
    "unrelated": "#8f3b00",
    "not_equivalent": "#a3364e",
    "different": "#d55e00",
    "undecided": "#a78bd0",
    "not_tested": "#9aa0a8",
    "ok": "#6f9cc0",
    "unreadable": "#5b6068",
    "mismatched": "#b8a58c",
    "failed": "#333a44",
}
LETTERS = {  # so that answers can be told apart in grey
    "equivalent": "=",
    "a_determines_b": ">",
    "b_determines_a": "<",
    "partly_related": "~",
    "unrelated": "o",
    "not_equivalent": "≠",
    "different": "≠",
    "undecided": "?",
    "missing": "·",
}
# what needs advice is rare, and seldom more than one or two kinds of it
_OTHERS = ("#cc79a7", "#f0e442", "#882255", "#999933", "#44aa99", "#ddcc77", "#aa4499", "#332288")


@dataclass(frozen=True)
class State:
    """One status: a few words, what to know or do, a colour (none: hatched), a letter that stands for it."""

    words: str
    advice: str
    colour: str
    letter: str = ""


def states() -> list[State]:
    """Return the words and colours of all statuses, by their number.

    Examples
    --------
    >>> states()[0].words
    'not compared'
    """
    others = iter(_OTHERS * 4)
    return [
        State(
            state_words(state),
            _ADVICE.get(state, ""),
            "" if state == "missing" else _COLOURS.get(state) or next(others),
            LETTERS.get(state, ""),
        )
        for state in STATES
    ]


def state_words(state: str) -> str:
    """Return a status in a few words."""
    return _WORDS.get(state, state.replace("_", " "))


def both_ways(counts: Mapping[str, int]) -> dict[str, int]:
    """Return counts of pairs by words, the two one-way answers together: between two networks they are one.

    Examples
    --------
    >>> both_ways({"a_determines_b": 2, "b_determines_a": 1, "equivalent": 4})
    {'one way': 3, 'equivalent': 4}
    """
    found: dict[str, int] = {}
    for state, n in counts.items():
        words = "one way" if state in ("a_determines_b", "b_determines_a") else state_words(state)
        found[words] = found.get(words, 0) + n
    return found


def counted(n: int, one: str, many: str = "") -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> counted(1, "class", "classes"), counted(0, "pair")
    ('1 class', '0 pairs')
    """
    return f"{n} {one if n == 1 else many or one + 's'}"


def size_words(study: Study) -> str:
    """Say how many networks and pairs there are."""
    a, b = (len(names) for names in study.networks)
    if study.is_square:
        return f"{counted(a, 'network')}, {counted(a * (a - 1) // 2, 'pair')}"
    return f"{counted(a, 'network')} against {b}, {counted(a * b, 'pair')}"


def shared_and_alone(classes: Classes) -> tuple[int, int]:
    """Return the number of classes with two members at least, and of networks that share none."""
    shared = sum(len(group.members) > 1 for group in classes.groups)
    return shared, len(classes.groups) - shared


def classes_words(classes: Classes) -> str:
    """Say how many classes there are."""
    shared, alone = shared_and_alone(classes)
    if not classes.groups:
        return "no network could be sorted"
    parts = [counted(shared, "class", "classes") + " of two networks or more"] if shared else []
    parts += [f"{counted(alone, 'network')} alone"] if alone else []
    parts += [f"{counted(len(classes.unsorted), 'network')} not sorted"] if classes.unsorted else []
    parts += [] if classes.tested else ["clusters by distance, not tested for equivalence"]
    return ", ".join(parts)
