"""Means of numbers that every row has, with intervals that know of rows that depend on each other."""

from __future__ import annotations

import numpy as np
from scipy.special import stdtrit

from conjugacy.numerics.dependent_means import mean_and_error
from conjugacy.results import Evidence


def mean_of_rows(name: str, values: np.ndarray, clusters: np.ndarray, unit: str) -> Evidence:
    """Return a mean with its 95 % interval from the sums of clusters; rows without a finite value are left out.

    Examples
    --------
    >>> one = mean_of_rows("kl_divergence", np.array([0.1, 0.2, 0.3]), np.arange(3), "nats")
    >>> round(one.value, 3), round(one.low, 3), round(one.high, 3)
    (0.2, -0.048, 0.448)
    """
    kept = np.isfinite(values)
    if not kept.any():
        return Evidence(name, None, unit=unit)
    mean, error, groups = mean_and_error(values[kept], clusters[kept])
    if groups < 2:
        return Evidence(name, mean, unit=unit)
    half = float(stdtrit(groups - 1, 0.975)) * error
    return Evidence(name, mean, mean - half, mean + half, unit=unit)
