"""Folds in groups: what a fit takes from other rows than its coefficients is taken once for all folds of a group."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from conjugacy.numerics.kernel_folds import residuals_with
from conjugacy.numerics.kernels import median_distance, squared_distances
from conjugacy.transformations.kernel import FREE_INTERCEPT
from conjugacy.transformations.part import CHOICE_ROWS, factor_of
from conjugacy.transformations.way import Way

MOST_ROWS, CHOSEN_ON = 1000, 300  # rows; and of these, on which bandwidth and strength are chosen
MOST_PROMISED = 3000  # rows, where a cheap look says that the fit may hold
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


def group_residuals(w: np.ndarray, targets: np.ndarray, order: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return held-out residuals of the last folds of an order, row by row in that order, from the inverse factor."""
    left, _ = residuals_with(w, targets, order, sizes, FREE_INTERCEPT)
    return left[order[len(order) - int(sizes.sum()) :]]


@dataclass(frozen=True, eq=False)
class GroupedFit:
    """A second fit of one direction, for groups of folds; everything is computed when it is asked for.

    Attributes
    ----------
    way : Way
    """

    way: Way

    @staticmethod
    def promised(way: Way) -> float:
        """Return what a cheap look says that it may leave; infinite where there is none."""
        return np.inf

    @staticmethod
    def applies(way: Way, most: int = MOST_ROWS) -> bool:
        """Whether it is worth its cost, with at most so many rows."""
        return way.source.m <= most

    @cached_property
    def groups(self) -> np.ndarray:
        """Which folds share what is fitted besides the map, as numbers of their rows, (m,)."""
        return groups_of(self.way.folds)

    @cached_property
    def few(self) -> np.ndarray:
        """The rows on which bandwidth and strength are chosen, and whose median distance is the length."""
        return spread_out(self.way.source.choice_rows, CHOSEN_ON)

    def factor(self, points: np.ndarray, order: np.ndarray, choice: tuple[float, float]) -> np.ndarray:
        """Return the inverse factor of the kernel of points (m, r) in an order; the bandwidth is over their median distance."""
        return factor_of(points[order], self.scale2(points, choice[0]), choice[1], CHOICE_ROWS)

    def scale2(self, points: np.ndarray, bandwidth: float) -> float:
        """Return the squared length scale of a bandwidth among points (m, r)."""
        few = points[self.few]
        return median_distance(squared_distances(few, few)) * bandwidth**2


def spread_out(rows: np.ndarray, most: int) -> np.ndarray:
    """Return so many of the rows, as far apart as can be.

    Examples
    --------
    >>> spread_out(np.arange(10), 3).tolist()
    [0, 3, 6]
    """
    return rows if len(rows) <= most else rows[np.arange(most) * len(rows) // most]
