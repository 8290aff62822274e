"""Whether more rows would make a map better: then what it leaves unexplained is the estimator's, not the networks'.

A network may carry all of another one and still look different: in directions that are quiet, or through a function rougher than
the rows can follow. Both show in how the error falls from half of the rows to all of them. u(m) is what the kernel estimator
leaves at m rows, r = u(m) / u(m/2), and r* the same of known functions of the source that leave as much as the pair does: random
waves 24 x cos(g P w + phase) over the coordinates P in which the source predicts the target linearly, their roughness g chosen
so. What is left is settled where it falls by less than 40 % of what a known function's would, (1 - r) / (1 - r*) < .4, or not at
all. Of a target with at most half as many states as rows the known functions are the signs of these waves about their medians:
what is left of steps falls far more slowly. A function finer than the rows' spacing falls no more than noise does: no estimator
could tell them apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np

from conjugacy.numerics.device import product, symmetric_eigen
from conjugacy.numerics.regression import ridge_shrinkage
from conjugacy.numerics.resample import draw_folds
from conjugacy.numerics.spectral import LARGE, leading_components, signs_of
from conjugacy.transformations.compact import judged_in_few
from conjugacy.transformations.folds import FOLDS
from conjugacy.transformations.kernel import BANDWIDTHS
from conjugacy.transformations.kernel_regression import KernelRegression
from conjugacy.transformations.layer import Layer, rough_function
from conjugacy.transformations.part import CHOICE_ROWS, Half, Part
from conjugacy.transformations.power import PowerCheck
from conjugacy.transformations.way import Way

WAVES, STAND_FOR_ALL = 24, 8  # known functions, and as many of them as choose bandwidth and strength
ROUGHNESS = (0.5, 1.0, 1.5, 2.2, 3.2, 4.5, 6.5, 9.0)
SMALL_PART = 1e-3  # of the variance: coordinates below it are left out
LEADING = 128  # of very wide layers so many coordinates are looked for at first
SETTLED = 0.4  # of the fall that a known function shows
FLAT = 0.97  # from this ratio of errors on, more rows bring nothing


@dataclass(frozen=True)
class Left:
    """What the kernel estimator leaves unexplained, fitted to half of the rows and to all of them."""

    half: float
    whole: float

    @property
    def ratio(self) -> float:
        """What doubling the rows makes of it."""
        return self.whole / self.half if self.half > 0 else 1.0

    @property
    def is_flat(self) -> bool:
        """Whether more rows bring nothing: what is over all of the target is the cost of fitting, which falls for noise too."""
        return min(self.whole, 1.0) > FLAT * min(self.half, 1.0)


@dataclass(frozen=True, eq=False)
class MoreRows:
    """What more rows would bring one direction; computed when it is asked for, on at most as many rows as choose bandwidths.

    Attributes
    ----------
    way : Way
        The two layers.
    """

    way: Way

    @cached_property
    def coordinates(self) -> np.ndarray:
        """P: principal coordinates of the affine prediction of the target, mean squared norm 1, (m, r)."""
        source = self.way.source.ridge
        # U g U^T T, whose singular values and left vectors are those of g U^T T turned by U
        inner = ridge_shrinkage(source, self.way.strength)[:, None] * product(
            source.u.T, judged_in_few(self.way.target)
        )
        points = product(source.u, _few(inner))
        points *= signs_of(points)
        return points / np.sqrt((points**2).sum() / len(points))

    @cached_property
    def power(self) -> PowerCheck:
        """What is left of a known rough function of P."""
        target = rough_function(self.coordinates, self.way.source.seed)
        return PowerCheck(self._regression(target), target)

    @cached_property
    def pair(self) -> Left:
        """What is left of the target itself."""
        target, sketch = self.way.target.z[:, self.way.target.judged], self.way.target.sketch
        choice = self.way.regression.choice
        return Left(self._half(target, sketch, choice), self._all.missed(target, choice) / self._total(target))

    @cached_property
    def known(self) -> Left:
        """What is left of known functions of P that are as hard at all rows as the pair is."""
        tried: dict[int, tuple[float, tuple[float, float]]] = {}
        below, above = -1, len(ROUGHNESS)
        while above - below > 1:  # the rougher, the more is left
            i = (below + above) // 2
            waves = self._waves(i)
            choice = self._regression(waves).choice
            tried[i] = self._all.missed(waves, choice) / self._total(waves), choice
            below, above = (i, above) if tried[i][0] <= self.pair.whole else (below, i)
        ends = [i for i in (below, above) if i in tried]
        ratios = [
            Left(self._half(waves, waves[:, :STAND_FOR_ALL], tried[i][1]), tried[i][0]).ratio
            for i, waves in ((i, self._waves(i)) for i in ends)
        ]
        ratio = float(np.interp(self.pair.whole, [tried[i][0] for i in ends], ratios))
        return Left(self.pair.whole / ratio, self.pair.whole)

    @cached_property
    def settled(self) -> bool:
        """Whether more rows would not bring the target closer, as they would a known function of the source."""
        return self.pair.is_flat or (1.0 - self.pair.ratio) < SETTLED * (1.0 - self.known.ratio)

    def _waves(self, i: int) -> np.ndarray:
        """Return known functions of P of the i-th roughness, (m, 24)."""
        rng = np.random.default_rng([self.way.source.seed, 11])
        w = rng.standard_normal((self.coordinates.shape[1], WAVES))
        waves = np.cos(ROUGHNESS[i] * self.coordinates @ w + rng.uniform(0.0, 2.0 * np.pi, WAVES))
        return np.sign(waves - np.median(waves, axis=0)) if self._takes_few_states else waves

    @cached_property
    def _takes_few_states(self) -> bool:
        return 2 * (int(self.way.target.states.max()) + 1) <= self.way.target.m

    def _regression(self, targets: np.ndarray) -> KernelRegression:
        """Return the kernel estimator of known functions of P."""
        return KernelRegression(self.way.division, targets[:, :STAND_FOR_ALL])

    @cached_property
    def _all(self) -> Part:
        """The rows on which this is looked for."""
        return self.way.division.selected

    def _half(self, targets: np.ndarray, sketch: np.ndarray, choice: tuple[float, float]) -> float:
        """Return what is left by halves; of many rows these take the bandwidth that is best for all."""
        halves = halves_of(self.way.source, self.way.clusters, self.way.seed)
        tried = BANDWIDTHS if len(self._all.rows) <= CHOICE_ROWS else choice[:1]
        return sum(part.missed(targets, part.choice(sketch, tried)) for part in halves) / self._total(targets)

    def _total(self, targets: np.ndarray) -> float:
        chosen = targets[self._all.rows]
        return float(((chosen - chosen.mean(axis=0)) ** 2).sum())


def _few(inner: np.ndarray) -> np.ndarray:
    """Return the principal coordinates that hold more than a small part of the variance, (r, k)."""
    if min(inner.shape) > LARGE:
        points, _ = leading_components(inner, LEADING)
        sizes = np.linalg.norm(points, axis=0)
        if len(sizes) < LEADING or sizes[-1] ** 2 <= SMALL_PART * np.linalg.norm(inner) ** 2:
            return points[:, : max(1, int((sizes**2 > SMALL_PART * np.linalg.norm(inner) ** 2).sum()))]
    shorter = inner.shape[0] <= inner.shape[1]
    square = product(inner, inner.T) if shorter else product(inner.T, inner)
    variance, vectors = symmetric_eigen(square, in_place=True)
    kept = vectors[:, ::-1][:, : max(1, int((variance > SMALL_PART * variance.sum()).sum()))]
    return kept * np.sqrt(np.maximum(variance[::-1][: kept.shape[1]], 0.0)) if shorter else product(inner, kept)


def halves_of(source: Layer, clusters: np.ndarray, seed: int) -> tuple[Part, ...]:
    """Return the same rows in two halves, clusters undivided; kept on the network."""
    key = blake2b(clusters.tobytes() + str(seed).encode()).hexdigest()
    if key not in source.halves:
        of_row = np.unique(clusters[source.selection], return_inverse=True)[1].ravel()
        side = draw_folds(of_row, 2, seed)
        source.halves[key] = tuple(_half(source.selection[side == i], clusters, seed) for i in (0, 1))
    return tuple(
        Part(half.rows, source.points_at, source.median_distance, half.folds, half.left_out, half.eigen)
        for half in source.halves[key]
    )


def _half(rows: np.ndarray, clusters: np.ndarray, seed: int) -> Half:
    own = np.unique(clusters[rows], return_inverse=True)[1].ravel()
    folds = draw_folds(own, FOLDS, seed)
    return Half(rows, folds, _left_out(own, folds))


def _left_out(clusters: np.ndarray, folds: np.ndarray) -> np.ndarray:
    return folds if len(np.unique(clusters)) < len(clusters) else np.arange(len(clusters))
