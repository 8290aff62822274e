"""The power check: what the kernel estimator leaves of a known rough function of a network; worked out once per network."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np

from conjugacy.transformations.division import Division
from conjugacy.transformations.folds import MIN_ROWS, make_folds
from conjugacy.transformations.kernel_regression import KernelRegression
from conjugacy.transformations.layer import Layer


@dataclass(frozen=True, eq=False)
class PowerCheck:
    """What the kernel estimator leaves of a known function; worked out when it is asked for.

    Attributes
    ----------
    regression : KernelRegression
        Chosen for this function.
    target : array, (m, q)
    kept : dict of str to (array, float)
        What was worked out before, under names.
    name : str
    """

    regression: KernelRegression
    target: np.ndarray
    kept: dict[str, tuple[np.ndarray, float]] = field(default_factory=dict[str, tuple[np.ndarray, float]])
    name: str = ""

    @property
    def errors(self) -> tuple[np.ndarray, float]:
        """Squared held-out errors per row, and their total."""
        if self.name not in self.kept:
            residuals = self.regression.residuals(self.target)
            self.kept[self.name] = (residuals**2).sum(axis=1), float((self.target**2).sum())
        return self.kept[self.name]


def power_check(division: Division) -> PowerCheck:
    """Return the power check of a network's own rough function; what it finds is kept on the network."""
    key = blake2b(division.folds.tobytes() + division.clusters.tobytes()).hexdigest()
    source = division.source
    return PowerCheck(KernelRegression(division, source.power_target), source.power_target, source.power_checks, key)


def prepare(network: Layer, clusters: np.ndarray, *, seed: int = 0) -> Layer:
    """Do now what needs one network only, so that comparing a pair does not pay for it; returns the network."""
    network.work()
    if len(clusters) >= MIN_ROWS and clusters.max() > 0:  # else the pair will be refused, and told why
        _ = power_check(Division(network, make_folds(clusters, seed), clusters)).errors
    return network
