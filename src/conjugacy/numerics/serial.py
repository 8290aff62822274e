"""Do neighbouring rows depend on each other: a test of the order of rows, and over how many rows they do.

Rows enter as normal scores of few coordinates, so that no row and no unit weighs more than another. With Y (m, k) and
S = Y'Y / m, rows in random order have z_h = (sum_i Y_i . Y_(i+h) + tr S (m - h) / (m - 1)) / (sqrt(m - h) |S|) near a standard
normal variable for every lag h. Memory shows in sums over H = 1, 2, 4, ... lags, rows that alternate in -z_1, oscillations in the
largest ordinate of the periodogram, and drifts in the first one, two and four cosines of the leading coordinates. A drift along
one direction, whichever, shows in the largest root of C C', C the first cosines of the whitened coordinates: its tail is that of
Tracy and Widom (Johnstone 2001, with the gamma distribution of Chiani 2014 for it).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.fft import irfft, rfft
from scipy.fft import next_fast_len
from scipy.special import gammaincc, log_ndtr, ndtri  # scipy.stats, which has these by name, takes long to load

COORDINATES = 8
CLEAR = 1e-6  # what the approximation calls so unlikely needs no permutations
DOUBTFUL = 0.03  # and what it calls no more unlikely than that neither
DRAWS = 499
SUBSETS, COSINES = (1, 2, 4, 8), (1, 2, 4)  # drifts: leading coordinates, and their first cosines
WANDERS = (2, 4, 8)  # cosines of a drift along one direction
BATCH = 2_000_000  # numbers that are permuted at a time
FAINT, NOISE = 0.1, 2.0  # correlations under .1, and within 2 / sqrt m, are none
TRACY_WIDOM = (46.446, 0.186054, 9.84801)  # shape, scale and shift of a gamma distribution near that of order one
RETURNS, BEYOND = 0.3, 4.0  # one that comes back, over .3 and 4 standard errors (Bartlett 1946), has not ended


@dataclass(frozen=True, eq=False)
class RowScores:
    """Rows as normal scores in the order that is asked about.

    Attributes
    ----------
    scores : array, (m, k)
        As `normal_scores` gives them.
    """

    scores: np.ndarray

    @classmethod
    def of(cls, points: np.ndarray) -> RowScores:
        """Take the leading coordinates of rows, (m, r)."""
        return cls(normal_scores(points[:, :COORDINATES]))

    def take(self, rows: np.ndarray) -> RowScores:
        """Return some of the rows, in another order; all of them as they stand are themselves, with what is known of them."""
        if len(rows) == self.m and (rows[1:] > rows[:-1]).all():
            return self
        return RowScores(self.scores[rows] - self.scores[rows].mean(axis=0))

    @property
    def m(self) -> int:
        """Number of rows."""
        return len(self.scores)

    @cached_property
    def p_by_formula(self) -> float:
        """Return how often rows in random order look so serial, as far as sums over lags are normal."""
        if self.m < 8 or not self._covariance.any():
            return 1.0
        sums, energies = self._statistics(self.scores[None])
        # a frequency has a cosine and a sine, a drift has one of them: half as much
        slow = [_log_tail(s, energies[:, i] / 2.0, j / 2.0) for i, (j, s) in enumerate(self._of_drifts)]
        last = len(slow)
        roots = [
            _log_tail_of_root(energies[:, last + i], j, self._whitening.shape[1]) for i, j in enumerate(self._wanders)
        ]
        peak = _log_tail(self._covariance, energies[:, -1]) + np.log((self.m - 1) // 2)
        p = np.column_stack([log_ndtr(-sums), *slow, *roots, peak])
        return float(np.exp(min(0.0, p.min() + np.log(p.shape[1]))))

    def p_random(self, labels: np.ndarray | None = None, seed: int = 0) -> float:
        """Return how often rows in random order look so serial; with `labels`, rows of one label change places alone.

        Permutations count where the approximation does not settle it; with labels always, as it knows of none.

        Examples
        --------
        >>> rng = np.random.default_rng(0)
        >>> x = rng.normal(size=(300, 8))
        >>> RowScores.of(x).p_random() > 0.01, RowScores.of(np.cumsum(x, axis=0)).p_random()
        (True, 1e-06)
        >>> classes = np.repeat([0, 1, 2], 100)
        >>> ordered = RowScores.of(x + 2.0 * classes[:, None])  # sorted by class, and in no order within
        >>> ordered.p_random() < 0.01, ordered.p_random(classes) > 0.01
        (True, True)
        """
        p = self.p_by_formula
        if p > DOUBTFUL or (labels is None and p <= CLEAR):
            return max(p, CLEAR)
        rng, every = np.random.default_rng(seed), [self._statistics(self.scores[None])]
        batch = max(1, BATCH // self.scores.size)
        for start in range(0, DRAWS, batch):
            picks = [_shuffled(self.m, labels, rng) for _ in range(min(batch, DRAWS - start))]
            every.append(self._statistics(self.scores[np.array(picks)]))
        sums, energies = (np.concatenate(part) for part in zip(*every, strict=True))
        found = np.hstack([sums, np.cbrt(energies)])  # of about one form, so that the largest over its spread tells
        spread = found.std(axis=0)
        highest = ((found - found.mean(axis=0)) / np.where(spread > 0, spread, 1.0)).max(axis=1)
        return float(np.mean(highest >= highest[0]))

    @cached_property
    def _covariance(self) -> np.ndarray:
        return self.scores.T @ self.scores / self.m

    @property
    def _of_drifts(self) -> list[tuple[int, np.ndarray]]:
        """Numbers of cosines, and the covariances of the leading coordinates, for every energy of slow changes."""
        k = self.scores.shape[1]
        return [(j, self._covariance[:c, :c]) for c in SUBSETS if c <= k or c == SUBSETS[0] for j in COSINES]

    @cached_property
    def _whitening(self) -> np.ndarray:
        """What makes the coordinates uncorrelated, each of variance one, (k, r)."""
        values, vectors = np.linalg.eigh(self._covariance)
        told = values > 1e-9 * values[-1]
        return vectors[:, told] / np.sqrt(values[told])

    @property
    def _wanders(self) -> list[int]:
        """Numbers of cosines of drifts along one direction: they leave most of the rows out."""
        return [j for j in WANDERS if 4 * j <= self.m]

    def _statistics(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return sums over lags with -z_1 (draws, s), energies of slow changes and the peak (draws, e), of rows (draws, m, k)."""
        m, lags, s = self.m, max(1, self.m // 4), self._covariance
        size = next_fast_len(m + lags, real=True)
        power = (np.abs(rfft(rows, size, axis=1)) ** 2).sum(axis=2)
        products = irfft(power, size, axis=1)[:, 1 : lags + 1]
        left = m - np.arange(1, lags + 1)
        z = (products + np.trace(s) * left / (m - 1)) / (np.sqrt(left) * np.linalg.norm(s))
        upto = np.unique(np.append(2 ** np.arange(int(np.log2(lags)) + 1), lags))
        sums = np.cumsum(z, axis=1)[:, upto - 1] / np.sqrt(upto)
        at = np.pi * (np.arange(m) + 0.5) / m
        cosines = np.sqrt(2.0 / m) * np.cos(np.outer(np.arange(1, WANDERS[-1] + 1), at)) @ rows
        slow = np.cumsum(np.cumsum(cosines[:, : COSINES[-1]] ** 2, axis=1), axis=2)
        drifts = [slow[:, j - 1, len(part) - 1] for j, part in self._of_drifts]
        white = cosines @ self._whitening
        drifts += [np.linalg.norm(white[:, :j], 2, axis=(1, 2)) ** 2 for j in self._wanders]
        peak = (np.abs(rfft(rows, axis=1)[:, 1 : (m + 1) // 2]) ** 2).sum(axis=2).max(axis=1) / m
        return np.column_stack([sums, -z[:, 0]]), np.column_stack([*drifts, peak])

    @cached_property
    def length(self) -> int:
        """Over how many rows the most persistent coordinate depends on each other: the first lag at which no correlation is left.

        At least 1, at most a quarter of the rows. A correlation that comes back, as that of an oscillation does, is not gone.

        Examples
        --------
        >>> rng, x = np.random.default_rng(0), np.zeros((1000, 1))
        >>> for i in range(1, 1000):
        ...     x[i] = 0.8 * x[i - 1] + rng.normal()
        >>> RowScores.of(x).length
        9
        """
        m, lags = self.m, max(1, self.m // 4)
        size = next_fast_len(m + lags, real=True)
        products = irfft(np.abs(rfft(self.scores, size, axis=0)) ** 2, size, axis=0)[: lags + 1]
        told = products[:, products[0] > 1e-12 * products[0].max()]
        left = np.abs(told / told[0])
        if not left.size:
            return 1
        error = np.sqrt((1.0 + 2.0 * np.cumsum(left[1:] ** 2, axis=0)) / m)
        back = (left[1:] > np.maximum(RETURNS, BEYOND * error)).any(axis=1)
        gone = left[1:].max(axis=1) < max(FAINT, NOISE / np.sqrt(m))
        first = int(np.argmax(gone)) if gone.any() else lags
        return lags if back[first:].any() else min(first + 1, lags)


def normal_scores(points: np.ndarray) -> np.ndarray:
    """Return the normal scores of every column, centred, (m, k); equal values share their mean rank.

    Examples
    --------
    >>> normal_scores(np.array([[1.0], [100.0], [2.0]])).ravel().round(2).tolist()
    [-0.97, 0.97, 0.0]
    """
    m = len(points)
    scores = ndtri((np.column_stack([_mean_ranks(column) for column in points.T]) - 0.5) / m)
    return scores - scores.mean(axis=0)


def blocks_of(order: np.ndarray, length: int) -> np.ndarray:
    """Return cluster numbers of rows that stand in a given order: blocks of twice the length, of equal size, two at least.

    Examples
    --------
    >>> blocks_of(np.array([3, 2, 1, 0]), 1).tolist()
    [1, 1, 0, 0]
    """
    m = len(order)
    count = max(2, m // (2 * length))
    found = np.empty(m, dtype=np.int64)
    found[order] = np.arange(m) * count // m
    return found


def _log_tail(covariance: np.ndarray, energy: np.ndarray, count: float = 1.0) -> np.ndarray:
    """Return the logarithm of how often the energy of `count` frequencies of rows with that covariance is so large."""
    trace, squares = float(np.trace(covariance)), float((covariance**2).sum())
    if not squares:
        return np.zeros_like(energy)
    return _log_gamma_tail(energy, count * trace**2 / squares, squares / trace)


def _log_tail_of_root(root: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Return the logarithm of how often the largest root of Z'Z is so large, Z standard normal, (rows, columns)."""
    n, p = np.sqrt(rows - 0.5), np.sqrt(columns - 0.5)
    scaled = (root - (n + p) ** 2) / ((n + p) * (1.0 / n + 1.0 / p) ** (1.0 / 3.0))
    return _log_gamma_tail(scaled + TRACY_WIDOM[2], *TRACY_WIDOM[:2])


def _log_gamma_tail(x: np.ndarray, shape: float, scale: float) -> np.ndarray:
    """Return the logarithm of how often a variable of a gamma distribution is larger than x; -inf where that is too rare."""
    with np.errstate(divide="ignore"):
        return np.log(gammaincc(shape, np.maximum(x, 0.0) / scale))


def _mean_ranks(column: np.ndarray) -> np.ndarray:
    """Return ranks from 1 on; equal values share their mean rank."""
    _, place, count = np.unique(column, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count - 1) / 2.0)[place]


def _shuffled(m: int, labels: np.ndarray | None, rng: np.random.Generator) -> np.ndarray:
    if labels is None:
        return rng.permutation(m)
    found = np.empty(m, dtype=np.int64)
    found[np.argsort(labels, kind="stable")] = np.lexsort((rng.random(m), labels))
    return found
