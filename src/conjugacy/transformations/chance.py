"""Chance: whether two networks have anything to do with each other, and whether the rows would show it if they had."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from conjugacy.numerics.independence import Factors, Repaired, factors_of, repaired
from conjugacy.numerics.resample import remembered_shuffles
from conjugacy.numerics.spectral import principal_components
from conjugacy.transformations.layer import Layer

CHANCE_DRAWS = 299
CHANCE_LEVEL = 0.01
PLANTED = 0.05  # share of the variance that a planted function has
PLANTINGS, CLEAR = 3, 2.0  # so many spreads from what is rejected, one planting is enough


@dataclass(frozen=True, eq=False)
class Chance:
    """One test of independence for both directions; everything is worked out when it is asked for, and once.

    Attributes
    ----------
    a, b : Layer
        Rows matched, of one seed.
    clusters : int array, (m,)
        Rows that depend on each other move together.
    seed : int
        Draws the re-pairings.

    Examples
    --------
    >>> x, other = np.random.default_rng(0).standard_normal((2, 400, 3))
    >>> chance = Chance(Layer(x), Layer(other), np.arange(400), 0)
    >>> chance.p > 0.01, chance.would_show
    (True, True)
    >>> Chance(Layer(x), Layer(x**2), np.arange(400), 0).p < 0.01
    True
    """

    a: Layer
    b: Layer
    clusters: np.ndarray
    seed: int

    @cached_property
    def _ends(self) -> tuple[Layer, Layer]:
        """Both in an order of their own, so that they may change places."""
        a, b = sorted((self.a, self.b), key=lambda layer: layer.factors.both.tobytes())
        return a, b

    @cached_property
    def _orders(self) -> np.ndarray:
        _, clusters = np.unique(self.clusters[self.a.selection], return_inverse=True)
        return remembered_shuffles(clusters, CHANCE_DRAWS, self.seed + 1)

    @cached_property
    def _repaired(self) -> Repaired:
        first, second = self._ends
        return repaired(first.factors, second.factors, self._orders)

    @property
    def p(self) -> float:
        """How often rows that are paired anew look as dependent as these do."""
        return self._repaired.p

    @property
    def rejects(self) -> bool:
        """Whether they are not independent."""
        return self.p <= CHANCE_LEVEL

    @cached_property
    def would_show(self) -> bool:
        """Whether the same test finds a function of either network that is planted into the other, paired anew."""
        first, second = self._ends
        if not (first.power_target.shape[1] and second.power_target.shape[1]):
            return False
        return self._finds(first, second) and self._finds(second, first)

    def _finds(self, source: Layer, target: Layer) -> bool:
        """Whether a function of the source in the target is found: in the mean of three plantings, where one is not clear."""
        found: list[float] = []
        for i in range(PLANTINGS):
            there = planted(source, target, self._orders[:, i], self.seed + i)
            ends = (source.factors, there) if source is self._ends[0] else (there, source.factors)
            found.append(self._repaired.beyond(*ends, CHANCE_LEVEL))
            if abs(found[0]) > CLEAR:
                break
        return float(np.mean(found)) > 0.0


def planted(source: Layer, target: Layer, order: np.ndarray, seed: int) -> Factors:
    """Return the factors of a target paired anew, a twentieth of whose variance is a rough function of the source.

    The function, one of the power check, goes along one direction of those in which the target varies.
    """
    rows = source.selection
    own, functions = target.points_at(rows)[order], source.power_target[rows]
    function = functions[:, seed % functions.shape[1]][:, None]
    along = np.random.default_rng(seed + 7).standard_normal(own.shape[1])
    along *= np.sqrt(PLANTED) / np.linalg.norm(along)
    points = np.sqrt(1.0 - PLANTED) * own + function * along
    return factors_of(principal_components(points - points.mean(axis=0))[0])
