"""One direction of the ladder: every family of transformations fitted from one network to another, judged on held-out rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b

import numpy as np

from conjugacy.errors import InputError, ShapeError
from conjugacy.numerics.resample import cluster_sums, draw_folds, ratio_interval, remembered_counts
from conjugacy.results import RUNGS, Estimate
from conjugacy.transformations.kernel_regression import KernelRegression
from conjugacy.transformations.layer import Layer
from conjugacy.transformations.rungs import affine, identity, permutation, rotation

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
    def of(cls, residuals: np.ndarray, target: Layer) -> RowErrors:
        """Sum the residuals (m, p), given in units of the target's standard deviations."""
        squares = residuals**2
        variance = target.std[target.live] ** 2
        units = squares.sum(axis=0)
        rows = squares[:, target.judged].sum(axis=1)
        return cls(rows, units, float((units * variance).sum() / (target.m * variance.sum())))


@dataclass(frozen=True, eq=False)
class Fits:
    """Every rung fitted from one network to another; each is worked out when it is asked for, and once.

    Attributes
    ----------
    source, target : Layer
        Rows matched.
    clusters : int array, (m,)
        Rows with one number depend on each other and are held out together.
    seed : int
        Draws the folds and the re-pairings.
    with_nulls : bool
        Whether there are a power check and a permutation null.
    found, back : dict
        Errors found so far, in this direction and in the other one: what both share is worked out once.
    """

    source: Layer
    target: Layer
    clusters: np.ndarray
    seed: int
    with_nulls: bool
    found: dict[str, RowErrors] = field(default_factory=dict[str, RowErrors])
    back: dict[str, RowErrors] = field(default_factory=dict[str, RowErrors])

    @cached_property
    def folds(self) -> np.ndarray:
        """The folds that all rungs share."""
        return make_folds(self.clusters, self.seed)

    @cached_property
    def rungs(self) -> tuple[str, ...]:
        """The rungs that apply."""
        ends = self.source, self.target
        advice = {"identity": identity.advice(*ends), "permutation": permutation.advice(*ends)}
        return tuple(rung for rung in RUNGS if advice.get(rung) is None)

    @cached_property
    def regression(self) -> KernelRegression:
        """The smooth estimator."""
        return KernelRegression(self.source, self.target.sketch, self.folds, self.clusters)

    @cached_property
    def totals(self) -> np.ndarray:
        """What errors are fractions of, per row."""
        return (self.target.z[:, self.target.judged] ** 2).sum(axis=1)

    @cached_property
    def _curved(self) -> RowErrors:
        """The errors of the kernel map; the smooth rung takes the affine map where that is better."""
        return RowErrors.of(self.regression.residuals(self.target.z), self.target)

    @property
    def linear_is_best(self) -> bool:
        """Whether the affine map predicts the held-out rows no worse than the kernel map."""
        return bool(self.errors("affine").rows.sum() <= self._curved.rows.sum())

    def errors(self, rung: str) -> RowErrors:
        """Return the held-out errors of a rung that applies."""
        if rung not in self.found:
            if rung == "smooth":  # affine maps are smooth: the family holds them too
                self.found[rung] = self.errors("affine") if self.linear_is_best else self._curved
            elif rung == "rotation":
                there, back = rotation.residuals_both_ways(self.source, self.target, self.folds)
                self.found[rung], self.back[rung] = RowErrors.of(there, self.target), RowErrors.of(back, self.source)
            else:
                residuals = _SIMPLE[rung](self.source, self.target, self.folds)
                self.found[rung] = RowErrors.of(residuals, self.target)
        return self.found[rung]

    def numbers_fitted(self, rung: str) -> float:
        """Return how many numbers a rung below smooth fits per unit of the target."""
        if rung == "affine":
            return affine.effective_dimensions(self.source, self.target, self.folds)
        if rung == "rotation":  # an isometry between as many dimensions as the layers span, a shift and a scale
            p, q = sorted((len(self.source.ridge.s), len(self.target.ridge.s)))
            return 1.0 + (p * q - p * (p + 1) / 2 + 1) / len(self.target.ridge.s)
        return {"identity": 0.0, "permutation": 2.0}[rung]

    @cached_property
    def grade_rotation(self) -> float:
        """The unexplained fraction of the better of two rotations, of the units as they are and of equal variance."""
        scaled = rotation.residuals(self.source, self.target, self.folds, scaled=True)
        graded = RowErrors.of(scaled, self.target).rows.sum()
        return float(min(graded, self.errors("rotation").rows.sum()) / self.totals.sum())

    @cached_property
    def power(self) -> tuple[np.ndarray, float] | None:
        """Squared held-out errors per row of the power target, and its total; None without nulls."""
        return _power(self.source, self.folds, self.clusters) if self.with_nulls else None

    @cached_property
    def p_independent(self) -> float | None:
        """The permutation p of the smooth estimator; None without nulls."""
        return self.regression.p_independent(NULL_DRAWS, self.seed + 1) if self.with_nulls else None


