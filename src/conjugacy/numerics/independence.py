"""One test of whether two arrays with matched rows have anything to do with each other: the same both ways.

Each array is summed up in few columns, computed once: its leading principal coordinates, whitened, and leading coordinates
of a Gaussian kernel, which see what is curved. Every array's two sets meet the other's two, T = |F^T P G|_F^2 with P a
re-pairing of the rows; each of the four T is compared with its own mean and spread over the re-pairings, and the largest counts
(Gretton et al., "A kernel statistical test of independence", NeurIPS 2007, has the single T; Phipson and Smyth,
Stat. Appl. Genet. Mol. Biol. 9 (2010), that the pair itself counts as one of the re-pairings).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from conjugacy.numerics.kernels import gaussian, median_distance, squared_distances

MOST_FACTORS = 48
ROWS_PER_FACTOR = 6
ROUNDING = 1e-5  # of a mean: re-pairings that differ by no more are the same
TIES = 1e-4  # spreads; single precision tells no more
CLIPS, CLIPPED = 8, 4.0  # standard deviations: one far row would be a factor by itself
SPARE, STEPS = 16, 3  # of the subspace iteration
DAMPED = 0.01  # of the largest eigenvalue: factors of the kernel under it count less


@dataclass(frozen=True, eq=False)
class Factors:
    """An array summed up in few columns, each centred.

    Attributes
    ----------
    straight, curved : array, (m, r)
        Whitened principal coordinates, orthonormal; kernel coordinates, weighted by what they carry.
    """

    straight: np.ndarray
    curved: np.ndarray

    @cached_property
    def both(self) -> np.ndarray:
        """Side by side, (m, r + s), in single precision: they are multiplied for every re-pairing."""
        return np.hstack([self.straight, self.curved]).astype(np.float32)


def factors_of(points: np.ndarray, median: float | None = None) -> Factors:
    """Return the factors of principal coordinates (m, p), given by falling variance; `median` is `median_distance`, where known.

    Examples
    --------
    >>> x = np.random.default_rng(0).standard_normal((120, 3))
    >>> factors_of(x - x.mean(axis=0)).both.shape
    (120, 23)
    """
    rank = max(1, min(MOST_FACTORS, len(points) // ROWS_PER_FACTOR))
    return Factors(_whitened(points[:, :rank]), _kernel_factors(points, rank, median))


def _whitened(points: np.ndarray) -> np.ndarray:
    for _ in range(CLIPS):  # a far row hides how far it is
        points = points - points.mean(axis=0)
        spread = points.std(axis=0)
        points = np.clip(points[:, spread > 0] / spread[spread > 0], -CLIPPED, CLIPPED)
    u, s, _ = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    return u[:, s > 1e-6 * s[0]]


def _kernel_factors(points: np.ndarray, rank: int, median: float | None) -> np.ndarray:
    squared = squared_distances(points, points)
    kernel = gaussian(squared, median_distance(squared) if median is None else median)
    kernel -= kernel.mean(axis=0)
    kernel -= kernel.mean(axis=1)[:, None]
    w, v = _leading(kernel, rank)
    keep = w > 1e-9 * w[0]
    return v[:, keep] * np.sqrt(w[keep] / (w[keep] + DAMPED * w[0]))


def _leading(kernel: np.ndarray, rank: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the largest eigenvalues and their vectors by subspace iteration; the test is valid with any."""
    block = np.random.default_rng(0).standard_normal((len(kernel), min(len(kernel), rank + SPARE)))
    for _ in range(STEPS):
        block, _ = np.linalg.qr(kernel @ block)
    w, v = np.linalg.eigh(block.T @ kernel @ block)
    return w[::-1][:rank], (block @ v)[:, ::-1][:, :rank]


@dataclass(frozen=True, eq=False)
class Repaired:
    """The statistic of two arrays as they are paired, and under re-pairings.

    Attributes
    ----------
    means, spreads : array, (4,)
        Of the four crossings, over the re-pairings with the pair itself among them.
    largest : array, (draws + 1,)
        The largest of the four, in their spreads over their means; the pair itself first.
    """

    means: np.ndarray
    spreads: np.ndarray
    largest: np.ndarray

    @property
    def p(self) -> float:
        """How often a re-pairing is as far out as the pair itself, which counts as one."""
        return float((self.largest >= self.largest[0] - TIES).mean())

    def beyond(self, a: Factors, b: Factors, level: float) -> float:
        """Return how far another pair is beyond what is rejected at a level, compared with the same re-pairings, in spreads."""
        found = float(((_crossings(a, b) - self.means) / self.spreads).max())
        return found - float(np.sort(self.largest[1:])[-int(level * len(self.largest))])


def repaired(a: Factors, b: Factors, orders: np.ndarray) -> Repaired:
    """Hold two arrays' factors against re-pairings of their rows, orders (m, draws): row i of a with row orders[i] of b.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x, other = rng.standard_normal((2, 200, 4))
    >>> orders = np.column_stack([rng.permutation(200) for _ in range(299)])
    >>> far, even = factors_of(x), factors_of(x**2 - (x**2).mean(axis=0))
    >>> repaired(far, even, orders).p, repaired(far, factors_of(other), orders).p > 0.01
    (0.0033333333333333335, True)
    """
    found = np.array([_crossings(a, b), *(_crossings(a, b, order) for order in orders.T)])
    means, spreads = found.mean(axis=0), found.std(axis=0)
    spreads = np.where(spreads > ROUNDING * np.abs(means), spreads, np.inf)
    return Repaired(means, spreads, ((found - means) / spreads).max(axis=1))


def _crossings(a: Factors, b: Factors, order: np.ndarray | None = None) -> np.ndarray:
    """Return the four squared products of either's straight and curved factors, (4,)."""
    other = b.both if order is None else b.both[order]
    squares = (a.both.T @ other).astype(np.float64) ** 2
    rows, columns = (0, a.straight.shape[1]), (0, b.straight.shape[1])
    return np.add.reduceat(np.add.reduceat(squares, rows, axis=0), columns, axis=1).ravel()
