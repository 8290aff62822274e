"""Several outputs of one network: all of them have to be replaced."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from conjugacy.results import DropIn
from conjugacy.results.reason import Reason, reasons
from conjugacy.verdict.drop_in import words


def by_holm(parts: Mapping[str, float], judge: Callable[[str, float], DropIn]) -> dict[str, DropIn]:
    """Judge several parts of one answer, each with its share of the level of a wrong no (Holm 1979).

    A no takes a part out, and its share goes to those that are left, until no more of them say no. A yes needs all parts, so that
    none of them has less than the full level for it.

    Parameters
    ----------
    parts : mapping of str to float
        Each part, and the level of a wrong no over all of them.
    judge : callable
        From a part and a level to what it says.

    Examples
    --------
    >>> def judge(name, level):
    ...     return DropIn("no" if {"a": 0.001, "b": 0.02}[name] <= level else "undecided", reasons("data", "far off"))
    >>> [one.answer for one in by_holm({"a": 0.025, "b": 0.025}, judge).values()]
    ['no', 'no']
    """
    left, found = dict(parts), dict[str, DropIn]()
    while left:
        told = {name: judge(name, level / len(left)) for name, level in left.items()}
        refuted = {name: one for name, one in told.items() if one.answer == "no"}
        found |= refuted or told
        left = {name: level for name, level in left.items() if refuted and name not in refuted}
    return {name: found[name] for name in parts}


def all_heads(found: Sequence[DropIn]) -> DropIn:
    """Return what all outputs say together: any no is no, else any undecided is undecided, else yes.

    Numbers are those of the output that decides: the first that says no, else the first that is open, else the one that
    is nearest to a margin. Outputs that are not tested are named.

    Examples
    --------
    >>> boxes, scores = (DropIn(answer, reasons("data", why), head=name)
    ...                  for answer, why, name in (("yes", "equal", "boxes"), ("no", "far off", "scores")))
    >>> both = all_heads([boxes, scores])
    >>> both.answer, both.head, both.reasons[0], len(both.heads)
    ('no', 'scores', 'output scores: far off', 2)
    """
    if not found:
        return DropIn.not_tested("no outputs were recorded")
    if len(found) == 1:
        return found[0]
    tested = [f for f in found if f.answer != "not_tested"]
    if not tested:
        return replace(found[0], heads=tuple(found))
    deciding = next(
        (f for answer in ("no", "undecided") for f in tested if f.answer == answer),
        min(tested, key=lambda f: _room(f)),
    )
    others = [f.head or "?" for f in tested if f is not deciding and f.answer == deciding.answer and f.answer != "yes"]
    first, *rest = deciding.reasons
    about = first.about if isinstance(first, Reason) else "decisions"
    told = [f"output {deciding.head}: {first}", *rest, *([f"and so {words.named(others)}"] if others else [])]
    if deciding.answer == "yes":
        told[0] = f"all {len(tested)} outputs are inside their margins; nearest to one is {told[0]}"
    untested = [f"output {f.head} is not tested: {f.reasons[0]}" for f in found if f.answer == "not_tested"]
    warnings = [f"output {f.head}: {w}" for f in tested for w in f.warnings]
    return replace(
        deciding,
        reasons=reasons(about, *told),
        bit_equal=all(f.bit_equal for f in tested) and len(tested) == len(found),
        warnings=(*untested, *warnings),
        heads=tuple(found),
    )


def _room(found: DropIn) -> float:
    """Return how far the change that is nearest to its margin is from it, in margins."""
    changes = (found.churn, found.error_change, *found.class_errors, *found.identity, found.rows_beyond)
    tested = [c for c in changes if c is not None and c.state != "not_testable" and c.high is not None]
    return min((1 - (c.high or 0) / c.margin for c in tested), default=np.inf)
