"""Kernel ridge regression from one network: bandwidth and strength chosen on held-out rows, residuals and map."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import eigh

from conjugacy.numerics.regression import (
    KernelFactors,
    factored_fold_residuals,
    feature_fold_residuals,
    kernel_fold_residuals,
    kernel_inverse,
)
from conjugacy.transformations.kernel_map import KernelMap
from conjugacy.transformations.layer import Layer, kernel_matrix
from conjugacy.transformations.part import choose

EXACT_ROWS = 4000  # above it the kernel matrix is replaced by features from landmarks
LANDMARKS = 2000


@dataclass(frozen=True, eq=False)
class KernelRegression:
    """Kernel ridge regression from one network to given targets; everything is worked out when asked for.

    Parameters
    ----------
    source : Layer
    sketch : array, (m, k)
        Few columns that stand for the targets where bandwidth and strength are chosen.
    folds : int array, (m,)
        Fold numbers; also used for the choice where rows depend on each other.
    clusters : int array, (m,)
        Rows with the same number depend on each other.
    """

    source: Layer
    sketch: np.ndarray
    folds: np.ndarray
    clusters: np.ndarray

    @cached_property
    def choice(self) -> tuple[float, float]:
        """Bandwidth and strength with the smallest held-out error on the selection rows."""
        rows = self.source.selection
        dependent = len(np.unique(self.clusters)) < len(self.clusters)
        return choose(self.source.eigen, self.sketch[rows], self.folds[rows] if dependent else np.arange(len(rows)))

    def _kernel(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return kernel_matrix(x, y, self.source.scale2(self.choice[0]))

    @property
    def _factors(self) -> KernelFactors | None:
        """The eigendecomposition of the kernel over all rows, where preparation has made it."""
        return self.source.eigen[self.choice[0]] if len(self.source.selection) == self.source.m else None

    @cached_property
    def _inverse(self) -> np.ndarray:
        """(K + a I)^-1 over all rows."""
        return kernel_inverse(self._kernel(self.source.points, self.source.points), self.choice[1])

    @cached_property
    def _features(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Landmark points, the map from kernel values to features, and the features (m, k)."""
        rng = np.random.default_rng(self.source.seed)
        landmarks = self.source.points[np.sort(rng.choice(self.source.m, LANDMARKS, replace=False))]
        w, v = eigh(self._kernel(landmarks, landmarks), driver="evd")
        keep = w > 1e-10 * w[-1]
        whiten = v[:, keep] / np.sqrt(w[keep])
        return landmarks, whiten, self._kernel(self.source.points, landmarks) @ whiten

    def residuals(self, targets: np.ndarray) -> np.ndarray:
        """Return held-out residuals of the targets (m, q), every fold left out in turn."""
        if self._factors is not None:
            return factored_fold_residuals(self._factors, targets, self.folds, self.choice[1])
        if self.source.m <= EXACT_ROWS:
            return kernel_fold_residuals(self._inverse, targets, self.folds)
        return feature_fold_residuals(self._features[2], targets, self.folds, self.choice[1])

    def fit(self, target: Layer) -> KernelMap:
        """Return the map to all units of the target, fitted on all rows."""
        bandwidth, strength = self.choice
        if self.source.m <= EXACT_ROWS:
            centres, coefficients = self.source.points, self._inverse @ target.z
        else:
            centres, whiten, features = self._features
            gram = features.T @ features + strength * np.eye(features.shape[1])
            coefficients = whiten @ np.linalg.solve(gram, features.T @ target.z)
        whole = np.zeros((len(centres), target.n))
        whole[:, target.live] = coefficients * target.std[target.live]
        projection = np.zeros((self.source.n, self.source.points.shape[1]))
        projection[self.source.live] = self.source.loadings / self.source.std[self.source.live][:, None]
        scale2 = np.array([self.source.scale2(bandwidth)])
        return KernelMap(projection, self.source.mean, target.mean, centres, whole, scale2)
