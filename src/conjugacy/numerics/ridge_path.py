"""Ridge regression at many strengths from one decomposition, on the narrower side of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class RidgePath:
    """Rows x (m, p) and targets y (m, q), means taken off, ready for any strength.

    With more columns than rows the m x m products of rows are decomposed, else the p x p products of columns: an input of
    hundreds of channels with its lags has fifty times as many columns as there are time points.

    Attributes
    ----------
    x : array, (m, p)
        Centred rows.
    values, vectors : array
        Eigenvalues and eigenvectors of x x' or x' x.
    turned : array
        Targets in these vectors.
    wide : bool
        Whether there are more columns than rows.
    """

    x: np.ndarray
    mean_x: np.ndarray
    mean_y: np.ndarray
    values: np.ndarray
    vectors: np.ndarray
    turned: np.ndarray
    wide: bool

    @classmethod
    def of(cls, x: np.ndarray, y: np.ndarray) -> RidgePath:
        """Decompose once."""
        mean_x, mean_y = x.mean(axis=0), y.mean(axis=0)
        centred = x - mean_x
        wide = centred.shape[1] > len(centred)
        values, vectors = np.linalg.eigh(centred @ centred.T if wide else centred.T @ centred)
        seen = y - mean_y if wide else centred.T @ (y - mean_y)
        return cls(centred, mean_x, mean_y, np.maximum(values, 0.0), vectors, vectors.T @ seen, wide)

    def _solved(self, strength: float) -> np.ndarray:
        return self.vectors @ (self.turned / (self.values + strength * len(self.x))[:, None])

    def weights(self, strength: float) -> tuple[np.ndarray, np.ndarray]:
        """Return weights (p, q) and offset (q,); `strength` is in units of the rows."""
        solved = self._solved(strength)
        weights = self.x.T @ solved if self.wide else solved
        return weights, self.mean_y - self.mean_x @ weights

    def missed(self, x: np.ndarray, y: np.ndarray, strengths: Sequence[float]) -> list[float]:
        """Return the squared errors on other rows, by strength."""
        off = x - self.mean_x
        seen = off @ self.x.T if self.wide else off
        return [float(((y - self.mean_y - seen @ self._solved(strength)) ** 2).sum()) for strength in strengths]
