"""The interval of a ratio of two sums over rows: a studentised bootstrap of its logarithm, widened where few rows carry it.

A percentile bootstrap is too short where errors are skewed: large errors are rare, and a sample that holds few of them has both
a small ratio and a small spread. Dividing by each draw's own spread undoes most of that (Efron and Tibshirani 1993, chapter 12;
Hall 1992, section 3.5). What no row has shown yet is allowed for by the factor 1 + 2 / sqrt(n) on the upper side, n being the
number of clusters that carry the variance (`benchmarks/intervals.txt`).
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaincinv

from conjugacy.numerics.resample import drawn_sums

UNSEEN = 2.0  # over the root of the number of clusters that carry the variance: how much wider the upper side is
CLEAR, CARRIED = 1e-3, 30  # from such a spread of the logarithm on, carried by so many clusters, single precision does
NEARLY_NONE = 1e-2  # of what is left of all clusters
_FAR = 1e6  # standard deviations; keeps draws without any error finite


def log_ratio_interval(
    counts: np.ndarray, numerator: np.ndarray, denominator: np.ndarray, level: float = 0.95
) -> tuple[float, float]:
    """Return the interval of r = sum(numerator) / sum(denominator) over clusters, neither ever negative.

    With U_i = e_i / sum e - t_i / sum t and s = sqrt(sum U^2), every draw b gives q_b = (log r_b - log r) / s_b, s_b the same of
    its own clusters. The interval is r exp(-s q_.975) to r exp(-s q_.025 (1 + 2 / sqrt(n))), n = (sum U^2)^2 / sum U^4, and at
    most to 5.57 r: where one row carries all, samples without it say nothing, and so many such rows may have been due (Poisson).

    Parameters
    ----------
    counts : array, (draws, c)
        How often each cluster is drawn.
    numerator, denominator : array, (c,)
        Sums over the rows of every cluster.
    level : float
        Of the interval, both sides alike.

    Examples
    --------
    >>> from conjugacy.numerics.resample import bootstrap_counts
    >>> errors = np.random.default_rng(0).exponential(0.04, 300)
    >>> low, high = log_ratio_interval(bootstrap_counts(300, 1000, 0), errors, np.ones(300))
    >>> bool(0.04 < low < errors.mean() < high < 0.055)
    True
    """
    top, bottom = float(numerator.sum()), float(denominator.sum())
    if bottom <= 0.0:
        return float("nan"), float("nan")
    ratio = top / bottom
    if top <= 0.0:
        return ratio, ratio
    e, t = numerator / top, denominator / bottom
    u = e - t
    spread, carried = np.sqrt((u**2).sum()), carried_by(numerator, denominator)
    if spread < 1e-9:
        return ratio, ratio
    draws = _clear_draws if spread >= CLEAR and carried >= CARRIED else _draws
    moved, own = draws(counts, e, t)
    q = np.clip(moved / np.maximum(own, 1e-6 * spread), -_FAR, _FAR)
    short, long = _ends(q, level)
    wider = 1.0 + UNSEEN / np.sqrt(carried)
    high = min(float(np.log(gammaincinv(2.0, (1 + level) / 2))), float(-spread * long * wider))
    return ratio * float(np.exp(-spread * short)), ratio * float(np.exp(high))


def _draws(counts: np.ndarray, e: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return log r_b - log r and s_b of every draw of some denominator, e and t adding up to 1 each."""
    sums = drawn_sums(counts, np.column_stack([e, t, e * e, e * t, t * t])).T
    above, below, ee, et, tt = sums[:, sums[1] > 0.0]
    above = np.maximum(above, 1e-150)
    squares = ee / above**2 - 2.0 * et / (above * below) + tt / below**2
    return np.log(above) - np.log(below), np.sqrt(np.maximum(squares, 0.0))


