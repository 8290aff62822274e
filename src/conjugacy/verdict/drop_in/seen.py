"""What a change of decisions does not show: other numbers, other masks, other columns, a class that is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import bdtrc

from conjugacy.results import Change
from conjugacy.results.digits import digits
from conjugacy.verdict.drop_in import words
from conjugacy.verdict.drop_in.decisions import Decisions
from conjugacy.verdict.drop_in.tallies import LEVEL

NUMBERS = "no decision depends on it, but thresholds and calibration that were fitted to A's scores do not carry over"


def warnings_of_scores(read: Decisions, kinds: tuple[str, str]) -> tuple[str, ...]:
    """Return what changed in the scores though no decision shows it."""
    found: list[str] = []
    if kinds[0] != kinds[1]:
        found.append(
            f"A returns {kinds[0]} and B {kinds[1]}: decisions are compared, and code that reads the outputs has to change"
        )
    p, q = read.columns
    if p and q and p != q:
        first, second, low, high = ("B", "A", p, q) if q > p else ("A", "B", q, p)
        columns = f"column {low}" if high - low == 1 else f"columns {low} to {high - 1}"
        found.append(f"A has {p} columns and B {q}: {first} may answer {columns}, which {second} cannot")
    if read.n_masked:
        columns = words.named([str(j) for j in read.masked_columns])
        found.append(
            f"{words.thousands(read.n_masked)} cells are ruled out (-inf, or one value far below all others) by one of the two "
            f"alone, in columns {columns}: a changed output"
        )
    if read.shifted:
        found.append(f"the scores of every row are shifted by a number: {NUMBERS}")
    if read.temperature is not None:
        found.append(f"B's scores are A's divided by a temperature of {digits(read.temperature)}: {NUMBERS}")
    if read.divergence is not None:
        infinite = int(np.sum(np.isinf(read.divergence)))
        if infinite:
            found.append(
                f"on {words.thousands(infinite)} rows B rules out what A does not: the divergence is infinite there, "
                "and given for the others"
            )
    return tuple(found)


def lost_decisions(a: np.ndarray, b: np.ndarray, margin: float) -> tuple[str, ...]:
    """Return the classes of A whose rows B decides otherwise much more often than the rest, or all of them.

    Examples
    --------
    >>> a = np.repeat([0, 1], [990, 10])
    >>> lost_decisions(a, np.zeros(1000, dtype=int), 0.05)
    ('of the rows that A decides for a class, B decides otherwise: class 1, 10 of 10',)
    """
    classes, of = np.unique(a, return_inverse=True)
    rows, lost = np.bincount(of.ravel()), np.bincount(of.ravel(), a != b)
    shown = _far_more(rows, lost, max(margin, float(np.mean(a != b))), lambda i: f"class {classes[i]}")
    return (f"of the rows that A decides for a class, B decides otherwise: {shown}",) if shown else ()


def lost_columns(a: np.ndarray, b: np.ndarray, margin: float, named: Callable[[int], str]) -> tuple[str, ...]:
    """Return the columns of which B leaves unlit what A lights much more often than in the rest, or always.

    Examples
    --------
    >>> a = np.zeros((100, 2), dtype=bool)
    >>> a[:50, 0] = a[:9, 1] = True
    >>> lost_columns(a, a & [True, False], 0.05, str)
    ('of the rows that A lights, B leaves unlit: column 1, 9 of 9',)
    """
    lit, lost = a.sum(axis=0), (a & ~b).sum(axis=0)
    usual = max(margin, float(lost.sum() / max(lit.sum(), 1)))
    shown = _far_more(lit, lost, usual, lambda j: f"column {named(j)}")
    return (f"of the rows that A lights, B leaves unlit: {shown}",) if shown else ()


def _far_more(rows: np.ndarray, lost: np.ndarray, usual: float, called: Callable[[int], str], most: int = 5) -> str:
    """Return which lose far more of their rows than `usual`, or all of at least two; the first of them by name."""
    chance = np.where(lost > 0, bdtrc(np.maximum(lost - 1, 0), np.maximum(rows, 1), usual), 1.0)
    far = chance <= LEVEL / max(len(rows), 1)
    at = np.flatnonzero(far | ((lost == rows) & (rows >= 2)))
    at = at[np.lexsort([at, -lost[at], -lost[at] / rows[at]])]
    said = [f"{called(int(i))}, {int(lost[i])} of {int(rows[i])}" for i in at[:most]]
    return "; ".join([*said, f"and {len(at) - most} more"] if len(at) > most else said)


def too_few(changes: Sequence[Change], called: str) -> tuple[str, ...]:
    """Return which changes rest on too few rows to show that they are inside.

    Examples
    --------
    >>> too_few([Change("7", 0.0, -0.1, 0.1, 0.05, "not_testable", 40)], "class")
    ('too few rows to test a rise of the error by 5 %: class 7 (40 rows)',)
    """
    few = sorted((c for c in changes if c.state == "not_testable"), key=lambda c: (-(c.value or 0), c.rows))
    if not few:
        return ()
    shown = words.named([f"{called} {c.name} ({c.rows} rows)" for c in few])
    return (f"too few rows to test a rise of the error by {words.limit(few[0])}: {shown}",)
