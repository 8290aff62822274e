"""Whether a few coordinates tell an attribute of the rows: a probe judged on held-out rows, against rows re-paired."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from conjugacy.numerics.kernels import matern52, median_distance, squared_distances
from conjugacy.numerics.resample import shuffle_clusters
from conjugacy.results import Evidence
from conjugacy.transformations.common.read_out import EXPLAINED, one_hot
from conjugacy.transformations.standard import Standard

BALANCED = "balanced_accuracy"
STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)  # of the ridge, times the number of rows
LANDMARKS, LANDMARKS_OF_ONE = 40, 8
ENOUGH = 10  # pairings that do as well: then p is known well enough (Besag, Clifford 1991)
FIRST = 25  # pairings to begin with: of what tells nothing, so few show it
AT_ONCE = 1_000_000  # numbers of attributes re-paired that are held at once
SEEN = 1e-10  # of the largest singular value


@dataclass(frozen=True, eq=False)
class Labelled:
    """An attribute of some rows.

    Attributes
    ----------
    values : array, (m,)
        Whole numbers from 0 where there are classes, else numbers.
    is_class : bool
    folds : int array, (m,)
        Which rows are held out together.
    standard : Standard
        Which rows depend on each other, and the bootstrap.
    """

    values: np.ndarray
    is_class: bool
    folds: np.ndarray
    standard: Standard

    @property
    def what(self) -> str:
        """What is said of a probe: its balanced accuracy, or the share of the variance that it explains."""
        return BALANCED if self.is_class else EXPLAINED

    @property
    def chance(self) -> float:
        """What knowing nothing is worth."""
        return 1.0 / self.wanted.shape[1] if self.is_class else 0.0

    @cached_property
    def wanted(self) -> np.ndarray:
        """A column for every class, or the values, (m, c)."""
        return one_hot(self.values) if self.is_class else self.values[:, None].astype(np.float64)

    @cached_property
    def totals(self) -> np.ndarray:
        """What errors are fractions of, by row: every class weighs the same, (m,)."""
        if self.is_class:
            return 1.0 / self.wanted.sum(axis=0)[self.values]
        return (self.values - self.values.mean()) ** 2

    def errors(self, told: np.ndarray, wanted: np.ndarray, totals: np.ndarray) -> np.ndarray:
        """Return what predictions (m, d, c) of attributes re-paired (m, d, c) add to the error, (m, d)."""
        if not self.is_class:
            return ((told - wanted) ** 2)[:, :, 0]
        wrong = np.take_along_axis(wanted, told.argmax(axis=2)[:, :, None], axis=2)[:, :, 0] == 0.0
        return wrong * totals

    def pairings(self, draws: int) -> Iterator[np.ndarray]:
        """Yield other pairings of the rows, more at a time (m, d), the same for every probe."""
        start, step = 0, FIRST
        most = max(1, AT_ONCE // self.wanted.size)
        while start < draws:
            stop = min(draws, start + min(step, most))
            while len(self._orders) < stop:
                self._orders.append(shuffle_clusters(self.standard.clusters, self._rng).astype(np.int32))
            yield np.column_stack(self._orders[start:stop])
            start, step = stop, 2 * step

    @cached_property
    def _orders(self) -> list[np.ndarray]:
        return []

    @cached_property
    def _rng(self) -> np.random.Generator:
        return np.random.default_rng([self.standard.seed, 41])


@dataclass(frozen=True, eq=False)
class AttributeProbe:
    """Ridge regression on coordinates and kernels on them, prepared for any attribute of these rows.

    Attributes
    ----------
    columns : array, (m, p)
    folds : int array, (m,)
    """

    columns: np.ndarray
    folds: np.ndarray

    @classmethod
    def of(cls, z: np.ndarray, folds: np.ndarray, seed: int) -> AttributeProbe:
        """Return that of coordinates (m, k)."""
        spread = z.std(axis=0)
        z = (z - z.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
        if z.shape[1] == 1:
            count = min(LANDMARKS_OF_ONE, len(z))
            centres = np.quantile(z, (np.arange(count) + 0.5) / count, axis=0)
        else:
            centres = z[np.random.default_rng(seed).choice(len(z), min(LANDMARKS, len(z) // 3), replace=False)]
        width = median_distance(squared_distances(centres, centres))
        return cls(np.column_stack([z, matern52(squared_distances(z, centres), width)]), folds)

    @cached_property
    def _prepared(self) -> list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
        """By fold: which rows are held out, the fitted rows' singular vectors and values, the held-out rows along them."""
        found = list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]()
        for fold in range(int(self.folds.max()) + 1):
            out = self.folds == fold
            mean = self.columns[~out].mean(axis=0)
            u, s, vt = np.linalg.svd(self.columns[~out] - mean, full_matrices=False)
            seen = s > SEEN * s[0]
            found.append((out, u[:, seen], s[seen], (self.columns[out] - mean) @ vt[seen].T))
        return found

    def predicted(self, wanted: np.ndarray, *, is_class: bool) -> np.ndarray:
        """Return what held-out rows are predicted to have of attributes (m, d, c); of classes how far over their share.

        The strength of the ridge is chosen on the fitted rows, by generalised cross-validation, for each of the d attributes.
        """
        told = np.empty_like(wanted)
        d, c = wanted.shape[1:]
        for out, u, s, held in self._prepared:
            fitted = wanted[~out].reshape(-1, d * c)
            mean = fitted.mean(axis=0)
            along, whole = u.T @ fitted, ((fitted - mean) ** 2).sum(axis=0).reshape(d, c).sum(axis=1)
            kept = np.array([s**2 / (s**2 + a * len(fitted)) for a in STRENGTHS])
            squares = (along**2).reshape(len(s), d, c).sum(axis=2)
            left = whole - (2.0 * kept - kept**2) @ squares
            best = (left / (len(fitted) - 1.0 - kept.sum(axis=1))[:, None] ** 2).argmin(axis=0)
            weights = np.repeat((kept[best] / s).T, c, axis=1) * along
            found = mean + held @ weights
            # over its share: what is likeliest where every class weighs the same
            told[out] = (found / np.maximum(mean, 1e-300) if is_class else found).reshape(-1, d, c)
        return told

    def errors(self, of: Labelled, order: np.ndarray) -> np.ndarray:
        """Return what rows add to the error where they have the attribute of others, order (m, d), (m, d)."""
        wanted = of.wanted[order]
        return of.errors(self.predicted(wanted, is_class=of.is_class), wanted, of.totals[order])


