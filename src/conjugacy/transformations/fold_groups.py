"""Folds in groups: what a fit takes from other rows than its coefficients is taken once for all folds of a group."""

from __future__ import annotations

import numpy as np

from conjugacy.numerics.kernel_folds import inverse_factor, residuals_with
from conjugacy.numerics.kernels import matern52, squared_distances
from conjugacy.numerics.regression import NEARLY
from conjugacy.transformations.kernel import FREE_INTERCEPT
from conjugacy.transformations.part import CHOICE_ROWS, SINGLE_STRENGTH

GROUPS = 3  # above 500 rows; for each fold alone it costs four times as much, and leaves 1 % less


def groups_of(folds: np.ndarray) -> np.ndarray:
    """Return the group of every row, (m,): every fold alone of few rows, else a third of the folds, which follow each other.

    Examples
    --------
    >>> groups_of(np.arange(6)).tolist(), np.unique(groups_of(np.arange(600) % 10)).tolist()
    ([0, 1, 2, 3, 4, 5], [0, 1, 2])
    """
    count = int(folds.max()) + 1
    return folds if len(folds) <= CHOICE_ROWS or count <= GROUPS else folds * GROUPS // count


def group_last(folds: np.ndarray, out: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows fold by fold, those of a group (bool, (m,)) last, and the sizes of its folds."""
    sizes = np.bincount(folds[out])
    return np.lexsort((folds, out)), sizes[sizes > 0]


def group_factor(points: np.ndarray, scale2: float, strength: float) -> np.ndarray:
    """Return the inverse factor of the kernel of points (m, r) without its intercept, in single precision where that does."""
    if len(points) > CHOICE_ROWS and strength >= SINGLE_STRENGTH * NEARLY:
        points = points.astype(np.float32)
    squared = squared_distances(points, points)
    return inverse_factor(matern52(squared, scale2, out=squared), strength)


def group_residuals(w: np.ndarray, targets: np.ndarray, order: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return held-out residuals of the last folds of an order, row by row in that order, from the inverse factor."""
    left, _ = residuals_with(w, targets, order, sizes, FREE_INTERCEPT)
    return left[order[len(order) - int(sizes.sum()) :]]


def spread_out(rows: np.ndarray, most: int) -> np.ndarray:
    """Return so many of the rows, as far apart as can be.

    Examples
    --------
    >>> spread_out(np.arange(10), 3).tolist()
    [0, 3, 6]
    """
    return rows if len(rows) <= most else rows[np.arange(most) * len(rows) // most]
