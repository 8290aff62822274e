"""Chance: whether two networks have anything to do with each other, and whether the rows would show it if they had."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from conjugacy.numerics.independence import Factors, Repaired, factors_of, repaired
from conjugacy.numerics.resample import cluster_means, even_rows, remembered_shuffles
from conjugacy.numerics.spectral import principal_components
from conjugacy.transformations.folds import MIN_CLUSTERS
from conjugacy.transformations.layer import SELECTION_ROWS, Layer

CHANCE_DRAWS = 299
CHANCE_LEVEL = 0.01
PLANTED = 0.05  # share of the variance that a planted function has
PLANTINGS, CLEAR = 3, 2.0  # so many spreads from what is rejected, one planting is enough


@dataclass(frozen=True, eq=False)
class Chance:
    """One test of independence for both directions; everything is computed when it is asked for, and once.

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
    def _rows(self) -> np.ndarray:
        """The rows that are re-paired: as many of every cluster, for else no re-pairing were as likely as the pair itself."""
        if int(self.clusters.max()) + 1 == len(self.clusters):
            return self.a.selection
        even = even_rows(self.clusters, SELECTION_ROWS, self.seed)
        return self.a.selection if even is None else even

    def _factors(self, layer: Layer) -> Factors:
        """Return what is kept on a layer where all of its rows, or a choice that others share, are re-paired."""
        if self._rows is self.a.selection:
            return layer.factors
        return _factors_of(layer.points_at(self._rows))

    @cached_property
    def _ends(self) -> tuple[tuple[Layer, Factors], tuple[Layer, Factors]]:
        """Both with their factors, in an order of their own, so that they may change places."""
        both = [(layer, self._factors(layer)) for layer in (self.a, self.b)]
        first, second = sorted(both, key=lambda end: end[1].both.tobytes())
        return first, second

    @cached_property
    def _orders(self) -> np.ndarray:
        _, clusters = np.unique(self.clusters[self._rows], return_inverse=True)
        return remembered_shuffles(clusters.ravel(), CHANCE_DRAWS, self.seed + 1)

    @cached_property
    def _repaired(self) -> Repaired:
        (_, first), (_, second) = self._ends
        return repaired(first, second, self._orders)

    @cached_property
    def _are_few(self) -> bool:
        """Whether so few clusters are re-paired that no pair could look dependent."""
        return len(np.unique(self.clusters[self._rows])) < MIN_CLUSTERS

    @property
    def p(self) -> float:
        """How often rows that are re-paired look as dependent as these do; 1 where under ten clusters are re-paired."""
        return 1.0 if self._are_few else self._repaired.p

    @property
    def rejects(self) -> bool:
        """Whether they are not independent."""
        return self.p <= CHANCE_LEVEL

    @cached_property
    def hidden(self) -> Chance | None:
        """The same test of rows one by one, where it rejects and clusters, which are pairs of states, hide it; else None.

        Networks with few states each may meet few pairs of them, which is what they share. Where every pair counts once, each
        state is left out with what it is paired with, and that is gone.
        """
        states = [self.a.states, self.b.states]
        pairs, *of_one = (_count(*which) for which in (states, states[:1], states[1:]))
        repeat = pairs < self.a.m and pairs == _count(self.clusters) == _count(self.clusters, *states)
        if not repeat or pairs in of_one:  # where states of one network tell those of the other, nothing is hidden
            return None
        rows = Chance(self.a, self.b, np.arange(self.a.m), self.seed)
        return rows if rows.rejects else None

    @cached_property
    def would_show(self) -> bool:
        """Whether the same test finds a function of either network that is planted into the other, re-paired.

        Under ten clusters nothing is independent of anything: there are too few re-pairings that differ.
        """
        if self._are_few or self.hidden is not None:
            return False
        (first, _), (second, _) = self._ends
        if not (first.power_target.shape[1] and second.power_target.shape[1]):
            return False
        return all(self._finds(*ends) for ends in (self._ends, self._ends[::-1]))

    def _finds(self, source: tuple[Layer, Factors], target: tuple[Layer, Factors]) -> bool:
        """Whether a function of the source in the target is found: in the mean of three plantings, where one is not clear."""
        found: list[float] = []
        for i in range(PLANTINGS):
            own, functions = target[0].points_at(self._rows)[self._orders[:, i]], source[0].power_target[self._rows]
            there = planted(own, functions, self.seed + i)
            ends = (source[1], there) if source is self._ends[0] else (there, source[1])
            found.append(self._repaired.beyond(*ends, CHANCE_LEVEL))
            if abs(found[0]) > CLEAR:
                break
        return float(np.mean(found)) > 0.0


def chance_of_means(a: Layer, b: Layer, clusters: np.ndarray, seed: int) -> Chance:
    """Return the test on the means of clusters, (c, p): rows of a series change together within its blocks in both networks.

    Blocks that are cut out of a series and re-paired no longer change where the other network does, which alone would make
    the pair look related (`benchmarks/row_order.txt`). Their means know nothing of when anything changes.
    """
    ends = [Layer(cluster_means(layer.z, clusters), layer.seed) for layer in (a, b)]
    return Chance(ends[0], ends[1], np.arange(int(clusters.max()) + 1), seed)


def planted(own: np.ndarray, functions: np.ndarray, seed: int) -> Factors:
    """Return the factors of rows re-paired, `own` (m, r), a twentieth of whose variance is one of `functions` (m, k).

    It goes along one direction of those in which the rows vary.
    """
    function = functions[:, seed % functions.shape[1]][:, None]
    along = np.random.default_rng(seed + 7).standard_normal(own.shape[1])
    along *= np.sqrt(PLANTED) / np.linalg.norm(along)
    return _factors_of(np.sqrt(1.0 - PLANTED) * own + function * along)


def _count(*labels: np.ndarray) -> int:
    """Return how many combinations of labels occur."""
    return np.unique(np.stack(labels), axis=1).shape[1]


def _factors_of(points: np.ndarray) -> Factors:
    return factors_of(principal_components(points - points.mean(axis=0))[0])