class _Errors(Mapping[str, RowErrors]):
    """The errors of the rungs that apply, on the kept rows."""

    def __init__(self, fits: Fits, kept: np.ndarray | None) -> None:
        self._fits, self._kept = fits, kept

    def __getitem__(self, rung: str) -> RowErrors:
        if rung not in self._fits.rungs:
            raise KeyError(rung)
        found = self._fits.errors(rung)
        return found if self._kept is None else RowErrors(found.rows[self._kept], found.units, found.by_variance)

    def __contains__(self, rung: object) -> bool:
        return rung in self._fits.rungs  # without fitting it

    def __iter__(self) -> Iterator[str]:
        return iter(self._fits.rungs)

    def __len__(self) -> int:
        return len(self._fits.rungs)


@dataclass(frozen=True, eq=False)
class Direction:
    """One direction, judged: errors of every rung that applies, the totals they are fractions of, and the power check.

    Attributes
    ----------
    fits : Fits
    kept : int array or None
        The rows that are judged; all, where None.
    """

    fits: Fits
    kept: np.ndarray | None = None

    @property
    def errors(self) -> Mapping[str, RowErrors]:
        """The errors of the rungs that apply; a rung is fitted when its errors are asked for."""
        return _Errors(self.fits, self.kept)

    @property
    def totals(self) -> np.ndarray:
        """What errors are fractions of, per row."""
        return self.fits.totals if self.kept is None else self.fits.totals[self.kept]

    @property
    def power(self) -> tuple[np.ndarray, float] | None:
        """Squared held-out errors per row of the power target, and its total."""
        power = self.fits.power
        if power is None or self.kept is None:
            return power
        return power[0][self.kept], power[1] * len(self.kept) / len(self.fits.totals)

    @property
    def grade_rotation(self) -> float:
        """The unexplained fraction of the better of two rotations."""
        return self.fits.grade_rotation

    @property
    def linear_is_best(self) -> bool:
        """Whether the smooth rung is the affine map."""
        return self.fits.linear_is_best

    @property
    def p_independent(self) -> float | None:
        """The permutation p of the smooth estimator against re-paired rows."""
        return self.fits.p_independent

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
    source: Layer,
    target: Layer,
    clusters: np.ndarray,
    *,
    seed: int = 0,
    with_nulls: bool = True,
) -> Direction:
    """Return every rung from source to target with its held-out errors, each fitted when it is asked for.

    Parameters
    ----------
    source, target : Layer
        Rows matched.
    clusters : int array, (m,)
        Rows with one number depend on each other and are held out together.
    seed : int
        Draws the folds and the re-pairings.
    with_nulls : bool
        Whether to run the power check and the permutation null; controls need neither.
    """
    _require_rows(source, target, clusters, seed)
    return Direction(Fits(source, target, clusters, seed, with_nulls))


