"""A one-way kernel map: the form of smooth maps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from conjugacy.numerics.kernels import matern52_slopes, squared_distances
from conjugacy.transformations.kernel import kernel_matrix

AT_ONCE = 1_000_000  # numbers worked on at a time


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

    def push(self, x: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """Return what the derivatives at rows make of directions (m, n_in, d), (m, n_out, d), without forming them."""
        scale2, d = float(self.scale2[0]), directions.shape[2]
        out = np.empty((len(x), self.n_out, d))
        step = max(1, AT_ONCE // (len(self.centres) * d))
        for start in range(0, len(x), step):
            points = (x[start : start + step] - self.shift_in) @ self.projection
            turned = self.projection.T @ directions[start : start + step]
            slopes = matern52_slopes(squared_distances(points, self.centres), scale2)
            # d k / d points = slope (points - centre); the constant has none
            pulls = (points[:, None, :] @ turned - self.centres @ turned) * slopes[:, :, None]
            out[start : start + step] = np.tensordot(pulls, self.coefficients, (1, 0)).swapaxes(1, 2)
        return out

    def arrays(self) -> dict[str, np.ndarray]:
        """Return all fields by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> KernelMap:
        """Rebuild from all fields."""
        return cls(**{name: arrays[name] for name in cls.__dataclass_fields__})
