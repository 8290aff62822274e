"""What directions are held against: the tolerance, and one bootstrap for all rungs."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from conjugacy.numerics.resample import cluster_sums, ratio_interval, remembered_counts
from conjugacy.results import Estimate
from conjugacy.transformations.direction import Direction
from conjugacy.transformations.folds import MIN_CLUSTERS
from conjugacy.transformations.rungs import RUNGS, rung_named

BOOTSTRAP_DRAWS = 1000


@dataclass(frozen=True, eq=False)
class Standard:
    """What directions are held against: which rows depend on each other, the tolerance, and one bootstrap for all rungs.

    Attributes
    ----------
    clusters : int array, (m,)
        Rows that depend on each other.
    tolerance : float
        Largest unexplained fraction that counts as the same.
    seed : int
        Seeds the bootstrap.
    up_to : str
        The last rung that counts.
    estimates : dict
        What was estimated before, by direction and rung.
    """

    clusters: np.ndarray
    tolerance: float
    seed: int
    up_to: str = RUNGS[-1]
    estimates: dict[tuple[Direction, str], Estimate] = field(default_factory=dict[tuple[Direction, str], Estimate])

    @property
    def rungs(self) -> tuple[str, ...]:
        """The rungs that count, in order."""
        return RUNGS[: RUNGS.index(self.up_to) + 1]

    @cached_property
    def n_clusters(self) -> int:
        """Number of independent groups of rows."""
        return int(self.clusters.max()) + 1

    @cached_property
    def _counts(self) -> np.ndarray:
        return remembered_counts(self.n_clusters, BOOTSTRAP_DRAWS, self.seed + 2)

    def ratio(self, errors: np.ndarray, totals: np.ndarray, level: float = 0.95) -> Estimate:
        """Return the ratio of two sums over rows with its bootstrap interval."""
        above, below = cluster_sums(errors, self.clusters), cluster_sums(totals, self.clusters)
        low, high = ratio_interval(self._counts, above, below, level)
        return Estimate(float(errors.sum() / totals.sum()), low, high)

    def estimate(self, direction: Direction, rung: str) -> Estimate:
        """Return the unexplained fraction of a rung in one direction with its interval."""
        if rung not in direction.errors:
            return Estimate()
        if (direction, rung) not in self.estimates:
            self.estimates[direction, rung] = self.ratio(direction.errors[rung].rows, direction.totals)
        return self.estimates[direction, rung]

    def power(self, direction: Direction) -> Estimate:
        """Return what the kernel estimator leaves unexplained of a known rough function of the direction's source."""
        if direction.power is None:
            return Estimate()
        if (direction, "power") not in self.estimates:
            errors, total = direction.power
            self.estimates[direction, "power"] = self.ratio(errors, np.full(len(errors), total / len(errors)))
        return self.estimates[direction, "power"]

    def limit(self, direction: Direction, rung: str) -> float:
        """Return the unexplained fraction above which a rung fails: the tolerance, for some beyond the power check."""
        return self.tolerance + ((self.power(direction).high or 0.0) if rung_named(rung).power_check else 0.0)

    def state(self, direction: Direction, rung: str) -> str:
        """Return holds, fails or undecided for one rung in one direction."""
        if rung not in direction.errors:
            return "fails"
        if self.n_clusters < MIN_CLUSTERS:
            return "undecided"
        value = self.estimate(direction, rung)
        if value.low is None or value.high is None or np.isnan(value.high):
            return "undecided"
        if value.high < self.tolerance:
            return "holds"
        if value.low <= self.tolerance:
            return "undecided"
        return "fails" if value.low > self.limit(direction, rung) else "undecided"

    def determines(self, direction: Direction) -> str:
        """Return holds where any rung that counts holds in this direction, else the state of the last one."""
        if any(self.state(direction, rung) == "holds" for rung in self.rungs):
            return "holds"
        return self.state(direction, self.up_to)
