"""Kernel regression along the directions in which the map changes: a second fit, where the first one leaves an answer open.

A kernel that counts every direction alike spends its rows on loud directions that a map does not follow. With f fitted so, the
mean outer product of its slopes, M = mean_i J_i^T J_i, tells where it does; distances are then taken as |M^(1/2) (x - y)|
(Radhakrishnan et al., "Mechanism for feature learning in neural networks and backpropagation-free machine learning models",
Science 383 (2024), one step). M is fitted without the rows that are held out, again for every fold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.linalg import solve

from conjugacy.numerics.device import product, symmetric_eigen
from conjugacy.numerics.kernel_folds import inverse_factor
from conjugacy.numerics.kernels import matern52_slopes, median_distance, squared_distances
from conjugacy.numerics.regression import NEARLY
from conjugacy.transformations.kernel import kernel_matrix, kernel_of, solved
from conjugacy.transformations.kernel_map import KernelMap
from conjugacy.transformations.kernel_regression import map_between
from conjugacy.transformations.layer import Layer
from conjugacy.transformations.part import Part
from conjugacy.transformations.way import Way

MOST_ROWS = 1000
ALIKE = 0.1  # of M is alike in all directions: slopes are known to so much
SLOPES = 2000  # columns of slopes that are computed at a time
SINGLE_STRENGTH = (
    1e-4  # from it on slopes in single precision move what is left unexplained by less than 1e-5 of itself
)


@dataclass(frozen=True, eq=False)
class Sharper:
    """The second fit of one direction; everything is computed when it is asked for.

    Attributes
    ----------
    way : Way
        With at most 1000 rows.
    """

    way: Way

    @staticmethod
    def applies(way: Way) -> bool:
        """Whether it is worth its cost."""
        return way.source.m <= MOST_ROWS and way.source.points.shape[1] > 1

    @cached_property
    def _sketch(self) -> np.ndarray:
        sketch = self.way.target.sketch - self.way.target.sketch.mean(axis=0)
        return sketch[:, : max(2, SLOPES // self.way.source.points.shape[1])]

    @cached_property
    def _first(self) -> _Fit:
        """The first fit, with every direction alike."""
        bandwidth, strength = self.way.regression.choice
        points = self.way.source.points
        return _Fit(points, self.way.source.scale2(bandwidth), strength)

    @cached_property
    def _turn(self) -> np.ndarray:
        """M^(1/2) fitted on all rows."""
        rows = np.arange(len(self._sketch))
        return self._root(rows, self._first.coefficients(rows, self._sketch))

    @cached_property
    def _choice(self) -> tuple[float, float]:
        """Squared length scale, over the median distance, and strength, chosen as for the first fit."""
        source, folds = self.way.source, self.way.folds
        rows = source.choice_rows
        points = product(source.points[rows], self._turn)
        median = median_distance(squared_distances(points, points))
        part = Part(rows, lambda _: points, median, folds[rows], self.way.division.left_out)
        bandwidth, strength = part.choice(self._sketch)
        return bandwidth**2, strength

    def _root(self, rows: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
        """Return M^(1/2) from a fit to some rows; a tenth of it is alike in all directions."""
        m = self._first.slopes(rows, coefficients)
        r = len(m)
        m = (1.0 - ALIKE) * m / max(float(np.trace(m)), 1e-300) + ALIKE * np.eye(r) / r
        values, vectors = symmetric_eigen(m)
        return product(vectors * np.sqrt(np.maximum(values, 0.0)), vectors.T)

    def _fitted(self, turn: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
        """Return all points as they are measured, the squared length scale, and the coefficients of a fit to some rows."""
        scale, strength = self._choice
        points = product(self.way.source.points, turn)
        squared = squared_distances(points[rows], points[rows])
        scale2 = median_distance(squared) * scale
        return points, scale2, solved(kernel_of(squared, scale2), strength, self.way.target.z[rows])

    def residuals(self) -> np.ndarray:
        """Return held-out residuals of the target's units, (m, p), every fold left out in turn."""
        found = np.empty_like(self.way.target.z)
        for out, left in self.by_fold(range(int(self.way.folds.max()) + 1)):
            found[out] = left
        return found

    def by_fold(self, folds: Iterable[int]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the rows of one fold after another, and their held-out residuals."""
        target = self.way.target.z
        for fold in folds:
            out, rows = np.flatnonzero(self.way.folds == fold), np.flatnonzero(self.way.folds != fold)
            turn = self._root(rows, self._first.coefficients(rows, self._sketch))
            points, scale2, coefficients = self._fitted(turn, rows)
            yield out, target[out] - product(kernel_matrix(points[out], points[rows], scale2), coefficients)

    def fit(self, target: Layer) -> KernelMap:
        """Return the map to all units of the target, fitted on all rows."""
        source = self.way.source
        points, scale2, coefficients = self._fitted(self._turn, np.arange(source.m))
        return map_between(source, target, source.loadings @ self._turn, (points, coefficients), scale2)


@dataclass(frozen=True, eq=False)
class _Fit:
    """Kernel regression at a given squared length scale and strength, fitted to any of its rows."""

    points: np.ndarray
    scale2: float
    strength: float

    @cached_property
    def _squared(self) -> np.ndarray:
        return squared_distances(self.points, self.points)

    @cached_property
    def _slopes(self) -> np.ndarray:
        return matern52_slopes(self._squared, self.scale2).astype(self._precision)

    @property
    def _precision(self) -> type[np.floating[Any]]:
        """Single where coefficients are small enough: only the mean of many slopes is asked for."""
        return np.float32 if self.strength >= SINGLE_STRENGTH * NEARLY else np.float64

    @cached_property
    def _inverse(self) -> np.ndarray:
        """(K + a I)^-1 of all rows."""
        kernel = kernel_of(self._squared.copy(), self.scale2)
        w = np.tril(inverse_factor(kernel, self.strength))
        return product(w.T, w)

    def coefficients(self, rows: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Return the coefficients of a fit to some rows, (k, q).

        With G = (K + a I)^-1 of all rows and c = G T, T nothing in the other rows F, they are c_R - G_RF G_FF^-1 c_F.
        """
        inverse = self._inverse
        out = np.setdiff1d(np.arange(len(targets)), rows, assume_unique=True)
        if not out.size:
            return product(inverse, targets)
        of_all = product(inverse[:, rows], targets[rows])
        beyond = solve(inverse[np.ix_(out, out)], of_all[out], assume_a="pos", check_finite=False)
        return of_all[rows] - product(inverse[np.ix_(rows, out)], beyond)

    def slopes(self, rows: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
        """Return the sum over rows and targets of the outer products of the slopes, (r, r)."""
        points, coefficients = self.points[rows].astype(self._precision), coefficients.astype(self._precision)
        slopes = self._slopes[np.ix_(rows, rows)]
        pulled = product(slopes, (coefficients[:, :, None] * points[:, None, :]).reshape(len(rows), -1))
        along = product(slopes, coefficients)[:, :, None] * points[:, None, :]
        along -= pulled.reshape(along.shape)
        along = along.reshape(-1, points.shape[1])
        return product(along.T, along).astype(np.float64)
