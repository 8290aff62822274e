"""The power check: what the kernel estimator leaves of a known rough function of a network; computed once per network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np

from conjugacy.transformations.division import Division
from conjugacy.transformations.folds import MIN_ROWS, make_folds
from conjugacy.transformations.kernel_regression import KernelRegression
from conjugacy.transformations.layer import Layer


@dataclass(frozen=True, eq=False)
class PowerCheck:
    """What the kernel estimator leaves of a known function; computed when it is asked for.

    Attributes
    ----------
    regression : KernelRegression
        Chosen for this function.
    target : array, (m, q)
    kept : dict of str to (array, float)
        What was computed before, under names.
    name : str
    """

    regression: KernelRegression
    target: np.ndarray
    kept: dict[str, tuple[np.ndarray, float]] = field(default_factory=dict[str, tuple[np.ndarray, float]])
    name: str = ""

    @property
    def errors(self) -> tuple[np.ndarray, float]:
        """Squared held-out errors per row, and their total."""
        return self._kept("", self.regression.residuals)

    @property
    def at_most(self) -> tuple[np.ndarray, float] | None:
        """The same on all rows, fitted to the few of the choice alone: fitted to more, less is left. None where these are all."""
        source = self.regression.source
        return None if len(source.choice_rows) == source.m else self._kept("few ", self.regression.residuals_of_few)

    def _kept(self, way: str, residuals: Callable[[np.ndarray], np.ndarray]) -> tuple[np.ndarray, float]:
        key = way + self.name
        if key not in self.kept:
            self.kept[key] = (residuals(self.target) ** 2).sum(axis=1), float((self.target**2).sum())
        return self.kept[key]


def power_check(division: Division) -> PowerCheck:
    """Return the power check of a network's own rough function; what it finds is kept on the network."""
    key = blake2b(division.folds.tobytes() + division.clusters.tobytes()).hexdigest()
    source = division.source
    return PowerCheck(KernelRegression(division, source.power_target), source.power_target, source.power_checks, key)


def prepare(network: Layer, clusters: np.ndarray, *, seed: int = 0, first_alone: bool = False) -> Layer:
    """Do now what needs one network only, so that comparing a pair does not pay for it; returns the network.

    First fits alone ask for no power check, and for less of the network.
    """
    network.work(first_alone=first_alone)
    if first_alone:
        return network
    if len(clusters) >= MIN_ROWS and clusters.max() > 0:  # else the pair will be refused, and told why
        check = power_check(Division(network, make_folds(clusters, seed), clusters))
        _ = check.at_most or check.errors  # the check itself waits for a pair that needs it
    return network
