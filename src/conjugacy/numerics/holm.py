"""Many tests at once, by Holm's steps."""

from __future__ import annotations

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
