"""What directions are held against: the tolerance, and one bootstrap for all rungs."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from conjugacy.numerics.ratio_interval import difference_interval, log_ratio_interval
from conjugacy.numerics.resample import cluster_sums, ratio_interval, remembered_counts
from conjugacy.results import Estimate
from conjugacy.transformations.direction import Direction
from conjugacy.transformations.folds import MIN_CLUSTERS
from conjugacy.transformations.more_rows import MoreRows
from conjugacy.transformations.power import PowerCheck
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
        """Return the ratio of two sums over rows, neither ever negative, with its interval."""
        low, high = log_ratio_interval(self._counts, *self._sums(errors, totals), level)
        return Estimate(float(errors.sum() / totals.sum()), low, high)

    def difference(self, errors: np.ndarray, totals: np.ndarray) -> Estimate:
        """Return the same of a difference between errors, which may be negative."""
        low, high = difference_interval(self._counts, *self._sums(errors, totals))
        return Estimate(float(errors.sum() / totals.sum()), low, high)

    def resampled(self, errors: np.ndarray, totals: np.ndarray) -> Estimate:
        """Return the ratio with its percentile interval: for shares of rows, and for what others are held against."""
        low, high = ratio_interval(self._counts, *self._sums(errors, totals))
        return Estimate(float(errors.sum() / totals.sum()), low, high)

    def _sums(self, errors: np.ndarray, totals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return cluster_sums(errors, self.clusters), cluster_sums(totals, self.clusters)

    def estimate(self, direction: Direction, rung: str) -> Estimate:
        """Return the unexplained fraction of a rung in one direction with its interval."""
        if rung not in direction.errors:
            return Estimate()
        if (direction, rung) not in self.estimates:
            self.estimates[direction, rung] = self.ratio(direction.errors[rung].rows, direction.totals)
        return self.estimates[direction, rung]

    def power(self, direction: Direction) -> Estimate:
        """Return what the kernel estimator leaves unexplained of a known rough function of the direction's source."""
        return self._power(direction, "power", direction.power)

    def power_there(self, direction: Direction) -> Estimate:
        """Return the same of a rough function of what the source predicts of the target, in the source's quiet directions too."""
        return self._power(direction, "power there", direction.power_there)

    def _power(self, direction: Direction, name: str, found: PowerCheck | None) -> Estimate:
        if found is None:
            return Estimate()
        if (direction, name) not in self.estimates:
            errors, total = direction.errors_of(found)
            self.estimates[direction, name] = self.resampled(errors, np.full(len(errors), total / len(errors)))
        return self.estimates[direction, name]

    def more_rows(self, direction: Direction, rung: str) -> MoreRows | None:
        """Return what more rows would bring, where a rung with a power check is over its first limit; else None."""
        low = self.estimate(direction, rung).low
        if low is None or not rung_named(rung).power_check or not self._is_over_first(direction, low):
            return None
        return direction.more_rows

    def limit(self, direction: Direction, rung: str) -> float:
        """Return the unexplained fraction above which a rung fails: the tolerance, for some beyond the power checks.

        The second check costs as much as a fit, and is made only where the first one is passed.
        """
        if not rung_named(rung).power_check:
            return self.tolerance
        limit = self.tolerance + (self.power(direction).high or 0.0)
        if self.more_rows(direction, rung) is None:
            return limit
        return max(limit, self.tolerance + (self.power_there(direction).high or 0.0))

    def _is_over_first(self, direction: Direction, low: float) -> bool:
        """Whether a lower end is over the tolerance and the first power check, which is made only where it may matter."""
        return self._is_over(low, direction.power) or low > self.tolerance + (self.power(direction).high or 0.0)

    def _is_over_limit(self, direction: Direction, rung: str, low: float) -> bool:
        """Whether a lower end is over `limit`, at no more than that costs."""
        if not rung_named(rung).power_check:
            return low > self.tolerance
        if not self._is_over_first(direction, low):
            return False
        there = direction.power_there
        return self._is_over(low, there) or low > self.tolerance + (self.power_there(direction).high or 0.0)

    def _is_over(self, low: float, check: PowerCheck | None) -> bool:
        return check is None or low > self.tolerance + check.at_most

    def is_settled(self, direction: Direction, rung: str) -> bool:
        """Return whether more rows would bring nothing, as far as that was asked."""
        more_rows = self.more_rows(direction, rung)
        return more_rows is None or more_rows.settled

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
        if value.low <= self.tolerance or not self._is_over_limit(direction, rung, value.low):
            return "undecided"
        return "fails" if self.is_settled(direction, rung) else "undecided"

    def determines(self, direction: Direction) -> str:
        """Return holds where any rung that counts holds in this direction, else the state of the last one."""
        if any(self.state(direction, rung) == "holds" for rung in self.rungs):
            return "holds"
        return self.state(direction, self.up_to)
