"""Kernel ridge regression from one network: bandwidth and strength chosen on held-out rows, residuals and map."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import cho_factor, cho_solve, eigh

from conjugacy.numerics.regression import feature_fold_residuals
from conjugacy.transformations.kernel import kernel_matrix
from conjugacy.transformations.kernel_map import KernelMap
from conjugacy.transformations.layer import Layer
from conjugacy.transformations.part import Part, choose

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
        """Bandwidth and strength with the smallest held-out error on the rows of the choice."""
        rows = self.source.choice_rows
        left_out = self.folds[rows] if self.is_dependent else np.arange(len(rows))
        return choose(self.source.eigen.__getitem__, self.sketch[rows], left_out)

    @property
    def is_dependent(self) -> bool:
        """Whether some rows depend on each other."""
        return len(np.unique(self.clusters)) < len(self.clusters)

    def _kernel(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return kernel_matrix(x, y, self.source.scale2(self.choice[0]))

    @property
    def _all(self) -> Part:
        """All rows, with what preparation worked out of them where the choice is made on all."""
        source = self.source
        eigen = source.eigen if len(source.choice_rows) == source.m else {}
        return Part(np.arange(source.m), source.points, source.median_distance, self.folds, self.folds, eigen)

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
        if self.source.m <= EXACT_ROWS:
            return self._all.residuals(targets, self.choice)
        return feature_fold_residuals(self._features[2], targets, self.folds, self.choice[1])

    def fit(self, target: Layer) -> KernelMap:
        """Return the map to all units of the target, fitted on all rows."""
        bandwidth, strength = self.choice
        if self.source.m <= EXACT_ROWS:
            centres = self.source.points
            kernel = self._kernel(centres, centres)
            kernel[np.diag_indices_from(kernel)] += strength
            factor = cho_factor(kernel.T, lower=True, overwrite_a=True, check_finite=False)
            coefficients = cho_solve(factor, target.z, check_finite=False)
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
