"""One direction of the ladder: every family of transformations fitted from one network to another, judged on held-out rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from conjugacy.errors import InputError, ShapeError
from conjugacy.numerics.resample import bootstrap_counts, cluster_sums, draw_folds, ratio_interval
from conjugacy.results import RUNGS, Estimate
from conjugacy.transformations import affine, identity, permutation, rotation
from conjugacy.transformations.network import Network
from conjugacy.transformations.smooth import KernelRegression

FOLDS = 10
BOOTSTRAP_DRAWS = 1000
NULL_DRAWS = 99
MIN_ROWS, MIN_CLUSTERS = 10, 10


@dataclass(frozen=True, eq=False)
class RowErrors:
    """Squared held-out residuals, summed: per row over judged units, per unit over rows, and weighted by variance."""

    rows: np.ndarray
    units: np.ndarray
    by_variance: float

    @classmethod
    def of(cls, residuals: np.ndarray, target: Network) -> RowErrors:
        """Sum the residuals (m, p), given in units of the target's standard deviations."""
        squares = residuals**2
        variance = target.std[target.live] ** 2
        units = squares.sum(axis=0)
        rows = squares[:, target.judged].sum(axis=1)
        return cls(rows, units, float((units * variance).sum() / (target.m * variance.sum())))


@dataclass(frozen=True, eq=False)
class Direction:
    """One direction, judged: errors of every rung that applies, the totals they are fractions of, and the power check."""

    errors: Mapping[str, RowErrors]
    totals: np.ndarray
    grade_rotation: float
    linear_is_best: bool
    power: tuple[np.ndarray, float] | None
    p_independent: float | None

    def unexplained(self, rung: str) -> float:
        """Return the unexplained fraction of a rung."""
        return float(self.errors[rung].rows.sum() / self.totals.sum())


def make_folds(clusters: np.ndarray, seed: int) -> np.ndarray:
    """Return the folds that all rungs share.

    Raises
    ------
    InputError
        Where there are fewer than 10 rows, or all rows depend on each other.
    """
    if len(clusters) < MIN_ROWS:
        raise InputError(f"got {len(clusters)} matched rows, expected at least {MIN_ROWS}: record more stimuli")
    if int(clusters.max()) == 0:
        raise InputError("all rows belong to one group: nothing can be held out; record more groups (stimuli, trials)")
    return draw_folds(clusters, FOLDS, seed)


def judge_direction(
    source: Network,
    target: Network,
    clusters: np.ndarray,
    *,
    seed: int = 0,
    with_nulls: bool = True,
) -> Direction:
    """Fit every rung from source to target and return its held-out errors.

    Parameters
    ----------
    source, target : Network
        Rows matched.
    clusters : int array, (m,)
        Rows with one number depend on each other and are held out together.
    seed : int
        Draws the folds and the re-pairings.
    with_nulls : bool
        Whether to run the power check and the permutation null; controls need neither.
    """
    if source.m != target.m or len(clusters) != source.m:
        raise ShapeError(f"rows do not match: {source.m}, {target.m} and {len(clusters)} cluster numbers")
    folds = make_folds(clusters, seed)
    residuals = _simple_residuals(source, target, folds)
    regression = KernelRegression(source, target.sketch, folds, clusters)
    errors = {rung: RowErrors.of(r, target) for rung, r in residuals.items()}
    errors["smooth"] = RowErrors.of(regression.residuals(target.z), target)
    linear_is_best = errors["affine"].rows.sum() <= errors["smooth"].rows.sum()
    if linear_is_best:  # affine maps are smooth: the family holds them too
        errors["smooth"] = errors["affine"]
    totals = (target.z[:, target.judged] ** 2).sum(axis=1)
    graded = RowErrors.of(rotation.residuals(source, target, folds, scaled=True), target).rows.sum()
    return Direction(
        errors=errors,
        totals=totals,
        grade_rotation=float(min(graded, errors["rotation"].rows.sum()) / totals.sum()),
        linear_is_best=bool(linear_is_best),
        power=_power(source, folds, clusters) if with_nulls else None,
        p_independent=regression.p_independent(NULL_DRAWS, seed + 1) if with_nulls else None,
    )


