"""Shares of rows and their differences with intervals that know which rows depend on each other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import bdtrc, stdtr, stdtrit

from conjugacy.numerics.dependent_means import mean_and_error
from conjugacy.numerics.proportions import bounds_of_rise
from conjugacy.numerics.resample import shuffle_clusters
from conjugacy.results import Estimate

ONE_SIDED = 0.975
SHUFFLES = 199
NOTHING_SEEN = -float(np.log(1.0 - ONE_SIDED))  # of n rows without an event, up to 3.7 / n may have one


@dataclass(frozen=True, eq=False)
class Groups:
    """Which rows depend on each other.

    Attributes
    ----------
    clusters : int array, (m,)
    """

    clusters: np.ndarray

    @cached_property
    def count(self) -> int:
        """Number of groups that do not depend on each other."""
        return len(np.unique(self.clusters))

    @property
    def single(self) -> bool:
        """Whether all rows are by themselves."""
        return self.count == len(self.clusters)

    def mean(self, values: np.ndarray) -> Estimate:
        """Return the mean of values (m,) with its interval from the sums over groups of rows, at least 3.7 / groups wide."""
        mean, error, groups = mean_and_error(values, self.clusters)
        if groups < 2:
            return Estimate(mean, -np.inf, np.inf)
        half = max(float(stdtrit(groups - 1, ONE_SIDED)) * error, NOTHING_SEEN / groups)
        return Estimate(mean, mean - half, mean + half)

    def share(self, hits: np.ndarray) -> Estimate:
        """Return a share of rows: exact (Clopper and Pearson) for single rows, else from the sums over groups."""
        if self.single:
            hit, none, rows = (np.array([float(n)]) for n in (hits.sum(), 0, len(hits)))
            low, high = bounds_of_rise(hit, none, rows, np.zeros(1, dtype=bool), 1 - ONE_SIDED)
            return Estimate(float(hits.mean()), float(low[0]), float(high[0]))
        found = self.mean(hits.astype(np.float64))
        return Estimate(found.unexplained, max(0.0, found.low or 0.0), min(1.0, found.high or 0.0))

    def p_more(self, values: np.ndarray) -> float:
        """Return how often the mean of values in {-1, 0, 1} would be so far over zero by chance (one-sided).

        For single rows the exact sign test (McNemar), else a t test on the sums over groups.
        """
        if self.single:
            up, down = int((values > 0).sum()), int((values < 0).sum())
            return _at_least(up, up + down, 0.5)
        return self._p_over(values.astype(np.float64))

    def p_over(self, hits: np.ndarray, share: float) -> float:
        """Return how often so many hits would come where their true share is at most the one given (one-sided)."""
        if self.single:
            return _at_least(int(hits.sum()), len(hits), share)
        return self._p_over(hits - share)

    def p_share_above(self, hits: np.ndarray, limit: float) -> float:
        """Return the one-sided p of a share over a limit, as its interval (`share`) has it."""
        return self.p_over(hits, limit) if self.single else self.p_above(self.share(hits), limit)

    def p_above(self, e: Estimate, limit: float) -> float:
        """Return the one-sided p of a mean over a limit, from its interval: .025 where its lower end sits on the limit.

        The larger of a t test's and of what as many groups without an event would show, as the interval is the wider of both.

        Examples
        --------
        >>> rows = Groups(np.arange(2000))
        >>> round(rows.p_above(Estimate(0.5, 0.4, 0.6), 0.4), 3), rows.p_above(Estimate(0.5, 0.4, 0.6), 0.2) < 1e-8
        (0.025, True)
        """
        if e.unexplained is None or e.low is None:
            return 1.0
        return self._p_away(e.unexplained - limit, e.unexplained - e.low)

    def p_below(self, e: Estimate, limit: float) -> float:
        """Return the one-sided p of a mean under a limit, likewise."""
        if e.unexplained is None or e.high is None:
            return 1.0
        return self._p_away(limit - e.unexplained, e.high - e.unexplained)

    def _p_away(self, away: float, half: float) -> float:
        if away <= 0 or not 0 < half < np.inf:
            return 1.0
        groups = self.count
        t = float(stdtr(groups - 1, -away / half * float(stdtrit(groups - 1, ONE_SIDED))))
        return max(t, float(np.exp(-groups * away)))

    def _p_over(self, values: np.ndarray) -> float:
        mean, error, groups = mean_and_error(values, self.clusters)
        if groups < 2 or mean <= 0:
            return 1.0
        # groups that are all alike show no spread, however few they are: each may be one event
        error = max(error, float(np.abs(values).max()) / groups / 2.0)
        return float(stdtr(groups - 1, -mean / error))


def lower(e: Estimate) -> float:
    """Return the lower bound; minus infinity where there is none."""
    return -np.inf if e.low is None else e.low


def upper(e: Estimate) -> float:
    """Return the upper bound; infinity where there is none."""
    return np.inf if e.high is None else e.high


def _at_least(hits: int, of: int, share: float) -> float:
    """Return how often so many hits or more come of so many draws (binomial)."""
    return 1.0 if hits <= 0 else float(bdtrc(hits - 1, of, share))


def possible_p(draws: int, share: float) -> np.ndarray:
    """Return what the one-sided p of so many draws can come out at, ascending.

    Examples
    --------
    >>> possible_p(2, 0.5).tolist()
    [0.25, 0.75, 1.0]
    """
    hits = np.arange(draws, 0, -1)
    return np.append(np.asarray(bdtrc(hits - 1, draws, share)), 1.0)


def kappa(a: np.ndarray, b: np.ndarray, rows: Groups) -> Estimate:
    """Return Cohen's kappa of two lists of classes with its interval (delta method over groups of rows).

    kappa = (p - e) / (1 - e), p the share of rows that agree, e what two such lists would agree on by chance.

    Examples
    --------
    >>> x = np.array([0, 1, 2, 0, 1, 2] * 20)
    >>> kappa(x, x, Groups(np.arange(120))).unexplained
    1.0
    """
    names, at = np.unique(np.concatenate([a, b]), return_inverse=True)
    at_a, at_b = at[: len(a)], at[len(a) :]
    of_a, of_b = (np.bincount(x, minlength=len(names)) / len(a) for x in (at_a, at_b))
    same, chance = a == b, float(of_a @ of_b)
    if chance >= 1.0:
        return Estimate(None, None, None)  # both always choose one class
    agree = float(same.mean())
    moves = (same - agree) / (1 - chance) - (1 - agree) * (of_b[at_a] + of_a[at_b] - 2 * chance) / (1 - chance) ** 2
    around = rows.mean(moves)
    value = (agree - chance) / (1 - chance)
    return Estimate(value, value + (around.low or 0.0), min(1.0, value + (around.high or 0.0)))


def independence(a: np.ndarray, b: np.ndarray, clusters: np.ndarray, seed: int) -> float:
    """Return the permutation p of two lists of classes telling nothing of each other (mutual information, 199 shuffles).

    Examples
    --------
    >>> x = np.random.default_rng(0).integers(0, 3, 200)
    >>> independence(x, (x + 1) % 3, np.arange(200), 0)
    0.005
    """
    names_a, at_a = np.unique(a, return_inverse=True)
    names_b, at_b = np.unique(b, return_inverse=True)
    rows = at_a * len(names_b)
    rng = np.random.default_rng(seed + 7)

    def information(order: np.ndarray | slice) -> float:
        met = at_b[order]
        both = np.bincount(rows + met, minlength=len(names_a) * len(names_b))
        return _logs(both) - _logs(np.bincount(met))  # up to what no shuffle changes: that of A alone

    given = information(slice(None))
    given -= 1e-12 * abs(given)
    more = sum(information(shuffle_clusters(clusters, rng)) >= given for _ in range(SHUFFLES))
    return (1 + more) / (1 + SHUFFLES)


def _logs(counts: np.ndarray) -> float:
    seen = counts[counts > 0].astype(np.float64)
    return float(seen @ np.log(seen))
