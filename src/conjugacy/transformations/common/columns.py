"""A layer's columns for the search: principal coordinates of its units, and kernels on them for what no unit shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from conjugacy.numerics.columns import varies
from conjugacy.numerics.kernels import matern52, median_distance, squared_distances
from conjugacy.numerics.spectral import LARGE, leading_components

FEWEST, MOST = 5, 128  # principal coordinates, at most a third of the rows that maps are fitted on
FITTED = 0.8
RANK = 1e-12  # of the largest variance: what is under it is rounding
LEADING, ENOUGH = 10, 0.9  # coordinates that kernels stand on: at most so many, or as hold so much of the variance
CENTRES = 150


@dataclass(frozen=True, eq=False)
class Principal:
    """Leading principal coordinates of units scaled to unit variance, as some rows give them.

    Attributes
    ----------
    mean : array, (n,)
    loadings : array, (n, q)
    back : array, (q, n)
        From coordinates to units, in their own scale.
    variances : array, (q,)
    whole : float
        Variance of all units: how many of them vary.
    """

    mean: np.ndarray
    loadings: np.ndarray
    back: np.ndarray
    variances: np.ndarray
    whole: float

    @classmethod
    def of(cls, x: np.ndarray, most: int | None = None) -> Principal:
        """Return those of rows x (m, n): at most so many; where nothing is said, as many as canonical variates bear."""
        m = len(x)
        mean, spread = x.mean(axis=0), x.std(axis=0)
        live = varies(x, spread)
        scale = np.where(live, 1.0 / np.where(live, spread, 1.0), 0.0)
        z = (x - mean) * scale
        most = max(FEWEST, min(MOST, int(FITTED * m) // 3)) if most is None else most
        if min(x.shape) > LARGE:
            points, vectors = leading_components(z, most)
            values = (points**2).mean(axis=0)
        elif x.shape[1] <= m:
            values, vectors = _largest_first(*np.linalg.eigh(z.T @ z / m))
        else:
            values, left = _largest_first(*np.linalg.eigh(z @ z.T / m))
            vectors = z.T @ (left / np.sqrt(np.maximum(values, 1e-300) * m))
        keep = min(most, int((values > RANK * values[0]).sum()))
        values, vectors = values[:keep], vectors[:, :keep]
        return cls(mean, scale[:, None] * vectors, vectors.T * spread, values, float(live.sum()))

    @classmethod
    def again(cls, points: np.ndarray, whole: float) -> Principal:
        """Return those of rows that are coordinates already (m, q), of a layer of this variance."""
        mean = points.mean(axis=0)
        z = points - mean
        values, vectors = np.linalg.eigh(z.T @ z / len(z))
        keep = values > RANK * values[-1]
        values, vectors = values[keep][::-1], vectors[:, keep][:, ::-1]
        return cls(mean, vectors, vectors.T, values, whole)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return the coordinates of rows (k, n), (k, q)."""
        return (x - self.mean) @ self.loadings


@dataclass(frozen=True, eq=False)
class Bent:
    """Leading coordinates and kernels on them: what is even in every unit is linear in these.

    Attributes
    ----------
    principal : Principal
    leading : int
        How many coordinates the kernels stand on.
    centres : array, (c, leading)
    scale2 : float
    level : array, (leading + c,)
        Means of the columns.
    """

    SCALE: ClassVar[float] = 3.0  # of kernels beside coordinates of unit variance

    principal: Principal
    leading: int
    centres: np.ndarray
    scale2: float
    level: np.ndarray

    @classmethod
    def of(cls, principal: Principal, points: np.ndarray, seed: int) -> Bent:
        """Return the columns that rows with these coordinates (m, q) give."""
        share = np.cumsum(principal.variances) / principal.whole
        leading = min(LEADING, len(share), int(np.searchsorted(share, ENOUGH)) + 1)
        # places that vary as the rows do, and are none of them: at its own centre a row would stand out in both layers
        mixed = np.random.default_rng(seed).standard_normal((min(CENTRES, len(points) // 2), len(points)))
        centres = mixed @ points[:, :leading] / np.sqrt(len(points))
        scale2 = median_distance(squared_distances(centres, centres))
        plain = cls(principal, leading, centres, scale2, np.zeros(1))
        return cls(principal, leading, centres, scale2, plain(points).mean(axis=0))

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Return the columns of rows with these coordinates (k, q), each of a variance like the others'."""
        z = points[:, : self.leading]
        kernels = matern52(squared_distances(z, self.centres), self.scale2)
        return (
            np.column_stack([z / np.sqrt(self.principal.variances[: self.leading]), self.SCALE * kernels]) - self.level
        )


def _largest_first(values: np.ndarray, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return values[::-1], vectors[:, ::-1]
