"""Sums over rows of two networks that are seen in batches: from them linear CKA follows exactly, whatever the batches."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True, eq=False)
class CrossMoments:
    """Sums over rows z = [x - origin_x, y - origin_y], with p columns of x, and of their squared lengths.

    Attributes
    ----------
    origin : array, (p + q,)
        A row taken off everywhere, so that large offsets cost no digits.
    split : int
        The number p of columns of x.
    count : int
        Rows seen.
    first : array, (p + q,)
        Sum of z.
    second : array, (p + q, p + q)
        Sum of z z^T.
    lengths : array, (2, 2)
        Sums of products of |x|^2 and |y|^2.
    weighted : array, (2, p + q)
        Sums of |x|^2 z and |y|^2 z.
    """

    origin: np.ndarray
    split: int
    count: int
    first: np.ndarray
    second: np.ndarray
    lengths: np.ndarray
    weighted: np.ndarray

    @classmethod
    def empty(cls, x: np.ndarray, y: np.ndarray) -> CrossMoments:
        """Return sums over no rows, about the mean of one batch."""
        origin = np.concatenate([x.mean(axis=0), y.mean(axis=0)])
        n = len(origin)
        return cls(origin, x.shape[1], 0, np.zeros(n), np.zeros((n, n)), np.zeros((2, 2)), np.zeros((2, n)))

    def plus(self, x: np.ndarray, y: np.ndarray) -> CrossMoments:
        """Return the sums with the rows of one more batch."""
        z = np.column_stack([x, y]) - self.origin
        lengths = np.stack([(z[:, : self.split] ** 2).sum(axis=1), (z[:, self.split :] ** 2).sum(axis=1)])
        return CrossMoments(
            self.origin,
            self.split,
            self.count + len(z),
            self.first + z.sum(axis=0),
            self.second + z.T @ z,
            self.lengths + lengths @ lengths.T,
            self.weighted + lengths @ z,
        )

    @property
    def widths(self) -> tuple[int, int]:
        """Numbers of columns, (p, q)."""
        return self.split, len(self.origin) - self.split

    @property
    def varies(self) -> tuple[bool, bool]:
        """Whether any column of each side does, beyond rounding of the values themselves."""
        spread = np.sqrt(np.maximum(np.diag(self.scatter), 0.0) / self.count)
        live = spread > 1e-14 * np.abs(self.origin)
        return bool(live[: self.split].any()), bool(live[self.split :].any())

    @cached_property
    def scatter(self) -> np.ndarray:
        """Centred second moments, (p + q, p + q)."""
        return self.second - np.outer(self.first, self.first) / self.count

    def hsic(self, one: int, other: int, *, debiased: bool) -> float:
        """Return m (m - 3) times the unbiased, or m^2 times the biased HSIC of two sides, 0 being x and 1 being y."""
        sides = (slice(None, self.split), slice(self.split, None))
        cross = float((self.scatter[sides[one], sides[other]] ** 2).sum())
        if not debiased:
            return cross
        m, totals = self.count, [float(np.trace(self.scatter[s, s])) for s in sides]
        diagonal = self._length_product(one, other)
        return cross - diagonal + totals[one] * totals[other] / ((m - 1) * (m - 2)) - 2.0 / (m - 2) * diagonal

    def _length_product(self, one: int, other: int) -> float:
        """Return sum |x_i - mean|^2 |y_i - mean|^2 by expanding both squares."""
        mean, m = self.first / self.count, self.count
        sides = (slice(None, self.split), slice(self.split, None))
        a, b = sides[one], sides[other]
        na, nb = float(mean[a] @ mean[a]), float(mean[b] @ mean[b])
        # |x|^2 - 2 x.mu + |mu|^2, term by term; sum x.mu = m |mu|^2
        squares = [float(np.trace(self.second[s, s])) for s in sides]
        return (
            float(self.lengths[one, other])
            - 2.0 * float(self.weighted[one, b] @ mean[b])
            - 2.0 * float(self.weighted[other, a] @ mean[a])
            + squares[one] * nb
            + squares[other] * na
            + 4.0 * float(mean[a] @ self.second[a, b] @ mean[b])
            - 4.0 * m * na * nb
            + m * na * nb
        )
