"""Rows that are near repeats of each other: clumps at a scale beyond which, for a while, there is no other row.

With D the distance of two rows over the median distance, the larger of both layers' where there are two, and N(r) the pairs
within r: points of any density have log2(N(2r) / N(r)) near their dimension, near repeats have about 0 at the scale of their
spread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from conjugacy.numerics.kernels import median_distance, squared_distances

WIDEST = 0.25  # of the median distance; what lies farther apart is no near repeat
PLATEAU = 0.2  # log2 N(2r) / N(r) of clumps
PAIRED, FEWEST = 0.2, 25  # so many rows have a partner where rows repeat, and so many pairs tell a plateau from chance
STEPS = 28  # scales that are looked at, four to a factor of two
SAMPLE = 2000  # rows among which clumps are looked for; the others join them
MEDIAN_ROWS = 1000  # whose median distance is the unit of distances
MARKED = 1000  # rows of whose pairs all are marked, a byte each
BATCH = 4_000_000  # distances at a time


@dataclass(frozen=True, eq=False)
class NearPairs:
    """Pairs of rows that lie within twice the widest clump of each other, of all rows or of a sample of many.

    Attributes
    ----------
    m : int
        Number of rows.
    rows : int array, (s,)
        Those among which pairs are known, rising.
    pairs : int array, (p,)
        i m + j of pairs i < j, rising.
    apart : array, (p,)
        Their distances over the median one.
    nearest : int array, (m,)
        For every row the one of `rows` that is nearest to it, itself where it is one of them.
    beyond : array, (m,)
        How far that is.
    """

    m: int
    rows: np.ndarray
    pairs: np.ndarray
    apart: np.ndarray
    nearest: np.ndarray
    beyond: np.ndarray

    @classmethod
    def of(cls, points: np.ndarray) -> NearPairs:
        """Take rows as points, (m, r)."""
        m, every = len(points), np.arange(len(points))
        rows = every if m <= SAMPLE else np.sort(np.random.default_rng(m).choice(m, SAMPLE, replace=False))
        chosen, nearest, beyond = points[rows], every.copy(), np.zeros(m)
        whole = squared_distances(chosen, chosen) if m <= MEDIAN_ROWS else None
        scale2 = _median_squared(chosen) if whole is None else median_distance(whole)
        pairs, apart = [np.empty(0, dtype=np.int64)], [np.empty(0)]
        for part in _parts(rows, len(rows)):
            found = squared_distances(points[part], chosen) if whole is None else whole[part]
            found /= scale2
            i, j = np.nonzero(found <= (2.0 * WIDEST) ** 2)
            keep = part[i] < rows[j]
            pairs.append(part[i[keep]] * np.int64(m) + rows[j[keep]])
            apart.append(np.sqrt(found[i[keep], j[keep]]))
        for part in _parts(np.setdiff1d(every, rows), len(rows)):
            found = squared_distances(points[part], chosen)
            found /= scale2
            at = found.argmin(axis=1)
            nearest[part], beyond[part] = rows[at], np.sqrt(found[np.arange(len(part)), at])
        return cls(m, rows, np.concatenate(pairs), np.concatenate(apart), nearest, beyond)

    def both(self, other: NearPairs) -> NearPairs:
        """Return the pairs that are near in two layers, as far apart as in the layer where they are farther."""
        if self.m <= MARKED:
            i, j = (np.flatnonzero(x._marked[y.pairs]) for x, y in ((other, self), (self, other)))
        else:
            _, i, j = np.intersect1d(self.pairs, other.pairs, assume_unique=True, return_indices=True)
        beyond = np.where(self.nearest == other.nearest, np.maximum(self.beyond, other.beyond), np.inf)
        return NearPairs(
            self.m, self.rows, self.pairs[i], np.maximum(self.apart[i], other.apart[j]), self.nearest, beyond
        )

    def may_clump_in(self, other: NearPairs) -> bool:
        """Whether rows may clump in two layers: the pairs within the widest clump tell most that do not, at a fifth of the cost.

        Beyond the widest clump N is no less than there, and at twice as far it is counted.
        """
        if self.m > MARKED:
            return self.may_clump and other.may_clump
        near = self._close.both(other._close)
        most = int(np.count_nonzero(self._marked & other._marked))
        return next(near._scales(most), None) is not None

    @cached_property
    def _close(self) -> NearPairs:
        """The pairs within the widest clump."""
        kept = self.apart <= WIDEST
        return replace(self, pairs=self.pairs[kept], apart=self.apart[kept])

    @cached_property
    def _ends(self) -> tuple[np.ndarray, np.ndarray]:
        """The rows i and j of every pair, (p,)."""
        return np.divmod(self.pairs, self.m)

    @cached_property
    def _marked(self) -> np.ndarray:
        """Which of all m^2 pairs are known."""
        found = np.zeros(self.m**2, dtype=bool)
        found[self.pairs] = True
        return found

    def among(self, rows: np.ndarray) -> NearPairs:
        """Return the pairs among some rows; the others stay where they are, and have no partner."""
        if len(rows) == self.m:
            return self
        chosen = np.zeros(self.m, dtype=bool)
        chosen[rows] = True
        kept = chosen[self._ends[0]] & chosen[self._ends[1]]
        return replace(self, rows=self.rows[chosen[self.rows]], pairs=self.pairs[kept], apart=self.apart[kept])

    @cached_property
    def may_clump(self) -> bool:
        """Whether rows enough have a partner at the widest scale."""
        return self._paired(WIDEST) >= PAIRED

    def clumps(self, are_classes: Callable[[np.ndarray], bool] | None = None) -> np.ndarray | None:
        """Return cluster numbers of the rows, (m,), by the widest clumps there are; None where rows do not repeat.

        Clumps of which `are_classes` says so are passed over.

        Examples
        --------
        >>> rng = np.random.default_rng(0)
        >>> codes = rng.normal(size=(20, 8))
        >>> x = np.repeat(codes, 10, axis=0) + 0.03 * rng.normal(size=(200, 8))
        >>> int(NearPairs.of(x).clumps().max()) + 1, NearPairs.of(rng.normal(size=(200, 8))).clumps()
        (20, None)
        """
        if not self.may_clump:
            return None
        for r in self._scales():
            found = self._components(np.sqrt(2.0) * r)
            if are_classes is None or not are_classes(found):
                return found
        return None

    def _scales(self, most: int = 0) -> Iterator[float]:
        """Return the scales of clumps, the widest first; so many pairs lie within twice the widest, if not all are known."""
        for r in WIDEST * 2.0 ** (-np.arange(STEPS) / 4.0):
            near, nearer = (np.count_nonzero(self.apart <= most) for most in (r, 2.0 * r))
            if near < FEWEST or self._paired(r) < PAIRED:
                return
            if np.log2((max(nearer, most) if r == WIDEST else nearer) / near) < PLATEAU:
                yield float(r)

    @cached_property
    def _partner(self) -> np.ndarray:
        """How far the nearest partner of every row is, rising."""
        found = np.full(self.m, np.inf)
        for ends in self._ends:
            np.minimum.at(found, ends, self.apart)
        return np.sort(found[self.rows])

    def _paired(self, r: float) -> float:
        return float(np.searchsorted(self._partner, r, side="right") / max(len(self.rows), 1))

    def _components(self, r: float) -> np.ndarray:
        near = np.flatnonzero(self.apart <= r)
        joins = np.flatnonzero((self.nearest != np.arange(self.m)) & (self.beyond <= r))
        left = np.concatenate([self._ends[0][near], joins])
        right = np.concatenate([self._ends[1][near], self.nearest[joins]])
        graph = coo_array((np.ones(len(left)), (left, right)), shape=(self.m, self.m))
        return connected_components(graph, directed=False)[1].astype(np.int64)


def _parts(rows: np.ndarray, count: int) -> Iterator[np.ndarray]:
    step = max(1, BATCH // max(count, 1))
    return (rows[start : start + step] for start in range(0, len(rows), step))


def _median_squared(points: np.ndarray) -> float:
    """Return the median squared distance of two rows, from a thousand of them spread over all."""
    some = points[np.unique(np.linspace(0, len(points) - 1, MEDIAN_ROWS).astype(np.int64))]
    return median_distance(squared_distances(some, some))
