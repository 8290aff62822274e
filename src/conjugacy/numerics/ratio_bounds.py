"""Bounds of a ratio of two sums over rows, where few rows may carry much of them.

The ratio f of sum d to sum v is bounded by where the mean of d - f v differs from nothing by Student's quantile (Fieller 1954).
Sums of squares have heavy tails: what the largest values would add is mostly not among the rows that were drawn, and the mean
of what was drawn is too small more often than not. Before an upper bound is taken, the largest d of all rows is therefore
counted `UNSEEN` times more, before a lower bound the largest v. Of errors with Student's distribution of three degrees of
freedom, whose squares have no variance, the upper bound at 2.5 % then fails in 1 % instead of 20 % (100 to 2000 rows); of
normal ones it is wider by a 27th at 2000 rows. No bound can know of rows that were not drawn: where one row of a hundred
carries nine tenths of the error, it fails in .5 % at 2000 rows and in 14 % at 300.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import stdtr, stdtrit

UNSEEN = 6


@dataclass(frozen=True, eq=False)
class Ratios:
    """Ratios of sums with what bounds them; k of them, from m rows or clusters of rows.

    Attributes
    ----------
    above, below : float array, (k,)
        The sums.
    squares : float array, (3, k)
        Sums of d d, d v and v v over rows or clusters.
    largest : float array, (2, k)
        The largest d and the largest v.
    parts, freedom : float or float array, (k,)
        Number of rows or clusters; degrees of freedom.
    """

    above: np.ndarray
    below: np.ndarray
    squares: np.ndarray
    largest: np.ndarray
    parts: float | np.ndarray
    freedom: float | np.ndarray

    @classmethod
    def of(cls, d: np.ndarray, v: np.ndarray, sizes: np.ndarray) -> Ratios:
        """Build them from the sums of rows or clusters, (m, k), and how many rows each holds, (m,).

        Examples
        --------
        >>> d, v = np.array([[1.0], [3.0], [2.0], [2.0]]), np.full((4, 1), 10.0)
        >>> Ratios.of(d, v, np.ones(4)).value
        array([0.2])
        """
        squares = np.array([np.einsum("ij,ij->j", d, d), np.einsum("ij,ij->j", d, v), np.einsum("ij,ij->j", v, v)])
        largest = np.array([d.max(axis=0), v.max(axis=0)])
        freedom = max(float(sizes.sum() ** 2 / (sizes**2).sum()) - 1, 0.1)
        return cls(d.sum(axis=0), v.sum(axis=0), squares, largest, len(d), freedom)

    @classmethod
    def joined(cls, several: Sequence[Ratios]) -> Ratios:
        """Return the ratios of several, from the same rows, side by side."""
        if not several:
            return cls(np.zeros(0), np.zeros(0), np.zeros((3, 0)), np.zeros((2, 0)), 1.0, 1.0)
        return replace(
            several[0],
            above=np.concatenate([s.above for s in several]),
            below=np.concatenate([s.below for s in several]),
            squares=np.concatenate([s.squares for s in several], axis=1),
            largest=np.concatenate([s.largest for s in several], axis=1),
        )

    def of_columns(self, which: np.ndarray) -> Ratios:
        """Return some of them."""
        return Ratios(
            self.above[which],
            self.below[which],
            self.squares[:, which],
            self.largest[:, which],
            self.parts,
            self.freedom,
        )

    @property
    def value(self) -> np.ndarray:
        """The ratios."""
        return self.above / self.below

    def bounds(self, level: float = 0.025) -> tuple[np.ndarray, np.ndarray]:
        """Return the lower and the upper bound, one-sided; infinite where `below` cannot be told from nothing."""
        t = -np.asarray(stdtrit(self.freedom, level))
        return self._with_unseen(below=True)._root(t, -1.0), self._with_unseen(below=False)._root(t, 1.0)

    def chance_outside(self, margin: float) -> np.ndarray:
        """Return the one-sided p of a ratio of at most `margin`."""
        return 1 - self._with_unseen(below=True)._student(margin)

    def repeated(self, times: np.ndarray) -> Ratios:
        """Return them as they would be of so many times more rows of the same kind, (k,)."""
        grown = {name: getattr(self, name) * times for name in ("above", "below", "squares", "parts", "freedom")}
        return Ratios(**grown, largest=self.largest)

    def _with_unseen(self, *, below: bool) -> Ratios:
        extra = UNSEEN * self.largest
        squares = self.squares.copy()
        squares[2 if below else 0] += extra[1 if below else 0] * self.largest[1 if below else 0]
        above, under = (self.above, self.below + extra[1]) if below else (self.above + extra[0], self.below)
        return Ratios(above, under, squares, self.largest, self.parts + UNSEEN, self.freedom)

    def _student(self, ratio: float) -> np.ndarray:
        """Return the chance of a smaller mean of d - ratio v, were it nothing."""
        mean = (self.above - ratio * self.below) / self.parts
        square = (self.squares[0] - 2 * ratio * self.squares[1] + ratio**2 * self.squares[2]) / self.parts
        spread = np.sqrt(np.maximum(square - mean**2, 1e-300) / (self.parts - 1))
        return np.asarray(stdtr(self.freedom, mean / spread))

    def _root(self, t: np.ndarray, side: float) -> np.ndarray:
        """Return where the mean of d - f v is t standard errors from nothing."""
        k = t**2 * self.parts / (self.parts - 1)
        shrink = 1 + k / self.parts
        a = shrink * self.below**2 - k * self.squares[2]
        b = shrink * self.above * self.below - k * self.squares[1]
        c = shrink * self.above**2 - k * self.squares[0]
        root = (b + side * np.sqrt(np.maximum(b**2 - a * c, 0))) / np.where(a > 0, a, np.nan)
        return np.where(a > 0, np.maximum(root, 0), np.inf if side > 0 else 0.0)
