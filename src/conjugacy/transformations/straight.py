"""Kernel regression between units as normal scores: a second fit, where the first one leaves an answer open.

Saturated units are close together where what they saw lies far apart. So a kernel is too stiff at their ends, and rows far out
carry most of what the first map leaves. Monotone functions of single units take nothing away and make these distances even.
Units of the target saturate too: what a map cannot follow there may be nearly linear in their scores. So each of them is told as
its score, and brought back, where that leaves less on the rows of the choice.
Scores are found without the rows that are held out: for every fold alone, or of many rows for a third of the folds at a time
(`fold_groups`), those of the source without the other network. So what is made of them is kept from pair to pair.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from weakref import ref

import numpy as np

from conjugacy.numerics.device import product
from conjugacy.numerics.kernel_folds import residual_operator
from conjugacy.numerics.regression import (
    KernelFactors,
    factored_fold_residuals,
    kernel_factors,
    ridge_choose,
    ridge_fold_residuals,
)
from conjugacy.transformations.fold_groups import GroupedFit, group_last, group_residuals
from conjugacy.transformations.kernel import FREE_INTERCEPT, kernel_matrix
from conjugacy.transformations.kernel_map import KernelMap
from conjugacy.transformations.kernel_regression import fitted_between
from conjugacy.transformations.layer import Layer
from conjugacy.transformations.part import choose, is_quick
from conjugacy.transformations.score_map import ScoreMap
from conjugacy.transformations.sum_map import SumMap
from conjugacy.transformations.way import Way

MOST_NUMBERS = 1_000_000  # of a layer, up to which all pairs are looked at
PARTS = 5  # of the rows, each brought back by the others
CLEARLY = 0.7  # of what a unit as it is leaves, the most that its scores may leave


@dataclass(frozen=True, eq=False)
class Straight(GroupedFit):
    """The second fit between units as normal scores."""

    @staticmethod
    def promised(way: Way) -> float:
        """Return what a ridge regression between scores leaves of the target on held-out rows: cheap, and told before the fit is.

        Infinite where even that is dear.
        """
        source, target = way.source, way.target
        if source.m * max(source.n, target.n) > MOST_NUMBERS:
            return np.inf
        folds, live = way.folds, target.live
        strength = ridge_choose(source.scored.ridge, target.scored.sketch, folds)
        left = ridge_fold_residuals(source.scored.ridge, target.scored.z, folds, strength)
        scored, wanted = target.scored, target.values[:, live]
        told = brought_back(scored.values[:, live] - left * scored.std[live], wanted, folds)
        errors = ((wanted - told) / target.std[live])[:, target.judged] ** 2
        return float(errors.sum() / (target.z[:, target.judged] ** 2).sum())

    @cached_property
    def _left_out(self) -> np.ndarray:
        return self.way.division.left_out_of(self.few)

    @cached_property
    def _choice(self) -> tuple[float, float]:
        """Bandwidth and strength, chosen as for the first fit; scores of all rows do for that."""
        return choose(self._factors, self.way.target.sketch[self.few], self._left_out)[:2]

    @cached_property
    def _choice_of_scores(self) -> tuple[float, float]:
        """The same where units of the target are told as scores."""
        return choose(self._factors, self.way.target.scored.sketch[self.few], self._left_out)[:2]

    @cached_property
    def as_scores(self) -> np.ndarray:
        """Which live units of the target are told as scores, bool (p,)."""
        target = self.way.target
        values, wanted = (v[self.few][:, target.live] for v in (target.values, target.scored.values))
        told = wanted - self._left_of_few(wanted, self._choice_of_scores)
        by_scores = ((brought_back(told, values, self.way.folds[self.few]) - values) / target.std[target.live]) ** 2
        plain = self._left_of_few(target.z[self.few], self._choice) ** 2
        return by_scores.sum(axis=0) < CLEARLY * plain.sum(axis=0)

    def _left_of_few(self, wanted: np.ndarray, choice: tuple[float, float]) -> np.ndarray:
        """Return what is left of columns on the rows of the choice, (k, p)."""
        return factored_fold_residuals(self._factors(choice[0]), wanted, self._left_out, choice[1])

    def _factors(self, bandwidth: float) -> KernelFactors:
        def made() -> np.ndarray:
            points = self.way.source.scored.points[self.few]
            found = kernel_factors(kernel_matrix(points, points, self.way.source.scored.scale2(bandwidth)))
            return np.vstack([found.vectors, found.values])

        found = self.way.kept.get((ref(self.way.source), "scores", bandwidth), made)
        return KernelFactors(found[-1], found[:-1])

    def by_group(self, groups: Iterable[int]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the rows of one group of folds after another, and their held-out residuals, each fold left out in turn."""
        target = self.way.target
        values, std = target.values[:, target.live][:, self.as_scores], target.std[target.live][self.as_scores]
        for group in groups:
            order, sizes = group_last(self.way.folds, self.groups == group)
            out = order[len(order) - int(sizes.sum()) :]
            left = np.empty((len(out), len(self.as_scores)))
            if not self.as_scores.all():
                own = target.z[:, ~self.as_scores]
                left[:, ~self.as_scores] = self._left(group, order, sizes, own, self._choice)
            if self.as_scores.any():
                scores = ScoreMap.of(values[self.groups != group])
                wanted = scores.apply(values)
                told = wanted[out] - self._left(group, order, sizes, wanted, self._choice_of_scores)
                left[:, self.as_scores] = (values[out] - scores.inverse.apply(told)) / std
            yield out, left

    def _left(
        self, group: int, order: np.ndarray, sizes: np.ndarray, wanted: np.ndarray, choice: tuple[float, float]
    ) -> np.ndarray:
        """Return held-out residuals of columns (m, p) on the last folds of an order, which are a group."""
        if not is_quick(len(order), choice[1]):
            return group_residuals(self._factor(group, order, choice), wanted, order, sizes)
        operator = self.way.kept.get(
            (ref(self.way.source), self.way.division.name, "scores", choice, group),
            lambda: residual_operator(self._factor(group, order, choice), sizes, FREE_INTERCEPT),
        )
        return product(operator, wanted[order].astype(np.float32)).astype(np.float64)

    def _factor(self, group: int, order: np.ndarray, choice: tuple[float, float]) -> np.ndarray:
        """Return the inverse factor of the kernel of all rows in an order, by the scores of those outside a group."""
        values, rest = self.way.source.values[:, self.way.source.live], np.flatnonzero(self.groups != group)
        points = ScoreMap.of(values[rest]).apply(values)
        spread = points[rest].std(axis=0)
        points /= np.where(spread > 0, spread, 1.0)
        return self.factor(points, order, choice)

    def fit(self, target: Layer) -> SumMap:
        """Return the map to all units of the target, fitted on all rows."""
        first, chains = ScoreMap.of(self.way.source.values), list[tuple[ScoreMap | KernelMap, ...]]()
        as_scores = np.zeros(target.n, dtype=bool)
        as_scores[target.live] = self.as_scores
        if not self.as_scores.all():
            found = self._fit(target, self._choice)
            plain = replace(
                found,
                shift_out=np.where(as_scores, 0.0, found.shift_out),
                coefficients=np.where(as_scores, 0.0, found.coefficients),
            )
            chains.append((first, plain))
        if self.as_scores.any():
            back = ScoreMap.of(target.values).inverse
            values = np.where(as_scores | self.as_scores.all(), back.scores, 0.0)  # units that are constant stay so
            chains.append((first, self._fit(target.scored, self._choice_of_scores), ScoreMap(back.knots, values)))
        return SumMap(tuple(chains))

    def _fit(self, target: Layer, choice: tuple[float, float]) -> KernelMap:
        source, (bandwidth, strength) = self.way.source.scored, choice
        return fitted_between(source, target, source.loadings, source.points, source.scale2(bandwidth), strength)


def brought_back(told: np.ndarray, values: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return the values that told scores (m, p) mean, by those of rows in other folds: what is rare is known from few rows."""
    found, numbers = np.empty_like(told), np.unique(folds, return_inverse=True)[1].reshape(len(folds))
    parts = numbers * min(PARTS, int(numbers.max()) + 1) // (int(numbers.max()) + 1)
    for part in range(int(parts.max()) + 1):
        own = parts == part
        found[own] = ScoreMap.of(values if own.all() else values[~own]).inverse.apply(told[own])
    return found
