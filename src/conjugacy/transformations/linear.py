"""A one-way linear map with shifts: the common form of rotations and affine maps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class LinearMap:
    """y = shift_out + (x - shift_in) matrix, with matrix (n_in, n_out)."""

    matrix: np.ndarray
    shift_in: np.ndarray
    shift_out: np.ndarray

    @property
    def n_in(self) -> int:
        """Number of units it takes."""
        return self.matrix.shape[0]

    @property
    def n_out(self) -> int:
        """Number of units it gives."""
        return self.matrix.shape[1]

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Map rows (m, n_in)."""
        return self.shift_out + (x - self.shift_in) @ self.matrix

    def jacobian(self, x: np.ndarray) -> np.ndarray:
        """Return the derivatives at rows (m, n_in), (m, n_out, n_in); the same everywhere, as a read-only view."""
        return np.broadcast_to(self.matrix.T, (len(x), self.n_out, self.n_in))

    def push(self, x: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """Return what the derivatives at rows make of directions (m, n_in, d), (m, n_out, d)."""
        return self.matrix.T @ directions

    def arrays(self) -> dict[str, np.ndarray]:
        """Return matrix and shifts."""
        return {"matrix": self.matrix, "shift_in": self.shift_in, "shift_out": self.shift_out}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> LinearMap:
        """Rebuild from matrix and shifts."""
        return cls(arrays["matrix"], arrays["shift_in"], arrays["shift_out"])


def embed(matrix: np.ndarray, live_in: np.ndarray, live_out: np.ndarray) -> np.ndarray:
    """Return a matrix over all units from one over the live units; constant units neither give nor take."""
    whole = np.zeros((len(live_in), len(live_out)))
    whole[np.ix_(live_in, live_out)] = matrix
    return whole
