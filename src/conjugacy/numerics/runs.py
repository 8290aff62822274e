"""Runs of neighbouring rows over which what is summed counts as independent, for the interval of a ratio of two sums.

States may depend on each other for long while the errors of a map do not: the interval of r = sum e / sum t needs runs beyond the
memory of U_i = e_i - r t_i. A weak memory does not show row by row, and adds up all the same; so of runs of twice that memory,
 of twice these, and so on down to ten runs, those count whose sums of U spread most.
"""

from __future__ import annotations

import numpy as np

from conjugacy.numerics.serial import RowScores

FEWEST = 10
"""How many runs an interval takes."""


def runs_of(places: np.ndarray, moved: np.ndarray, clear: int = FEWEST) -> np.ndarray:
    """Return cluster numbers of rows, (m,): runs of neighbours that are drawn together.

    Parameters
    ----------
    places : int array, (m,)
        Where every row stands; rows of one place stay together.
    moved : array, (m,)
        U, what every row adds to the ratio; its sum is zero.
    clear : int
        How many runs of twice the memory there have to be.

    Returns
    -------
    int array, (m,)
        Fewer than ten runs where fewer than `clear` of twice the memory of U are there.

    Examples
    --------
    >>> rng, at = np.random.default_rng(0), np.arange(400)
    >>> int(runs_of(at, rng.normal(size=400)).max()) + 1 > 20
    True
    >>> int(runs_of(at, np.cumsum(rng.normal(size=400))).max()) + 1 < 10
    True
    """
    ranks = np.unique(places, return_inverse=True)[1].ravel()
    sums = np.bincount(ranks, moved)
    count = len(sums)
    if not sums.any():
        return ranks
    most = max(2, count // (2 * RowScores.of(sums[:, None]).length))
    if most < clear:
        return (np.arange(count) * min(most, FEWEST - 1) // count)[ranks]
    candidates = [np.arange(count) * n // count for n in _numbers(most)]
    return max(candidates, key=lambda runs: float((np.bincount(runs, sums) ** 2).sum()))[ranks]


def _numbers(most: int) -> list[int]:
    """Return numbers of runs: the most, half as many, and so on down to ten."""
    found = [most]
    while found[-1] >= 2 * FEWEST:
        found.append(found[-1] // 2)
    return found if found[-1] <= FEWEST else [*found, FEWEST]
