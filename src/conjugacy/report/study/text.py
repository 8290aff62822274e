"""A study as plain text for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from conjugacy.report.comparison.table import listed, printable
from conjugacy.report.study.cells import cells_of
from conjugacy.report.study.words import both_ways, classes_words, counted, size_words
from conjugacy.results import Classes

if TYPE_CHECKING:
    from conjugacy.study import Study

_NARROWEST = 48
MOST_LISTED, MOST_MEMBERS = 10, 8


def terminal_study(study: Study, classes: Classes | None = None, reason: str = "", width: int = 100) -> str:
    """Return networks, measures with their statuses, classes and what could not be read, as plain text.

    Parameters
    ----------
    study : Study
        What to show.
    classes : Classes or None
        How the networks were sorted.
    reason : str
        Why there are no classes.
    width : int
        Columns of the terminal; under 48 it is taken as 48.
    """
    width = max(width, _NARROWEST)
    lines = _wrapped(size_words(study), width, "", "    ")
    lines += _listed("measures:", (f"{name}: {words}" for name, words in status_lines(study)), width)
    if classes is not None:
        lines += _listed(f"classes ({classes_words(classes)}):", class_lines(classes), width)
    elif reason:
        lines += _listed("classes:", [reason], width)
    lines += _listed("not used:", shortened_list([f"{name}: {why}" for name, why in study.unread.items()]), width)
    lines += _listed("notes:", study.notes, width)
    return "\n".join(lines)


def status_lines(study: Study) -> list[tuple[str, str]]:
    """Return every measure with how many of its pairs have which status; of many pairs of layers the sums."""
    lines: list[tuple[str, str]] = []
    for measure in study.measures:
        known: dict[str, dict[str, int]] = {}
        for layers in study.layer_pairs:
            counts = both_ways(cells_of(study, measure, layers).counts())
            if set(counts) <= {"not compared"} and len(study.layer_pairs) > 1:
                continue  # a pair of layers that this measure does not know
            known[measure if len(study.layer_pairs) == 1 else f"{measure} ({layers})"] = counts
        if len(known) > MOST_LISTED:
            known = {f"{measure} ({len(known)} pairs of layers; by_layers() tells them apart)": _summed(known.values())}
        lines += [(name, _counted(counts)) for name, counts in known.items()]
    return lines


def _counted(counts: Mapping[str, int]) -> str:
    found = sorted(counts.items(), key=lambda item: -item[1])
    return ", ".join(f"{n} {words}" for words, n in found) or "no pairs"


def _summed(many: Iterable[Mapping[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for counts in many:
        for words, n in counts.items():
            found[words] = found.get(words, 0) + n
    return found


def class_lines(classes: Classes) -> list[str]:
    """Return one line for every class, the largest first, long lists shortened."""
    lines = [
        f"{k}. {members_words(group.members)}"
        + (f"; {counted(group.undecided, 'pair')} undecided" if group.undecided and classes.tested else "")
        for k, group in enumerate(classes.groups, 1)
        if len(group.members) > 1
    ]
    lines = shortened_list(lines)
    alone = [group.members[0] for group in classes.groups if len(group.members) == 1]
    lines += [f"on their own: {members_words(alone)}"] if alone else []
    lines += [f"not sorted: {members_words(classes.unsorted)}"] if classes.unsorted else []
    return lines


def members_words(names: Sequence[str]) -> str:
    """Return names, a long list shortened.

    Examples
    --------
    >>> members_words("abcdefghij")
    'a, b, c, d, e, f, g, h and 2 more'
    """
    shown = ", ".join(names[:MOST_MEMBERS])
    return shown if len(names) <= MOST_MEMBERS else f"{shown} and {len(names) - MOST_MEMBERS} more"


def shortened_list(lines: Sequence[str]) -> list[str]:
    """Return at most ten lines, and how many more there are."""
    if len(lines) <= MOST_LISTED:
        return list(lines)
    return [*lines[:MOST_LISTED], f"and {len(lines) - MOST_LISTED} more"]


def _listed(title: str, sentences: Iterable[str], width: int) -> list[str]:
    lines = [line for sentence in sentences for line in listed(sentence, width)]
    return ["", *_wrapped(title, width, "", "    "), *lines] if lines else []


def _wrapped(text: str, width: int, first: str, rest: str) -> list[str]:
    shown = printable(text)
    return textwrap.wrap(shown, width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False) or [first]
