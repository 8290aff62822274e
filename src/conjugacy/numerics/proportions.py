"""Exact bounds of a share, and of the difference of two shares of the same rows.

Of n rows, `up` changed to the worse and `down` to the better; the rise is (up - down) / n. It is the product of the share of rows
that changed, a binomial of n, and of 2 pi - 1, pi being the share of the worse among them, a binomial of up + down. Their
confidence distributions (Clopper and Pearson 1934) are melded into one of the product (Fay, Proschan, Brittain 2015; Fay and
Lumbard 2021): exact where nothing changed to the better, and as long as the normal interval where there are many rows. A plain
share is bounded by Clopper and Pearson's interval itself.

The one-sided error, computed over all outcomes for 72 to 2000 rows, rises of 1 and 5 % and shares of opposite changes from 0 to
16 %, is between 0 and 2.49 % at a level of 2.5 %.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betainc, betaincinv, ndtri

_NODES = np.polynomial.legendre.leggauss(48)
_QUANTILES, _WEIGHTS = (_NODES[0] + 1) / 2, _NODES[1] / 2
_SMALL = 1e-9


def chance_inside(up: np.ndarray, down: np.ndarray, rows: np.ndarray, margin: np.ndarray) -> np.ndarray:
    """Return the one-sided p of a rise of at least `margin`: small where the rise is shown to be under it.

    Parameters
    ----------
    up, down, rows : float array, (k,)
        Rows that changed to the worse, to the better, and all; effective numbers need not be whole.
    margin : float array, (k,)
        What the rise is compared with.

    Examples
    --------
    >>> p = chance_inside(*np.array([[0.0], [0.0], [72.0], [0.05]]))
    >>> bool(abs(p[0] - 0.95**72) < 1e-12)
    True
    """
    return 1 - _confidence_below(up, down, rows, margin)


def chance_outside(
    up: np.ndarray, down: np.ndarray, rows: np.ndarray, margin: np.ndarray, paired: np.ndarray
) -> np.ndarray:
    """Return the one-sided p of a rise of at most `margin`: small where the rise is shown to be over it.

    `paired` is false where nothing could change to the better: then the rise is a plain share.
    """
    share = np.where(up > 0, betainc(np.maximum(up, _SMALL), rows - up + 1, np.clip(margin, 0, 1)), 1.0)
    if not paired.any():
        return share
    return np.where(paired, 1 - _confidence_below(down, up, rows, -margin), share)


def bounds_of_rise(
    up: np.ndarray, down: np.ndarray, rows: np.ndarray, paired: np.ndarray, level: float = 0.025
) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and the upper bound of the rise, one-sided, each at `level`.

    Examples
    --------
    >>> low, high = bounds_of_rise(*np.array([[3.0, 3.0], [0.0, 1.0], [100.0, 100.0]]), np.array([False, True]))
    >>> low.round(3), high.round(3)
    (array([ 0.006, -0.033]), array([0.085, 0.078]))
    """
    high = _upper(up, down, rows, level)
    share = np.where(up > 0, betaincinv(np.maximum(up, _SMALL), rows - up + 1, level), 0.0)
    low = np.where(paired, -_upper(down, up, rows, level), share) if paired.any() else share
    return low, high


def _upper(up: np.ndarray, down: np.ndarray, rows: np.ndarray, level: float) -> np.ndarray:
    """Return where the melded distribution reaches 1 - level; equal counts are computed once."""
    table, where = np.unique(np.column_stack([up, down, rows]), axis=0, return_inverse=True)
    up, down, rows = table.T
    changed = up + down
    exact = np.where(changed < rows, betaincinv(changed + 1, np.maximum(rows - changed, _SMALL), 1 - level), 1.0)
    found, open_ = exact.copy(), down > 0
    if open_.any():
        found[open_] = _solved(up[open_], down[open_], rows[open_], level)
    return found[where.ravel()]


def _solved(up: np.ndarray, down: np.ndarray, rows: np.ndarray, level: float) -> np.ndarray:
    """Return the root by bracketing, in normal scores, in which the distribution is all but a line."""
    wanted, found = ndtri(1 - level), np.empty_like(up)
    rise, spread = (up - down) / rows, np.sqrt(up + down + 1) / rows
    state = np.array([rise, np.zeros_like(up), np.clip(rise + wanted * spread, -0.999999, 0.999999)])
    low, high, left = -np.ones_like(up), np.ones_like(up), np.arange(len(up))
    for _ in range(60):
        before, before_score, at = state
        score = ndtri(np.clip(_confidence_below(up[left], down[left], rows[left], at), 1e-15, 1 - 1e-15))
        low, high = np.where(score < wanted, at, low), np.where(score < wanted, high, at)
        slope = np.divide(score - before_score, at - before, out=np.zeros_like(at), where=at != before)
        step = np.divide(wanted - score, slope, out=np.full_like(at, np.inf), where=slope > 0)
        inside = (at + step > low) & (at + step < high)
        found[left] = after = np.where(inside, at + step, (low + high) / 2)
        go = np.abs(after - at) > 1e-6 * (1e-2 + np.abs(at))
        left, low, high, state = left[go], low[go], high[go], np.array([at, score, after])[:, go]
        if not left.size:
            break
    return found


def _confidence_below(up: np.ndarray, down: np.ndarray, rows: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return the confidence that the rise is at most `at`, of the melded upper distribution."""
    up, down, rows, at = (np.asarray(v, dtype=np.float64) for v in np.broadcast_arrays(up, down, rows, at))
    changed = up + down
    rest = np.maximum(rows - changed, _SMALL)
    plain = np.where(changed < rows, betainc(changed + 1, rest, np.clip(at, 0, 1)), 0.0)
    plain = np.where(at >= 1, 1.0, np.where(at < 0, 0.0, plain))
    both = np.flatnonzero(down > 0)
    if both.size:
        plain[both] = _melded(up[both], down[both], rows[both], at[both])
    return plain


def _melded(up: np.ndarray, down: np.ndarray, rows: np.ndarray, at: np.ndarray) -> np.ndarray:
    changed, rest = (up + down)[:, None], (rows - up - down)[:, None]
    positive = (at >= 0)[:, None]
    first, second = np.where(positive, changed + 1, changed), np.where(positive, np.maximum(rest, _SMALL), rest + 1)
    share = np.where(positive & (rest <= 0), 1.0, betaincinv(first, second, _QUANTILES))  # of rows that changed
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        worse = np.clip((1 + at[:, None] / share) / 2, 0, 1)
    return betainc((up + 1)[:, None], down[:, None], np.nan_to_num(worse)) @ _WEIGHTS