def _clear_draws(counts: np.ndarray, e: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the same from sums in single precision.

    With u = e - t, r_b / r = 1 + sum u / sum t: what is small is summed, and no difference of large sums is taken. Where a draw
    leaves hardly anything, or hardly any total, that is rounding: then they are those of double precision.
    """
    u = e - t
    sums = drawn_sums(counts, np.column_stack([u, t, u * u, u * t, t * t]).astype(np.float32)).T.astype(np.float64)
    off, below, uu, ut, tt = sums[:, sums[1] > 0.0]
    moved = off / below
    if moved.min() < NEARLY_NONE - 1.0 or moved.max() > 1.0 / NEARLY_NONE:
        return _draws(counts, e, t)
    squares = uu - 2.0 * moved * ut + moved**2 * tt
    return np.log1p(moved), np.sqrt(np.maximum(squares, 0.0)) / (below + off)


def difference_interval(
    counts: np.ndarray, numerator: np.ndarray, denominator: np.ndarray, level: float = 0.95
) -> tuple[float, float]:
    """Return the interval of sum(numerator) / sum(denominator) where the numerator is a difference: the same without logarithms.

    Examples
    --------
    >>> from conjugacy.numerics.resample import bootstrap_counts
    >>> worse = np.random.default_rng(0).normal(0.0, 0.1, 300)
    >>> low, high = difference_interval(bootstrap_counts(300, 1000, 0), worse, np.ones(300))
    >>> low < 0.0 < high
    True
    """
    bottom = float(denominator.sum())
    if bottom <= 0.0:
        return float("nan"), float("nan")
    ratio = float(numerator.sum()) / bottom
    u, t = (numerator - ratio * denominator) / bottom, denominator / bottom
    spread = np.sqrt((u**2).sum())
    if spread <= 1e-12 * float(np.abs(numerator).sum()) / bottom:
        return ratio, ratio
    sums = drawn_sums(counts, np.column_stack([u, t, u * u, u * t, t * t])).T
    off, below, uu, ut, tt = sums[:, sums[1] > 0.0]
    moved = off / below  # r_b - r
    own = np.sqrt(np.maximum(uu - 2.0 * moved * ut + moved**2 * tt, (1e-6 * spread) ** 2)) / below
    short, long = _ends(np.clip(moved / own, -_FAR, _FAR), level)
    return ratio - float(spread * short), ratio - float(spread * long)


def _ends(draws: np.ndarray, level: float) -> np.ndarray:
    """Return the upper and the lower quantile of draws, as `np.quantile` does, which takes six times as long."""
    return np.interp([(1 + level) / 2, (1 - level) / 2], np.linspace(0.0, 1.0, len(draws)), np.sort(draws))


def upper_of_few(freedom: float, level: float = 0.95) -> float:
    """Return the upper end over the ratio itself where it rests on too few runs of rows for a bootstrap: f / chi2_f.

    Squared errors of a run add up to the most uneven sum if its rows are one normal number again and again: then the ratio over
    k runs follows a chi-square distribution with k degrees of freedom. Whoever is unsure of k takes half of it
    (`benchmarks/intervals_series.txt`).

    Parameters
    ----------
    freedom : float
        f, over 0.
    level : float
        Of the interval, both sides alike.

    Examples
    --------
    >>> [round(upper_of_few(f), 1) for f in (1, 2, 4.5, 9)]
    [1018.3, 39.5, 6.9, 3.3]
    """
    return float(freedom / (2.0 * gammaincinv(freedom / 2.0, (1 - level) / 2)))


def carried_by(numerator: np.ndarray, denominator: np.ndarray) -> float:
    """Return how many clusters carry the variance of the ratio: (sum U^2)^2 / sum U^4, in [1, c].

    Examples
    --------
    >>> errors = np.full(100, 0.01)
    >>> errors[:2] = 5.0
    >>> round(carried_by(errors, np.ones(100)))
    2
    """
    squares = influences(numerator, denominator) ** 2
    total = float(squares.sum())
    return total**2 / float((squares**2).sum()) if total > 0.0 else float(len(squares))


def influences(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Return U_i = e_i / sum e - t_i / sum t, what every cluster adds to the logarithm of the ratio, (c,)."""
    return numerator / max(float(numerator.sum()), 1e-300) - denominator / max(float(denominator.sum()), 1e-300)
