"""Many tests at once, by Holm's steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(p: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Return p values that hold for all tests together (Holm 1979), each with its share of the level where weights are given.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.06, 0.06]
    >>> holm(np.array([0.01, 0.04]), np.array([0.75, 0.25])).round(3).tolist()
    [0.013, 0.04]
    """
    shares = np.ones(len(p)) if weights is None else weights
    order = np.argsort(p / shares, kind="stable")
    left = np.cumsum(shares[order][::-1])[::-1]  # of all that are not rejected yet
    found = np.empty(len(p))
    found[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * left / shares[order]))
    return found


def holm_of_counts(p: np.ndarray, possible: Sequence[np.ndarray | None]) -> np.ndarray:
    """Return p values that hold for all tests together, of which some can only come out at few values (Westfall, Wolfinger 1997).

    With q_j(t) the largest p up to t that test j can have at all, p_i becomes the sum of q_j(p_i) over the tests that Holm's
    steps have left: a test of two rows cannot come out under .25, and costs one of forty nothing.

    Parameters
    ----------
    p : float array, (k,)
    possible : k arrays or None
        What each test can come out at, ascending; None where that is anything.

    Examples
    --------
    >>> two_rows = np.array([0.25, 0.75, 1.0])
    >>> holm_of_counts(np.array([0.01, 0.25, 0.75]), [None, two_rows, two_rows]).tolist()
    [0.01, 0.5, 0.75]
    """
    if not len(p):
        return p
    order = np.argsort(p, kind="stable")
    up_to = p[order]
    # a row for each test, a column for each p: a hair more, so that a p counts itself
    reached = np.array([_reached(up_to, possible[j]) for j in order])
    found = np.empty(len(p))
    found[order] = np.minimum(1.0, np.maximum.accumulate(np.tril(reached).sum(axis=0)))
    return found


def _reached(up_to: np.ndarray, possible: np.ndarray | None) -> np.ndarray:
    if possible is None:
        return up_to
    return np.concatenate([[0.0], possible])[np.searchsorted(possible, up_to * (1 + 1e-9), side="right")]