def _simple_residuals(source: Network, target: Network, folds: np.ndarray) -> dict[str, np.ndarray]:
    residuals: dict[str, np.ndarray] = {}
    if identity.advice(source, target) is None:
        residuals["identity"] = identity.residuals(source, target, folds)
    if permutation.advice(source, target) is None:
        residuals["permutation"] = permutation.residuals(source, target, folds)
    residuals["rotation"] = rotation.residuals(source, target, folds)
    residuals["affine"] = affine.residuals(source, target, folds)
    return residuals


def held_out_predictions(
    source: Network, target: Network, clusters: np.ndarray, rung: str, *, seed: int = 0
) -> np.ndarray:
    """Return what a rung predicts of every unit of the target, (m, n), each row by a map fitted without its fold.

    Raises
    ------
    InputError
        Where the rung does not apply to these widths.
    """
    folds = make_folds(clusters, seed)
    if rung == "smooth":
        residuals = KernelRegression(source, target.sketch, folds, clusters).residuals(target.z)
    else:
        simple = _simple_residuals(source, target, folds)
        if rung not in simple:
            raise InputError(f"the rung {rung!r} does not apply between {source.n} and {target.n} units")
        residuals = simple[rung]
    found = np.tile(target.mean, (target.m, 1))
    found[:, target.live] = target.values[:, target.live] - residuals * target.std[target.live]
    return found


def _power(source: Network, folds: np.ndarray, clusters: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the squared held-out errors per row of the power target, and its total; worked out once per network."""
    key = folds.tobytes() + clusters.tobytes()
    if key not in source.power_checks:
        target = source.power_target
        residuals = KernelRegression(source, target, folds, clusters).residuals(target)
        source.power_checks[key] = (residuals**2).sum(axis=1), float((target**2).sum())
    return source.power_checks[key]


def prepare(network: Network, clusters: np.ndarray, *, seed: int = 0) -> Network:
    """Do now what needs one network only, so that comparing a pair does not pay for it; returns the network."""
    network.work()
    if len(clusters) >= MIN_ROWS and clusters.max() > 0:  # else the pair will be refused, and told why
        _power(network, make_folds(clusters, seed), clusters)
    return network


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
    """

    clusters: np.ndarray
    tolerance: float
    seed: int

    @cached_property
    def n_clusters(self) -> int:
        """Number of independent groups of rows."""
        return int(self.clusters.max()) + 1

    @cached_property
    def _counts(self) -> np.ndarray:
        return bootstrap_counts(self.n_clusters, BOOTSTRAP_DRAWS, self.seed + 2)

    def ratio(self, errors: np.ndarray, totals: np.ndarray) -> Estimate:
        """Return the ratio of two sums over rows with its bootstrap interval."""
        above, below = cluster_sums(errors, self.clusters), cluster_sums(totals, self.clusters)
        low, high = ratio_interval(self._counts, above, below)
        return Estimate(float(errors.sum() / totals.sum()), low, high)

    def estimate(self, direction: Direction, rung: str) -> Estimate:
        """Return the unexplained fraction of a rung in one direction with its interval."""
        if rung not in direction.errors:
            return Estimate()
        return self.ratio(direction.errors[rung].rows, direction.totals)

    def power(self, direction: Direction) -> Estimate:
        """Return what the smooth estimator leaves unexplained of a known rough function of the direction's source."""
        if direction.power is None:
            return Estimate()
        errors, total = direction.power
        return self.ratio(errors, np.full(len(errors), total / len(errors)))

    def state(self, direction: Direction, rung: str) -> str:
        """Return holds, fails or undecided for one rung in one direction."""
        if rung not in direction.errors:
            return "fails"
        value = self.estimate(direction, rung)
        if self.n_clusters < MIN_CLUSTERS or value.low is None or value.high is None or np.isnan(value.high):
            return "undecided"
        if value.high < self.tolerance:
            return "holds"
        limit = self.tolerance
        if rung == "smooth":
            limit += self.power(direction).high or 0.0
        return "fails" if value.low > limit else "undecided"

    def determines(self, direction: Direction) -> str:
        """Return holds where any rung holds in this direction, else the state of the smooth rung."""
        states = [self.state(direction, rung) for rung in RUNGS]
        return "holds" if "holds" in states else states[-1]
