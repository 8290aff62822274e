"""What directions are compared with: the tolerance, and one bootstrap for all rungs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from conjugacy.numerics.ratio_interval import difference_interval, log_ratio_interval, upper_of_few
from conjugacy.numerics.resample import cluster_sums, drawn_together, ratio_interval, remembered_counts
from conjugacy.numerics.runs import FEWEST, runs_of
from conjugacy.results import Estimate
from conjugacy.results.digits import per_cent
from conjugacy.transformations.direction import Direction
from conjugacy.transformations.fits import NEARLY
from conjugacy.transformations.folds import MIN_CLUSTERS
from conjugacy.transformations.more_rows import MoreRows
from conjugacy.transformations.power import PowerCheck
from conjugacy.transformations.rungs import RUNGS, rung_named
from conjugacy.transformations.second import SECOND_FITS

BOOTSTRAP_DRAWS = 1000
UNSURE = 2  # times as many runs of errors where blocks of states are too few, else each counts half: long memories look short
MARGIN = 1.25  # times what a power check leaves fitted to few rows: fitted to all it leaves less
Interval = Callable[[np.ndarray, np.ndarray, np.ndarray, float], tuple[float, float]]


@dataclass(frozen=True)
class Rested:
    """An estimate, on how many clusters or runs its interval rests, and which second fit it is that of (`second`), if any."""

    estimate: Estimate
    count: int
    second: str | None = None


@dataclass(frozen=True, eq=False)
class Standard:
    """What directions are compared with: which rows depend on each other, the tolerance, and one bootstrap for all rungs.

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
    places : int array, (m,), or None
        Of a series: where every row stands. Then intervals rest on runs of rows over which the errors depend on each other,
        however long the states do.
    denies : bool
        Whether maps may be denied. Else what does not hold is undecided, unless there is no such map between these widths.
    estimates, powers : dict
        What was estimated before, by direction and rung, and of power checks.
    """

    clusters: np.ndarray
    tolerance: float
    seed: int
    up_to: str = RUNGS[-1]
    places: np.ndarray | None = None
    denies: bool = True
    estimates: dict[tuple[Direction, str], Rested] = field(default_factory=dict[tuple[Direction, str], Rested])
    powers: dict[tuple[Direction, str], Estimate] = field(default_factory=dict[tuple[Direction, str], Estimate])

    @property
    def rungs(self) -> tuple[str, ...]:
        """The rungs that count, in order."""
        return RUNGS[: RUNGS.index(self.up_to) + 1]

    @cached_property
    def n_clusters(self) -> int:
        """Number of independent groups of rows."""
        return int(self.clusters.max()) + 1

    def at(self, rows: np.ndarray) -> Standard:
        """Return the same of some of the rows."""
        if len(rows) == len(self.clusters) and np.array_equal(rows, np.arange(len(rows))):
            return self
        clusters = np.unique(self.clusters[rows], return_inverse=True)[1].reshape(len(rows))
        places = None if self.places is None else self.places[rows]
        return Standard(clusters, self.tolerance, self.seed, self.up_to, places, self.denies)

    def drawn(self, errors: np.ndarray, totals: np.ndarray) -> np.ndarray:
        """Return which rows are drawn together for the ratio of two sums, (m,)."""
        if self.places is None:
            return self.clusters
        clear = FEWEST if self.n_clusters >= MIN_CLUSTERS else UNSURE * FEWEST
        return runs_of(self.places, errors - float(errors.sum() / totals.sum()) * totals, clear)

    def ratio(self, errors: np.ndarray, totals: np.ndarray, level: float = 0.95) -> Estimate:
        """Return the ratio of two sums over rows, neither ever negative, with its interval."""
        return self._interval(log_ratio_interval, errors, totals, self.drawn(errors, totals), level)

    def difference(self, errors: np.ndarray, totals: np.ndarray) -> Estimate:
        """Return the same of a difference between errors, which may be negative."""
        return self._interval(difference_interval, errors, totals, self.drawn(errors, totals))

    def resampled(self, errors: np.ndarray, totals: np.ndarray) -> Estimate:
        """Return the ratio with its percentile interval: for shares of rows, and for what others are compared with."""
        return self._interval(ratio_interval, errors, totals, self.drawn(errors, totals))

    def _interval(
        self, method: Interval, errors: np.ndarray, totals: np.ndarray, drawn: np.ndarray, level: float = 0.95
    ) -> Estimate:
        drawn = drawn_together(drawn, self.seed + 2)
        counts = remembered_counts(int(drawn.max()) + 1, BOOTSTRAP_DRAWS, self.seed + 2)
        low, high = method(counts, cluster_sums(errors, drawn), cluster_sums(totals, drawn), level)
        return Estimate(float(errors.sum() / totals.sum()), low, high)

    def estimate(self, direction: Direction, rung: str) -> Estimate:
        """Return the unexplained fraction of a rung in one direction with its interval."""
        return self._rested(direction, rung).estimate

    def rests_on(self, direction: Direction, rung: str) -> int:
        """Return on how many clusters, or runs of a series, the interval of a rung in one direction rests."""
        return self._rested(direction, rung).count

    def second(self, direction: Direction, rung: str) -> str | None:
        """Return which second fit the numbers of a rung are those of, if any."""
        return self._rested(direction, rung).second

    def _rested(self, direction: Direction, rung: str) -> Rested:
        if rung not in direction.errors:
            return Rested(Estimate(), self.n_clusters)
        if (direction, rung) not in self.estimates:
            first = self._judged(direction.errors[rung].rows, direction.totals)
            self.estimates[direction, rung] = self._second(direction, rung, first.estimate) or first
        return self.estimates[direction, rung]

    def _judged(self, errors: np.ndarray, totals: np.ndarray, level: float = 0.95) -> Rested:
        drawn = self.drawn(errors, totals)
        found, count = self._interval(log_ratio_interval, errors, totals, drawn, level), int(drawn.max()) + 1
        if not self.are_few(count) or found.unexplained is None or found.high is None:
            return Rested(found, count)
        most = found.unexplained * upper_of_few(min(count, self.n_clusters) / UNSURE, level)
        return Rested(replace(found, high=max(found.high, most)), count)

    def are_few(self, count: int) -> bool:
        """Whether of a series neither blocks of states nor so many runs of errors are enough for a bootstrap."""
        return self.places is not None and max(count, self.n_clusters) < MIN_CLUSTERS

    def _second(self, direction: Direction, rung: str, first: Estimate) -> Rested | None:
        """Return what a second fit leaves, where it holds and the first one does not quite; it serves no other answer.

        Its interval is that of several looks, each at its share of the level.
        """
        u, high = first.unexplained or 0.0, first.high or 0.0
        if not rung_named(rung).power_check or not self.tolerance <= high:
            return None
        near = NEARLY * self.tolerance
        for name in SECOND_FITS if u < near else [one for one, left in direction.promised.items() if left < near]:
            errors = direction.second_within(name, self.tolerance)
            if errors is None:
                continue
            found = self._judged(errors, direction.totals, level=1.0 - 0.05 / (1 + len(SECOND_FITS)))
            if (found.estimate.high or np.inf) < self.tolerance:
                return replace(found, second=name)
        return None

    def power(self, direction: Direction) -> Estimate:
        """Return what the kernel estimator leaves unexplained of a known rough function of the direction's source."""
        return self._power(direction, "power", direction.power)

    def power_there(self, direction: Direction) -> Estimate:
        """Return the same of a rough function of what the source predicts of the target, in the source's quiet directions too."""
        return self._power(direction, "power there", direction.power_there)

    def _power(self, direction: Direction, name: str, check: PowerCheck | None) -> Estimate:
        if check is None:
            return Estimate()
        return self._resampled_power(direction, name, lambda: check.errors)

    def _resampled_power(
        self, direction: Direction, name: str, found: Callable[[], tuple[np.ndarray, float]]
    ) -> Estimate:
        if (direction, name) not in self.powers:
            errors, total = direction.judged(found())
            self.powers[direction, name] = self.resampled(errors, np.full(len(errors), total / len(errors)))
        return self.powers[direction, name]

    def more_rows(self, direction: Direction, rung: str) -> MoreRows | None:
        """Return what more rows would bring, where a rung with a power check is over its first limit; else None."""
        low = self.estimate(direction, rung).low
        if low is None or not rung_named(rung).power_check or low <= self._first_limit(direction, low):
            return None
        return direction.more_rows

    def limit(self, direction: Direction, rung: str) -> float:
        """Return the unexplained fraction above which a rung fails: the tolerance, for some beyond the power checks.

        Where that decides it, a check stands for what it leaves fitted to few rows, which is more. The second check is made
        only where the first one is passed.
        """
        if not rung_named(rung).power_check:
            return self.tolerance
        low = self.estimate(direction, rung).low
        first = self._first_limit(direction, low)
        if self.more_rows(direction, rung) is None:
            return first
        return max(first, self._beyond(direction, "power there", direction.power_there, low))

    def _first_limit(self, direction: Direction, low: float | None) -> float:
        return self._beyond(direction, "power", direction.power, low)

    def _beyond(self, direction: Direction, name: str, check: PowerCheck | None, low: float | None) -> float:
        """Return the tolerance and what a power check leaves: at the most, where that is under a lower end, at no more cost."""
        few = None if check is None or low is None else check.at_most
        if few is not None:
            most = self._resampled_power(direction, f"{name} of few", lambda: few)
            if low is not None and low > (bound := self.tolerance + MARGIN * (most.high or 0.0)):
                return bound
        return self.tolerance + (self._power(direction, name, check).high or 0.0)

    def is_settled(self, direction: Direction, rung: str) -> bool:
        """Return whether neither another kind of map leaves less nor more rows would bring anything, as far as that was asked."""
        more_rows = self.more_rows(direction, rung)
        if more_rows is None:
            return True
        if min(direction.promised.values()) <= self.limit(direction, rung):
            return False
        return more_rows.settled and direction.in_pieces is None

    def too_weak(self, direction: Direction, rung: str) -> str:
        """Say what the estimator cannot do yet."""
        more_rows, limit = self.more_rows(direction, rung), self.limit(direction, rung)
        if more_rows is None or (self.estimate(direction, rung).low or 0.0) <= limit:
            of = "this network" if more_rows is None else "what this network predicts of the other"
            power = self.power(direction) if more_rows is None else self.power_there(direction)
            return f"the same estimator leaves {per_cent(power.unexplained or 0.0)} of a known function of {of} unexplained"
        promised = min(direction.promised.values())
        if promised <= limit:
            return f"between the units' normal scores a linear map alone leaves {per_cent(promised)}"
        if more_rows.settled and direction.in_pieces is not None:
            less = f"{per_cent(direction.in_pieces)} of what the smooth map leaves"
            return f"a few linear maps, each for a part of the rows, leave {less}"
        left, rows = more_rows.pair, len(direction.fits.source.selection)
        return (
            f"the map is still getting better with rows: it leaves {per_cent(left.half)} fitted to {rows // 2} rows, "
            f"{per_cent(left.whole)} fitted to {rows}"
        )

    def state(self, direction: Direction, rung: str) -> str:
        """Return holds, fails or undecided for one rung in one direction."""
        if rung not in direction.errors:
            return "fails"
        if self.places is None and self.n_clusters < MIN_CLUSTERS:
            return "undecided"  # without fitting anything
        if not self.denies and self._cannot_hold(direction, rung):
            return "undecided"
        value, count = self.estimate(direction, rung), self.rests_on(direction, rung)
        if value.low is None or value.high is None or np.isnan(value.high):
            return "undecided"
        if value.high < self.tolerance:
            return "holds"
        if not self.denies or self.are_few(count):
            return "undecided"  # what few runs leave has no lower end
        if value.low <= self.tolerance or value.low <= self.limit(direction, rung):
            return "undecided"
        return "fails" if self.is_settled(direction, rung) else "undecided"

    def _cannot_hold(self, direction: Direction, rung: str) -> bool:
        """Whether an interval can only end over the tolerance, as what is left does, or what is left at least."""
        return direction.leaves(rung, self.tolerance) or direction.unexplained(rung) >= self.tolerance

    def determines(self, direction: Direction) -> str:
        """Return holds where any rung that counts holds in this direction, else the state of the last one."""
        if any(self.state(direction, rung) == "holds" for rung in self.rungs):
            return "holds"
        return self.state(direction, self.up_to)
