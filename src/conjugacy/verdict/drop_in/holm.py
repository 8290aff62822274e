"""Which of many tests say no, at most one run in forty wrongly."""

from __future__ import annotations

import numpy as np


def beyond(p: np.ndarray, weights: np.ndarray, allowed: np.ndarray, level: float) -> np.ndarray:
    """Return which tests reject by Holm's step-down with weights (Holm 1979), among those that could.

    Examples
    --------
    >>> p, equal = np.array([0.004, 0.02, 0.5]), np.full(3, 1 / 3)
    >>> beyond(p, equal, np.ones(3, dtype=bool), 0.025)
    array([ True, False, False])
    """
    found = np.zeros(len(p), dtype=bool)
    order = np.flatnonzero(allowed)[np.argsort((p / weights)[allowed], kind="stable")]
    for place, i in enumerate(order):
        if p[i] > level * weights[i] / weights[order[place:]].sum():
            break
        found[i] = True
    return found
