"""Products of a signal with its own past, summed over trials: all that a linear model of delayed states needs.

The Hankel matrix with rows [x_t, x_{t-tau}, ..., x_{t-(q-1) tau}] is never built. Its Gram matrix is block-Toeplitz up to the
ends of the trials, so sums over whole trials, one per lag, and the first and last few rows of every trial give it exactly, for
any number of delays up to the longest: one pass over the data serves a whole sweep.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class LagSums:
    """Lag products of k trials of n channels.

    Attributes
    ----------
    longest : int
        The largest offset L into the past that can be asked for.
    sums : array, (L + 1, n, n)
        Entry l is the sum over trials and times t >= l of x_t x_{t-l}^T.
    total : array, (n,)
        Sum of all x_t.
    heads, tails : array, (k, L, n)
        The first and the last L rows of every trial.
    rows : int
        Time points over all trials.
    """

    longest: int
    sums: np.ndarray
    total: np.ndarray
    heads: np.ndarray
    tails: np.ndarray
    rows: int

    @classmethod
    def of(cls, trials: Iterable[np.ndarray], longest: int) -> LagSums:
        """Pass once over trials (t_i, n), each longer than `longest`; they may come from a generator."""
        sums, total = np.zeros((longest + 1, 1, 1)), np.zeros(1)
        heads, tails, rows = list[np.ndarray](), list[np.ndarray](), 0
        for x in trials:
            t, n = x.shape
            if not heads:
                sums, total = np.zeros((longest + 1, n, n)), np.zeros(n)
            total += x.sum(axis=0)
            for lag in range(longest + 1):
                sums[lag] += x[lag:].T @ x[: t - lag]
            heads.append(x[:longest].copy())
            tails.append(x[t - longest :].copy())
            rows += t
        return cls(longest, sums, total, np.stack(heads), np.stack(tails), rows)

    def __add__(self, other: LagSums) -> LagSums:
        """Return the products over the trials of both."""
        return LagSums(
            self.longest,
            self.sums + other.sums,
            self.total + other.total,
            np.concatenate([self.heads, other.heads]),
            np.concatenate([self.tails, other.tails]),
            self.rows + other.rows,
        )

    @property
    def n_trials(self) -> int:
        """Number of trials k."""
        return len(self.heads)

    @property
    def n_channels(self) -> int:
        """Number of channels n."""
        return self.sums.shape[1]

    def count(self, first: int) -> int:
        """Return how many rows have at least `first` time points before them."""
        return self.rows - first * self.n_trials

    def product(self, i: int, j: int, first: int) -> np.ndarray:
        """Return the sum over t >= first of x_{t-i} x_{t-j}^T, (n, n), i and j at most `first`."""
        if i > j:
            return self.product(j, i, first).T
        found = self.sums[j - i].copy()
        # all pairs (s, s - (j - i)) but those with s < first - i or s > t - 1 - i
        early = self.heads[:, j - i : first - i], self.heads[:, : first - j]
        late = self.tails[:, self.longest - i :], self.tails[:, self.longest - j : self.longest - j + i]
        for x, y in (early, late):
            found -= np.einsum("kti,ktj->ij", x, y, optimize=True) if x.shape[1] else 0.0
        return found

    def gram(self, offsets: Sequence[int], first: int | None = None) -> np.ndarray:
        """Return the Gram matrix of the rows [x_{t-i} for i in offsets] over t >= first, (offsets n, offsets n).

        `first` is the largest offset where it is not given.
        """
        start = max(offsets) if first is None else first
        if tuple(offsets) == tuple(range(len(offsets))):
            return self._consecutive(len(offsets), start)
        n, q = self.n_channels, len(offsets)
        out = np.empty((q, n, q, n))
        for a, i in enumerate(offsets):
            for b, j in enumerate(offsets[: a + 1]):
                out[a, :, b] = self.product(i, j, start)
                out[b, :, a] = out[a, :, b].T
        return out.reshape(q * n, q * n)

    def _consecutive(self, delays: int, start: int) -> np.ndarray:
        n = self.n_channels
        out = np.empty((delays, n, delays, n))
        for j in range(delays):
            out[0, :, j] = self.product(0, j, start)
            out[j, :, 0] = out[0, :, j].T
        # one step further into the past: a row enters at the head of every trial, one leaves at its tail
        enters = self.heads[:, start - delays + 1 : start][:, ::-1].reshape(self.n_trials, -1)
        leaves = self.tails[:, self.longest - delays + 1 :][:, ::-1].reshape(self.n_trials, -1)
        for i in range(delays - 1):
            own = slice(i * n, (i + 1) * n)
            change = enters[:, own].T @ enters[:, i * n :] - leaves[:, own].T @ leaves[:, i * n :]
            out[i + 1, :, i + 1 :] = out[i, :, i : delays - 1] + change.reshape(n, delays - 1 - i, n)
            for j in range(i + 2, delays):
                out[j, :, i + 1] = out[i + 1, :, j].T
        return out.reshape(delays * n, delays * n)

    def row_sum(self, offsets: Sequence[int], first: int) -> np.ndarray:
        """Return the sum over t >= first of the rows [x_{t-i} for i in offsets], (offsets n,)."""
        early = [self.heads[:, : first - i].sum(axis=(0, 1)) for i in offsets]
        late = [self.tails[:, self.longest - i :].sum(axis=(0, 1)) for i in offsets]
        return np.concatenate([self.total - x - y for x, y in zip(early, late, strict=True)])

    def last_rows(self, offsets: Sequence[int]) -> np.ndarray:
        """Return the row [x_{t-i} for i in offsets] at the last time of every trial, (k, offsets n)."""
        return self.tails[:, [-1 - i for i in offsets]].reshape(self.n_trials, -1)


def columns(which: Sequence[int], n: int) -> np.ndarray:
    """Return the columns that blocks of n of a Gram matrix hold, in the order asked for."""
    return (np.asarray(which)[:, None] * n + np.arange(n)).ravel()
