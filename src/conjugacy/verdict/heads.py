"""Several outputs of two networks: which belong together, and one answer of many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from conjugacy.results import AxisVerdict, Reason
from conjugacy.results.reason import reasons
from conjugacy.transformations import RUNGS

SURE = ("equivalent", "a_determines_b", "b_determines_a")
"""Answers that say something of all of an output."""


@dataclass(frozen=True)
class HeadPairs:
    """The outputs of two networks that belong together.

    Attributes
    ----------
    pairs : tuple of (str, str)
        Names in A and in B.
    alone : (tuple of str, tuple of str)
        Outputs of A, and of B, that the other does not have.
    notes : tuple of str
        How they were put together, where names do not say it; what is alone.
    """

    pairs: tuple[tuple[str, str], ...]
    alone: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    notes: tuple[str, ...] = ()


def pair_heads(a: Sequence[str], b: Sequence[str]) -> HeadPairs:
    """Put outputs together: one and one whatever their names, several by name.

    Examples
    --------
    >>> pair_heads(["logits"], ["outputs"]).pairs
    (('logits', 'outputs'),)
    >>> pair_heads(["outputs.boxes", "outputs.scores"], ["outputs.scores"]).alone
    (('outputs.boxes',), ())
    """
    if len(a) == len(b) == 1:
        return HeadPairs(((a[0], b[0]),))
    pairs = tuple((name, name) for name in a if name in b)
    alone = tuple(n for n in a if n not in b), tuple(n for n in b if n not in a)
    notes = tuple(
        f"{_listed(names)} of {who} {'has' if len(names) == 1 else 'have'} no counterpart of that name in {other}, and "
        f"{'is' if len(names) == 1 else 'are'} not compared"
        for names, who, other in zip(alone, "AB", "BA", strict=True)
        if names
    )
    return HeadPairs(pairs, alone, notes)


def _listed(names: Sequence[str]) -> str:
    return f"output{'s' if len(names) > 1 else ''} {', '.join(map(repr, names))}"


def combined_answer(answers: Sequence[str]) -> str:
    """Return one answer of many: a yes only where all are, a no where any is.

    Examples
    --------
    >>> combined_answer(["equivalent", "a_determines_b"]), combined_answer(["equivalent", "undecided"])
    ('a_determines_b', 'undecided')
    >>> combined_answer(["equivalent", "unrelated"]), combined_answer(["undecided", "unrelated"])
    ('partly_related', 'not_equivalent')
    """
    found = [answer for answer in answers if answer != "not_tested"]
    kinds = set(found)
    if not kinds:
        return "not_tested"
    if len(kinds) == 1:
        return found[0]
    one_way = kinds - {"equivalent"}
    if len(one_way) == 1 and one_way <= set(SURE):
        return one_way.pop()
    if kinds <= {"equivalent", "undecided"}:
        return "undecided"
    return "not_equivalent" if kinds & {"undecided", "not_equivalent"} else "partly_related"


def combined(found: Sequence[AxisVerdict], pairs: HeadPairs) -> AxisVerdict:
    """Return the verdict over all outputs: that of the one that decides, with the combined answer and all of them in `heads`.

    Where a network has an output that the other has not, a yes stays open.
    """
    if len(found) == 1 and not any(pairs.alone):
        return found[0]
    answer = combined_answer([one.answer for one in found])
    told_of = found[deciding([one.answer for one in found], [one.rung for one in found])]
    warnings = (*pairs.notes, *(w for one in found for w in _of_head(one)))
    if left_open(answer, pairs) != answer:
        others = (Reason(r, about=r.about if isinstance(r, Reason) else "data") for r in told_of.reasons)
        why = (*reasons("data", pairs.notes[0]), *others)
        return replace(told_of, answer="undecided", rung=None, reasons=why, warnings=warnings, heads=tuple(found))
    return replace(told_of, answer=answer, warnings=warnings, heads=tuple(found))


def _of_head(one: AxisVerdict) -> tuple[str, ...]:
    name = one.layers[0] if one.layers else "an output"
    untested = (f"{name} was not tested: {one.deciding}",) if one.answer == "not_tested" else ()
    return (*untested, *(f"{name}: {warning}" for warning in one.warnings))


def deciding(answers: Sequence[str], rungs: Sequence[str | None]) -> int:
    """Return which output's numbers are told: the first no, else one way, else undecided, else the widest map."""

    def weight(i: int) -> tuple[int, int, int]:
        answer, rung = answers[i], rungs[i]
        place = {"not_tested": 4, "equivalent": 3, "undecided": 2}.get(answer, 1 if answer in SURE else 0)
        return place, -(RUNGS.index(rung) if rung in RUNGS else -1), i

    return min(range(len(answers)), key=weight)


def left_open(answer: str, pairs: HeadPairs) -> str:
    """Return the answer, left open where a network has an output that the other has not and all others say yes or one way."""
    return "undecided" if any(pairs.alone) and answer in SURE else answer