@dataclass(frozen=True)
class ToldOfAttribute:
    """How well coordinates tell an attribute on held-out rows; its p, and from how many pairings."""

    told: Evidence
    p: float
    draws: int


def told_of(probe: AttributeProbe, of: Labelled, draws: int) -> ToldOfAttribute:
    """Return how well a probe tells an attribute: its balanced accuracy or share of variance, against rows re-paired.

    p is exact where rows may be re-paired: the share of pairings that do as well. Once ten do, no more are drawn, and p is ten
    over the pairings so far (Besag, Clifford: Sequential Monte Carlo p-values, Biometrika 1991).
    """
    own = probe.errors(of, np.arange(len(of.values))[:, None])[:, 0]
    left = of.standard.ratio(own, of.totals)
    error, others = own.sum() / of.totals.sum(), list[np.ndarray]()
    as_well, made = 0, 0
    p = None
    for order in of.pairings(draws):
        found = probe.errors(of, order).sum(axis=0) / of.totals[order].sum(axis=0)
        others.append(found)
        reached = as_well + np.cumsum(found <= error)
        if reached[-1] >= ENOUGH:
            p = ENOUGH / (made + int(np.argmax(reached >= ENOUGH)) + 1)
        as_well, made = int(reached[-1]), made + len(found)
        if p is not None:
            break
    null = 1.0 - float(np.median(np.concatenate(others)))
    value, low, high = (None if v is None else 1.0 - v for v in (left.unexplained, left.high, left.low))
    told = Evidence(of.what, value, low, high, null=null)
    return ToldOfAttribute(told, (as_well + 1) / (made + 1) if p is None else p, made)
