"""The power check: what the kernel estimator leaves of a known rough function of a network; worked out once per network."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np

from conjugacy.transformations.folds import MIN_ROWS, make_folds
from conjugacy.transformations.kernel_regression import KernelRegression
from conjugacy.transformations.layer import Layer


def power_check(source: Layer, folds: np.ndarray, clusters: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the squared held-out errors per row of the power target, and its total; kept on the network."""
    key = blake2b(folds.tobytes() + clusters.tobytes()).hexdigest()
    if key not in source.power_checks:
        target = source.power_target
        residuals = KernelRegression(source, target, folds, clusters).residuals(target)
        source.power_checks[key] = (residuals**2).sum(axis=1), float((target**2).sum())
    return source.power_checks[key]


def prepare(network: Layer, clusters: np.ndarray, *, seed: int = 0) -> Layer:
    """Do now what needs one network only, so that comparing a pair does not pay for it; returns the network."""
    network.work()
    if len(clusters) >= MIN_ROWS and clusters.max() > 0:  # else the pair will be refused, and told why
        power_check(network, make_folds(clusters, seed), clusters)
    return network
