"""Smooth invertible: kernel ridge regression in both directions, bandwidth and strength chosen on held-out rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from scipy.linalg import eigh

from conjugacy.numerics.kernels import matern52_slopes, squared_distances
from conjugacy.numerics.regression import (
    NEARLY,
    STRENGTHS,
    KernelFactors,
    factored_fold_residuals,
    feature_fold_residuals,
    kernel_fold_residuals,
    kernel_inverse,
    kernel_losses,
)
from conjugacy.numerics.resample import remembered_shuffles
from conjugacy.transformations.layer import BANDWIDTHS, Layer, kernel_matrix
from conjugacy.transformations.linear import LinearMap
from conjugacy.transformations.transformation import Transformation, below, prefixed, register

EXACT_ROWS = 4000  # above it the kernel matrix is replaced by features from landmarks
LANDMARKS = 2000
NULL_COLUMNS = 8


@dataclass(frozen=True, eq=False)
class KernelMap:
    """One-way kernel map: y = shift_out + k(points(x), centres) coefficients.

    points(x) = (x - shift_in) projection; the kernel is Matern-5/2 plus a constant.
    """

    projection: np.ndarray
    shift_in: np.ndarray
    shift_out: np.ndarray
    centres: np.ndarray
    coefficients: np.ndarray
    scale2: np.ndarray  # squared length scale, one number

    @property
    def n_in(self) -> int:
        """Number of units it takes."""
        return self.projection.shape[0]

    @property
    def n_out(self) -> int:
        """Number of units it gives."""
        return self.coefficients.shape[1]

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Map rows (m, n_in), a thousand at a time."""
        scale2 = float(self.scale2[0])
        out = np.empty((len(x), self.n_out))
        for start in range(0, len(x), 1000):
            points = (x[start : start + 1000] - self.shift_in) @ self.projection
            weights = kernel_matrix(points, self.centres, scale2)
            out[start : start + 1000] = self.shift_out + weights @ self.coefficients
        return out

    def jacobian(self, x: np.ndarray) -> np.ndarray:
        """Return the derivatives at rows (m, n_in), (m, n_out, n_in)."""
        scale2 = float(self.scale2[0])
        out = np.empty((len(x), self.n_out, self.n_in))
        step = max(1, int(2e7 / max(1, self.coefficients.size)))
        for start in range(0, len(x), step):
            points = (x[start : start + step] - self.shift_in) @ self.projection
            # d k / d points = slope (points - centre); the constant has none
            slopes = matern52_slopes(squared_distances(points, self.centres), scale2)
            pull = (slopes @ self.coefficients)[:, :, None] * points[:, None, :]
            pull -= (slopes[:, None, :] * self.coefficients.T) @ self.centres
            out[start : start + step] = pull @ self.projection.T
        return out

    def arrays(self) -> dict[str, np.ndarray]:
        """Return all fields by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> KernelMap:
        """Rebuild from all fields."""
        return cls(**{name: arrays[name] for name in cls.__dataclass_fields__})


@register
@dataclass(frozen=True, eq=False)
class Smooth(Transformation):
    """A smooth map with the map fitted in the other direction as its inverse.

    Attributes
    ----------
    forward, backward : KernelMap or LinearMap
        A linear map where that predicts the held-out rows better: affine maps are smooth too.
    """

    kind: ClassVar[str] = "smooth"
    forward: KernelMap | LinearMap
    backward: KernelMap | LinearMap

    @property
    def n_in(self) -> int:
        """Number of units it takes."""
        return self.forward.n_in

    @property
    def n_out(self) -> int:
        """Number of units it gives."""
        return self.forward.n_out

    def invert(self) -> Smooth:
        """Return the map fitted in the other direction."""
        return Smooth(self.backward, self.forward)

    @property
    def maps(self) -> tuple[KernelMap | LinearMap]:
        """The map forward."""
        return (self.forward,)

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Map rows (m, n_in)."""
        return self.forward.apply(x)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return both directions."""
        return prefixed("forward", self.forward.arrays()) | prefixed("backward", self.backward.arrays())

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Smooth:
        """Rebuild both directions."""
        parts = [below(side, arrays) for side in ("forward", "backward")]
        maps = [(KernelMap if "centres" in part else LinearMap).from_arrays(part) for part in parts]
        return cls(maps[0], maps[1])


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
        targets = self.sketch[rows] - self.sketch[rows].mean(axis=0)
        dependent = len(np.unique(self.clusters)) < len(self.clusters)
        left_out = self.folds[rows] if dependent else np.arange(len(rows))
        best, best_loss = (BANDWIDTHS[-1], STRENGTHS[-1]), np.inf
        for bandwidth, factors in self.source.eigen.items():
            losses = kernel_losses(factors, targets, left_out)
            i = int(np.argmin(losses))
            if losses[i] < best_loss * NEARLY:
                best, best_loss = (bandwidth, STRENGTHS[i]), float(losses[i])
        return best

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

    def p_independent(self, draws: int, seed: int) -> float:
        """Return the permutation p of the held-out error against re-paired rows, on the selection rows."""
        bandwidth, strength = self.choice
        rows = self.source.selection
        factors = self.source.eigen[bandwidth]
        root = factors.vectors / np.sqrt(factors.values + strength)
        inverse = root @ root.T
        inverse /= np.diag(inverse)[:, None]  # row i now gives the leave-one-out residual of row i
        targets = self.sketch[rows][:, :NULL_COLUMNS]
        _, clusters = np.unique(self.clusters[rows], return_inverse=True)
        orders = np.column_stack([np.arange(len(rows)), remembered_shuffles(clusters, draws, seed)])
        left_out = (inverse @ targets[orders].reshape(len(rows), -1)).reshape(len(rows), draws + 1, -1)
        losses = np.einsum("msk,msk->s", left_out, left_out)
        return float((1 + (losses[1:] <= losses[0]).sum()) / (1 + draws))
