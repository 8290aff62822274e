"""Kernel regression from units as normal scores: a second fit, where the first one leaves an answer open.

Saturated units are close together where what they saw lies far apart. So a kernel is too stiff at their ends, and rows far out
carry most of what the first map leaves. Monotone functions of single units take nothing away and make these distances even.
They are found without the other network, and in every fold without the rows that are held out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from conjugacy.numerics.device import product
from conjugacy.numerics.kernels import median_distance, squared_distances
from conjugacy.transformations.division import Division
from conjugacy.transformations.kernel import kernel_matrix, kernel_of, solved
from conjugacy.transformations.kernel_regression import KernelRegression
from conjugacy.transformations.layer import Layer
from conjugacy.transformations.score_map import ScoreMap
from conjugacy.transformations.sum_map import SumMap
from conjugacy.transformations.way import Way

MOST_ROWS = 1000


@dataclass(frozen=True, eq=False)
class Straight:
    """The second fit of one direction; everything is computed when it is asked for.

    Attributes
    ----------
    way : Way
        With at most 1000 rows.
    """

    way: Way

    @staticmethod
    def applies(way: Way) -> bool:
        """Whether it is worth its cost."""
        return way.source.m <= MOST_ROWS

    @cached_property
    def _regression(self) -> KernelRegression:
        division = Division(self.way.source.scored, self.way.folds, self.way.clusters)
        return KernelRegression(division, self.way.target.sketch)

    def by_fold(self, folds: Iterable[int]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the rows of one fold after another, and their held-out residuals."""
        values, target = self.way.source.values[:, self.way.source.live], self.way.target.z
        bandwidth, strength = self._regression.choice
        for fold in folds:
            out, rows = np.flatnonzero(self.way.folds == fold), np.flatnonzero(self.way.folds != fold)
            points = ScoreMap.of(values[rows]).apply(values)
            spread = points[rows].std(axis=0)
            points /= np.where(spread > 0, spread, 1.0)
            squared = squared_distances(points[rows], points[rows])
            scale2 = median_distance(squared) * bandwidth**2
            coefficients = solved(kernel_of(squared, scale2), strength, target[rows])
            yield out, target[out] - product(kernel_matrix(points[out], points[rows], scale2), coefficients)

    def fit(self, target: Layer) -> SumMap:
        """Return the map to all units of the target, fitted on all rows."""
        return SumMap(((ScoreMap.of(self.way.source.values), self._regression.fit(target)),))
