"""Means over rows of which some depend on each other."""

from __future__ import annotations

import numpy as np


def mean_and_error(values: np.ndarray, clusters: np.ndarray) -> tuple[float, float, int]:
    """Return a mean over rows, its standard error from the sums over clusters, and how many clusters there are.

    With v_i a row less the mean, s^2 = g / (g - 1) sum over clusters of (sum v_i)^2, over m^2; infinite of one cluster.

    Examples
    --------
    >>> mean_and_error(np.array([1.0, 1.0, 3.0, 3.0]), np.array([7, 7, 9, 9]))
    (2.0, 1.0, 2)
    """
    mean = float(values.mean())
    _, at = np.unique(clusters, return_inverse=True)
    sums = np.bincount(at.ravel(), weights=values - mean)
    groups = len(sums)
    if groups < 2:
        return mean, np.inf, groups
    return mean, float(np.sqrt(groups / (groups - 1.0) * (sums**2).sum())) / len(values), groups