def judge_both_ways(a: Layer, b: Layer, clusters: np.ndarray, *, seed: int = 0) -> tuple[Direction, Direction]:
    """Return the directions a to b and b to a, which share what is the same for both."""
    _require_rows(a, b, clusters, seed)
    there = Fits(a, b, clusters, seed, with_nulls=True)
    return Direction(there), Direction(replace(there, source=b, target=a, found=there.back, back=there.found))


def _require_rows(source: Layer, target: Layer, clusters: np.ndarray, seed: int) -> None:
    if source.m != target.m or len(clusters) != source.m:
        raise ShapeError(f"rows do not match: {source.m}, {target.m} and {len(clusters)} cluster numbers")
    make_folds(clusters, seed)  # rows that cannot be divided are told before the work


_SIMPLE: Mapping[str, Callable[[Layer, Layer, np.ndarray], np.ndarray]] = {
    "identity": identity.residuals,
    "permutation": permutation.residuals,
    "rotation": rotation.residuals,
    "affine": affine.residuals,
}


def held_out_predictions(source: Layer, target: Layer, clusters: np.ndarray, rung: str, *, seed: int = 0) -> np.ndarray:
    """Return what a rung predicts of every unit of the target, (m, n), each row by a map fitted without its fold.

    Raises
    ------
    InputError
        Where the rung does not apply to these widths.
    """
    fits = Fits(source, target, clusters, seed, with_nulls=False)
    if rung not in fits.rungs:
        raise InputError(f"the rung {rung!r} does not apply between {source.n} and {target.n} units")
    curved = rung == "smooth"
    residuals = fits.regression.residuals(target.z) if curved else _SIMPLE[rung](source, target, fits.folds)
    found = np.tile(target.mean, (target.m, 1))
    found[:, target.live] = target.values[:, target.live] - residuals * target.std[target.live]
    return found


def _power(source: Layer, folds: np.ndarray, clusters: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the squared held-out errors per row of the power target, and its total; worked out once per network."""
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
    up_to : str
        The last rung that counts.
    estimates : dict
        What was estimated before, by direction and rung.
    """

    clusters: np.ndarray
    tolerance: float
    seed: int
    up_to: str = "smooth"
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

    def ratio(self, errors: np.ndarray, totals: np.ndarray) -> Estimate:
        """Return the ratio of two sums over rows with its bootstrap interval."""
        above, below = cluster_sums(errors, self.clusters), cluster_sums(totals, self.clusters)
        low, high = ratio_interval(self._counts, above, below)
        return Estimate(float(errors.sum() / totals.sum()), low, high)

    def estimate(self, direction: Direction, rung: str) -> Estimate:
        """Return the unexplained fraction of a rung in one direction with its interval."""
        if rung not in direction.errors:
            return Estimate()
        if (direction, rung) not in self.estimates:
            self.estimates[direction, rung] = self.ratio(direction.errors[rung].rows, direction.totals)
        return self.estimates[direction, rung]

    def power(self, direction: Direction) -> Estimate:
        """Return what the smooth estimator leaves unexplained of a known rough function of the direction's source."""
        if direction.power is None:
            return Estimate()
        if (direction, "power") not in self.estimates:
            errors, total = direction.power
            self.estimates[direction, "power"] = self.ratio(errors, np.full(len(errors), total / len(errors)))
        return self.estimates[direction, "power"]

    def limit(self, direction: Direction, rung: str) -> float:
        """Return the unexplained fraction above which a rung fails: the tolerance, for smooth beyond the power check."""
        return self.tolerance + ((self.power(direction).high or 0.0) if rung == "smooth" else 0.0)

    def state(self, direction: Direction, rung: str) -> str:
        """Return holds, fails or undecided for one rung in one direction."""
        if rung not in direction.errors:
            return "fails"
        value = self.estimate(direction, rung)
        if self.n_clusters < MIN_CLUSTERS or value.low is None or value.high is None or np.isnan(value.high):
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
