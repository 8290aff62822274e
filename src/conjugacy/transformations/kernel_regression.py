"""Kernel ridge regression from one network: bandwidth and strength chosen on held-out rows, residuals and map."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.linalg import solve_triangular

from conjugacy.numerics.device import lower_factor, product
from conjugacy.numerics.feature_folds import Features, Sums, feature_fold_residuals, many_fold_residuals, whitened
from conjugacy.numerics.kernel_folds import coefficients_without_each
from conjugacy.numerics.regression import NEARLY
from conjugacy.numerics.scratch import scratch
from conjugacy.transformations.compact import in_units, told_in_few
from conjugacy.transformations.division import Division
from conjugacy.transformations.kernel import FREE_INTERCEPT, kernel_matrix, solved
from conjugacy.transformations.kernel_map import KernelMap
from conjugacy.transformations.layer import Layer
from conjugacy.transformations.part import CHOICE_ROWS, SINGLE_STRENGTH, choose, choose_quickly, rougher

EXACT_ROWS = 4000  # above it the kernel matrix is replaced by features from landmarks
EXACT_IN_SINGLE = 6000  # the same where single precision does
LANDMARKS = 2000
MATTERS = (0.01, 0.3)  # unexplained: what is left beyond these hardly depends on how rough the map may be
JITTER = 1e-10  # of the largest eigenvalue of their kernel, about: what is under it is rounding


@dataclass(frozen=True, eq=False)
class KernelRegression:
    """Kernel ridge regression from one network to given targets; everything is computed when asked for.

    Attributes
    ----------
    division : Division
        The network's rows.
    sketch : array, (m, k)
        Few columns that stand for the targets where bandwidth and strength are chosen.
    quick : bool
        Whether the choice is made at the least cost (`choose_quickly`), and not looked at again.
    coefficients : dict of Layer to array
        Of the maps to layers whose residuals were asked for: to their units, or to the coordinates in which these are told.
    """

    division: Division
    sketch: np.ndarray
    quick: bool = False
    coefficients: dict[Layer, np.ndarray] = field(default_factory=dict[Layer, np.ndarray])

    @property
    def source(self) -> Layer:
        """The network."""
        return self.division.source

    @cached_property
    def _chosen(self) -> tuple[float, float, float]:
        eigen, sketch, division = self.source.eigen_at, self.sketch[self.source.choice_rows], self.division
        if self.quick:
            return choose_quickly(eigen, sketch, division.left_out, dependent=division.is_dependent)
        return choose(eigen, sketch, division.left_out)

    @cached_property
    def choice(self) -> tuple[float, float]:
        """Bandwidth and strength with the smallest held-out error on the rows of the choice.

        More rows follow rougher maps: where an answer may hang on it, the next rougher ones are compared with them on more.
        """
        found, source = self._chosen[:2], self.source
        if (
            self.quick
            or len(source.choice_rows) == len(source.selection)
            or not MATTERS[0] < self.left_by_choice < MATTERS[1]
        ):
            return found
        part = self.division.selected
        sketch, best, least = self.sketch - self.sketch[part.rows].mean(axis=0), found, float(np.inf)
        for candidate in rougher(*found):
            missed = part.missed(sketch, candidate)
            if missed < least * NEARLY:
                best, least = candidate, missed
        return best

    @property
    def left_by_choice(self) -> float:
        """The unexplained fraction of the sketch on these rows, fitted to these rows alone."""
        sketch = self.sketch[self.source.choice_rows]
        return self._chosen[2] / max(float(((sketch - sketch.mean(axis=0)) ** 2).sum()), 1e-300)

    def _kernel(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return kernel_matrix(x, y, self.source.scale2(self.choice[0]))

    @cached_property
    def _landmarks(self) -> np.ndarray:
        rng = np.random.default_rng(self.source.seed)
        return self.source.points_at(np.sort(rng.choice(self.source.m, LANDMARKS, replace=False)))

    @cached_property
    def _factor(self) -> np.ndarray:
        """L, with L L^T the kernel of the landmarks."""
        own = self._kernel(self._landmarks, self._landmarks)
        own[np.diag_indices_from(own)] += JITTER * FREE_INTERCEPT * len(own)
        return lower_factor(own)

    def _features(self, rows: np.ndarray) -> np.ndarray:
        """Return what stands for the kernel of some rows: k(x, landmarks) L^-T, (n, k)."""
        return whitened(self._kernel(self.source.points_at(rows), self._landmarks), self._factor)

    @property
    def _all_features(self) -> np.ndarray:
        """Those of all rows, (m, k)."""
        found = scratch((self.source.m, LANDMARKS))
        for start in range(0, self.source.m, LANDMARKS):
            found[start : start + LANDMARKS] = self._features(np.arange(start, min(start + LANDMARKS, self.source.m)))
        return found

    def _of_landmarks(self, coefficients: np.ndarray) -> np.ndarray:
        """Return the coefficients of kernels of landmarks that coefficients of features (k, q) mean."""
        return solve_triangular(self._factor, coefficients, lower=True, trans=1, check_finite=False)

    def _map_of(self, coefficients: np.ndarray) -> Features:
        """Return the map that coefficients of features (k, q) mean, from rows to what it tells."""
        found = self._of_landmarks(coefficients)
        return lambda rows: product(self._kernel(self.source.points_at(rows), self._landmarks), found)

    @property
    def _is_single(self) -> bool:
        return self.choice[1] >= SINGLE_STRENGTH * NEARLY

    @property
    def is_exact(self) -> bool:
        """Whether the kernel of all rows is used."""
        return self.source.m <= (EXACT_IN_SINGLE if self._is_single else EXACT_ROWS)

    def residuals(self, targets: np.ndarray) -> np.ndarray:
        """Return held-out residuals of the targets (m, q), every fold left out in turn."""
        if self.is_exact:
            return self.division.all.residuals(targets, self.choice)
        folds, strength = self.division.folds, self.choice[1]
        if np.bincount(folds).max() > LANDMARKS:
            return many_fold_residuals(self._features, self._map_of, targets, folds, strength)
        return feature_fold_residuals(self._all_features, targets, folds, strength)

    def residuals_of_few(self, targets: np.ndarray) -> np.ndarray:
        """Return held-out residuals of all rows (m, q), every fold left out in turn, fitted to the rows of the choice alone."""
        source, folds, rows = self.source, self.division.folds, self.source.choice_rows
        bandwidth, strength = self._chosen[:2]
        points, residuals = source.points_at(rows), targets.copy()
        few, n_folds = source.eigen_at(bandwidth), int(folds.max()) + 1
        fits = coefficients_without_each(few, targets[rows], folds[rows], strength, n_folds)
        for fold, coefficients in enumerate(fits):
            out = np.flatnonzero(folds == fold)
            residuals[out] -= product(
                kernel_matrix(source.points_at(out), points, source.scale2(bandwidth)), coefficients
            )
        return residuals

    def residuals_of(self, target: Layer) -> np.ndarray:
        """Return those of all live units of a layer; what the map on all rows takes is kept."""
        part = self.division.all
        if self.source.m <= CHOICE_ROWS or not self.is_exact or part.is_quick(self.choice):
            return self.residuals(target.z)

        def solved(told: np.ndarray) -> np.ndarray:
            residuals, self.coefficients[target] = part.solved(told, self.choice)
            return residuals

        return told_in_few(target, solved)

    def fit(self, target: Layer) -> KernelMap:
        """Return the map to all units of the target, fitted on all rows."""
        bandwidth, strength = self.choice
        if target in self.coefficients:
            centres, coefficients = self.source.points, in_units(target, self.coefficients[target])
        elif self.is_exact:
            centres = self.source.points
            coefficients = solved(self._kernel(centres, centres), strength, target.z)
        else:
            fitted = Sums.of(self._features, target.z, np.arange(self.source.m)).solved(strength)
            centres, coefficients = self._landmarks, self._of_landmarks(fitted)
        return map_between(
            self.source, target, self.source.loadings, (centres, coefficients), self.source.scale2(bandwidth)
        )


def map_between(
    source: Layer, target: Layer, loadings: np.ndarray, fitted: tuple[np.ndarray, np.ndarray], scale2: float
) -> KernelMap:
    """Return the map between all units of two layers from one between the points of their live units.

    Parameters
    ----------
    source, target : Layer
    loadings : array, (p, r)
        From the source's `z` to points.
    fitted : (array, array), (k, r) and (k, q)
        Centres, and their coefficients for the target's `z`.
    scale2 : float
        Squared length scale.
    """
    centres, coefficients = fitted
    whole = np.zeros((len(centres), target.n))
    whole[:, target.live] = coefficients * target.std[target.live]
    projection = np.zeros((source.n, loadings.shape[1]))
    projection[source.live] = loadings / source.std[source.live][:, None]
    return KernelMap(projection, source.mean, target.mean, centres, whole, np.array([scale2]))


def fitted_between(
    source: Layer, target: Layer, loadings: np.ndarray, points: np.ndarray, scale2: float, strength: float
) -> KernelMap:
    """Return the same, fitted on all rows: they lie at points (m, r)."""
    coefficients = solved(kernel_matrix(points, points, scale2), strength, target.z)
    return map_between(source, target, loadings, (points, coefficients), scale2)
