"""Classes of one network that are classes of the other put together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from conjugacy.verdict.decisions.given import Decided, merged

MOSTLY = 0.8
FEWEST_TOLD_APART = 7  # rows: fewer could all be told apart by chance (sign test at 2.5 %)


def puts_together(fine: np.ndarray | None, coarse: np.ndarray | None) -> bool:
    """Whether one list of targets is the other with classes put together."""
    if fine is None or coarse is None:
        return False
    rule = merged(fine, coarse)
    names, at = np.unique(fine, return_inverse=True)
    return len(set(rule.values())) < len(rule) and bool((np.array([rule[int(c)] for c in names])[at] == coarse).all())


def merges(fine: np.ndarray, coarse: np.ndarray, rule: dict[int, int]) -> bool:
    """Whether a network puts classes together as a rule says, and not only takes some rows of one for another.

    Every class that shares its name with others has to be called so on eight rows of ten.

    Examples
    --------
    >>> fine, rule = np.repeat([0, 1, 2], 10), {0: 5, 1: 5, 2: 6}
    >>> merges(fine, np.repeat([5, 5, 6], 10), rule), merges(fine, np.repeat([5, 5, 6, 5, 6], [10, 6, 4, 1, 9]), rule)
    (True, False)
    """
    named = list(rule.values())
    together = [c for c, to in rule.items() if named.count(to) > 1]
    return all(bool((coarse[fine == c] == rule[c]).mean() >= MOSTLY) for c in together if (fine == c).any())


def told_apart(fine: np.ndarray, rule: dict[int, int]) -> int:
    """Return on how many rows a network makes distinctions that a rule does not: all but the largest class of each that it makes.

    Examples
    --------
    >>> told_apart(np.array([0, 0, 0, 1, 1, 2]), {0: 5, 1: 5, 2: 6})
    2
    """
    names, counts = np.unique(fine, return_counts=True)
    of = [rule.get(int(name)) for name in names]
    groups = {to: [int(n) for n, t in zip(counts, of, strict=True) if t == to] for to in of if to is not None}
    return sum(sum(sizes) - max(sizes) for sizes in groups.values())


def put_together(
    given: Decided, one: np.ndarray, other: np.ndarray, rule: dict[int, int], own: np.ndarray | None
) -> Decided:
    """Return the pair with the finer classes put together as a rule says."""
    unknown = int(min(other.min(), min(rule.values()))) - 1

    def put(x: np.ndarray) -> np.ndarray:
        names, at = np.unique(x, return_inverse=True)
        return np.array([rule.get(int(c), unknown) for c in names], dtype=np.int64)[at]

    wanted = None if own is None else put(own)
    return replace(given, a=put(one), b=other, wanted=(wanted, wanted))
