"""Kernel regression along the directions in which the map changes: a second fit, where the first one leaves an answer open.

A kernel that counts every direction alike spends its rows on loud directions that a map does not follow. With f fitted so, the
mean outer product of its slopes, M = mean_i J_i^T J_i, tells where it does; distances are then taken as |M^(1/2) (x - y)|
(Radhakrishnan et al., "Mechanism for feature learning in neural networks and backpropagation-free machine learning models",
Science 383 (2024), one step). M is fitted without the rows that are held out: for every fold alone, or of many rows for a third
of the folds at a time (`fold_groups`). Then one kernel serves these, and each fold is left out of the fit with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.linalg import solve

from conjugacy.numerics.device import product, symmetric_eigen
from conjugacy.numerics.kernel_folds import inverse_columns, times_inverse
from conjugacy.numerics.kernels import matern52_slopes, median_distance, squared_distances
from conjugacy.numerics.regression import NEARLY
from conjugacy.transformations.fold_groups import MOST_ROWS, GroupedFit, group_last, group_residuals, spread_out
from conjugacy.transformations.kernel import FREE_INTERCEPT
from conjugacy.transformations.kernel_map import KernelMap
from conjugacy.transformations.kernel_regression import fitted_between
from conjugacy.transformations.layer import Layer
from conjugacy.transformations.part import Part
from conjugacy.transformations.way import Way

ALIKE = 0.1  # of M is alike in all directions: slopes are known to so much
SLOPES, SLOPE_ROWS = 2000, 400  # columns of slopes that are computed, and rows where: more move nothing
SINGLE_SLOPES = 1e-4  # strength from which on single precision moves what is left by less than 1e-5 of itself


@dataclass(frozen=True, eq=False)
class Sharper(GroupedFit):
    """The second fit along the directions in which the map changes."""

    @staticmethod
    def applies(way: Way, most: int = MOST_ROWS) -> bool:
        """Whether it is worth its cost, and there is more than one direction."""
        return GroupedFit.applies(way, most) and way.source.points.shape[1] > 1

    @cached_property
    def _points(self) -> np.ndarray:
        return self.way.source.points

    @cached_property
    def _first(self) -> _FirstFit:
        sketch = self.way.target.sketch - self.way.target.sketch.mean(axis=0)
        return _FirstFit(self.way, self._points, sketch[:, : max(2, SLOPES // self._points.shape[1])])

    @cached_property
    def _first_turn(self) -> np.ndarray:
        return self._turn(0)

    def _turn(self, group: int | None) -> np.ndarray:
        """Return M^(1/2), fitted without the rows of a group, or on all; a tenth of it is alike in all directions."""
        m = self._first.slopes(self.groups == group)  # with no group, without no rows
        r = len(m)
        m = (1.0 - ALIKE) * m / max(float(np.trace(m)), 1e-300) + ALIKE * np.eye(r) / r
        values, vectors = symmetric_eigen(m)
        return product(vectors * np.sqrt(np.maximum(values, 0.0)), vectors.T)

    @cached_property
    def _choice(self) -> tuple[float, float]:
        """Bandwidth and strength, chosen as for the first fit, with the first group's M."""
        rows = self.few
        points = product(self._points[rows], self._first_turn)
        median, left_out = median_distance(squared_distances(points, points)), self.way.division.left_out_of(rows)
        return Part(rows, lambda _: points, median, self.way.folds[rows], left_out).choice(self._first.sketch)

    def by_group(self, groups: Iterable[int]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the rows of one group of folds after another, and their held-out residuals, each fold left out in turn."""
        for group in groups:
            points = product(self._points, self._turn(group) if group else self._first_turn)
            order, sizes = group_last(self.way.folds, self.groups == group)
            left = group_residuals(self.factor(points, order, self._choice), self.way.target.z, order, sizes)
            yield order[len(order) - len(left) :], left

    def fit(self, target: Layer) -> KernelMap:
        """Return the map to all units of the target, fitted on all rows."""
        turn = self._turn(None)
        points, (bandwidth, strength) = product(self._points, turn), self._choice
        source = self.way.source
        return fitted_between(source, target, source.loadings @ turn, points, self.scale2(points, bandwidth), strength)


@dataclass(frozen=True, eq=False)
class _FirstFit:
    """The first fit, with every direction alike, to any of its rows.

    Attributes
    ----------
    way : Way
    points : array, (m, r)
    sketch : array, (m, q)
        The targets.
    """

    way: Way
    points: np.ndarray
    sketch: np.ndarray

    @cached_property
    def _factor(self) -> tuple[np.ndarray, np.ndarray]:
        return self.way.division.all.factor(self.way.regression.choice)

    @property
    def scale2(self) -> float:
        """The squared length scale."""
        return self.way.source.scale2(self.way.regression.choice[0])

    @property
    def _precision(self) -> type[np.floating[Any]]:
        """Single where coefficients are small enough: only the mean of many slopes is asked for."""
        return np.float32 if self.way.regression.choice[1] >= SINGLE_SLOPES * NEARLY else np.float64

    @cached_property
    def _of_all(self) -> tuple[np.ndarray, np.ndarray]:
        """Coefficients (m, q) of the fit to all rows, and what makes an inverse that of a kernel with its intercept, (m,)."""
        w, order = self._factor
        found = times_inverse(w, np.column_stack([self.sketch[order], np.ones(len(order))]))
        ones = found[:, -1]
        shift = ones * np.sqrt(FREE_INTERCEPT / (1.0 + FREE_INTERCEPT * float(ones.sum())))
        return found[:, :-1] - np.outer(shift, shift @ self.sketch[order]), shift

    def coefficients(self, out: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows of the fit without some groups of folds, (k,), and its coefficients, (k, q).

        With G = (K + a I)^-1 of all rows and c = G T they are c_R - G_RF (G_FF)^-1 c_F, F being what is left out.

        Parameters
        ----------
        out : bool array, (m,)
            The rows that are left out; in the order of folds they follow each other.
        """
        (w, order), (coefficients, shift) = self._factor, self._of_all
        left, rest = np.flatnonzero(out[order]), np.flatnonzero(~out[order])
        if not left.size:
            return order, coefficients
        start, end = int(left[0]), int(left[-1]) + 1
        columns = inverse_columns(w, start, end)
        columns -= np.outer(shift, shift[start:end])
        beyond = solve(columns[start:end], coefficients[start:end], assume_a="pos", check_finite=False)
        return order[rest], coefficients[rest] - product(columns[rest], beyond)

    def slopes(self, out: np.ndarray) -> np.ndarray:
        """Return the sum, over some rows and all targets, of the outer products of the slopes of a fit, (r, r)."""
        rows, coefficients = self.coefficients(out)
        centres, coefficients = self.points[rows].astype(self._precision), coefficients.astype(self._precision)
        places = spread_out(centres, SLOPE_ROWS)
        slopes = matern52_slopes(squared_distances(places, centres), self.scale2).astype(self._precision, copy=False)
        pulled = product(slopes, (coefficients[:, :, None] * centres[:, None, :]).reshape(len(rows), -1))
        along = product(slopes, coefficients)[:, :, None] * places[:, None, :]
        along -= pulled.reshape(along.shape)
        along = along.reshape(-1, centres.shape[1])
        return product(along.T, along).astype(np.float64)
