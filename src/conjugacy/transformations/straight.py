"""Kernel regression from units as normal scores: a second fit, where the first one leaves an answer open.

Saturated units are close together where what they saw lies far apart. So a kernel is too stiff at their ends, and rows far out
carry most of what the first map leaves. Monotone functions of single units take nothing away and make these distances even.
They are found without the other network, and without the rows that are held out: for every fold alone, or of many rows for a
third of the folds at a time (`fold_groups`). So what is made of them is kept from pair to pair.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from weakref import ref

import numpy as np

from conjugacy.numerics.device import product
from conjugacy.numerics.kernel_folds import residual_operator
from conjugacy.numerics.regression import KernelFactors, kernel_factors
from conjugacy.transformations.fold_groups import GroupedFit, group_last, group_residuals
from conjugacy.transformations.kernel import FREE_INTERCEPT, kernel_matrix, solved
from conjugacy.transformations.kernel_regression import map_between
from conjugacy.transformations.layer import Layer
from conjugacy.transformations.part import choose, is_quick
from conjugacy.transformations.score_map import ScoreMap
from conjugacy.transformations.sum_map import SumMap


@dataclass(frozen=True, eq=False)
class Straight(GroupedFit):
    """The second fit from units as normal scores."""

    @cached_property
    def _choice(self) -> tuple[float, float]:
        """Bandwidth and strength, chosen as for the first fit; scores of all rows do for that."""
        left_out = self.way.division.left_out_of(self.few)
        return choose(self._factors, self.way.target.sketch[self.few], left_out)[:2]

    def _factors(self, bandwidth: float) -> KernelFactors:
        def made() -> np.ndarray:
            points = self.way.source.scored.points[self.few]
            found = kernel_factors(kernel_matrix(points, points, self.way.source.scored.scale2(bandwidth)))
            return np.vstack([found.vectors, found.values])

        found = self.way.kept.get((ref(self.way.source), "scores", bandwidth), made)
        return KernelFactors(found[-1], found[:-1])

    def by_group(self, groups: Iterable[int]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the rows of one group of folds after another, and their held-out residuals, each fold left out in turn."""
        targets, division, choice = self.way.target.z, self.way.division, self._choice
        for group in groups:
            order, sizes = group_last(self.way.folds, self.groups == group)
            if is_quick(len(order), choice[1]):
                operator = self.way.kept.get(
                    (ref(self.way.source), division.name, "scores", choice, group),
                    lambda: residual_operator(self._factor(group, order), sizes, FREE_INTERCEPT),  # noqa: B023 - made now
                )
                left = product(operator, targets[order].astype(np.float32)).astype(np.float64)
            else:
                left = group_residuals(self._factor(group, order), targets, order, sizes)
            yield order[len(order) - len(left) :], left

    def _factor(self, group: int, order: np.ndarray) -> np.ndarray:
        """Return the inverse factor of the kernel of all rows in an order, by the scores of those outside a group."""
        values, rest = self.way.source.values[:, self.way.source.live], np.flatnonzero(self.groups != group)
        points = ScoreMap.of(values[rest]).apply(values)
        spread = points[rest].std(axis=0)
        points /= np.where(spread > 0, spread, 1.0)
        return self.factor(points, order, self._choice)

    def fit(self, target: Layer) -> SumMap:
        """Return the map to all units of the target, fitted on all rows."""
        source, (bandwidth, strength) = self.way.source.scored, self._choice
        points, scale2 = source.points, source.scale2(bandwidth)
        fitted = points, solved(kernel_matrix(points, points, scale2), strength, target.z)
        kernel_map = map_between(source, target, source.loadings, fitted, scale2)
        return SumMap(((ScoreMap.of(self.way.source.values), kernel_map),))
