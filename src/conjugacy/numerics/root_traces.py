"""Traces of roots of many tridiagonal matrices at once, without their eigenvalues."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.special import ellipj, ellipk

SMALLEST = 1e-14  # eigenvalues down to this share of the largest one have their roots to 12 digits
POLES = 56


def root_traces(diagonals: np.ndarray, beside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return tr sqrt(T) and tr 1 / sqrt(T) of symmetric tridiagonal T with eigenvalues in (1e-14, 1], (k,) each.

    sqrt(t) is c sum w_j t / (t + p_j) to 12 digits on that interval, with 56 poles from elliptic functions (Hale, Higham,
    Trefethen 2008), so that one recurrence over the rows gives all traces tr (T + p_j)^-1. An eigenvalue below it shows as an
    inverse root of 1e7 or more. No matrix's numbers depend on the others, not in the last bit.

    Parameters
    ----------
    diagonals : array, (n, k)
        A column for each matrix.
    beside : array, (n - 1, k)
        What is shown beside the diagonals.

    Examples
    --------
    >>> roots, inverse = root_traces(np.array([[0.25], [1.0]]), np.zeros((1, 1)))
    >>> round(float(roots[0]), 10), round(float(inverse[0]), 10)
    (1.5, 3.0)
    """
    poles, weights = _poles()
    n, k = diagonals.shape
    squares = beside**2
    pivots = diagonals[0][:, None] + poles
    ratios = 1.0 / pivots  # of a pivot's derivative by the pole to the pivot
    traces = ratios.copy()
    factors = np.empty_like(pivots)
    for i in range(1, n):
        np.divide(squares[i - 1][:, None], pivots, out=factors)
        np.add(diagonals[i][:, None], poles, out=pivots)
        pivots -= factors
        ratios *= factors
        ratios += 1.0
        ratios /= pivots
        traces += ratios
    inverse, roots = np.zeros(k), np.zeros(k)
    for j in range(POLES):  # in one order, whatever the number of matrices
        inverse += weights[j] * traces[:, j]
        roots += weights[j] * (n - poles[j] * traces[:, j])
    return roots, inverse


@cache
def _poles() -> tuple[np.ndarray, np.ndarray]:
    """Return p_j and c w_j."""
    whole = float(ellipk(1.0 - SMALLEST))
    sn, cn, dn, _ = ellipj((np.arange(POLES) + 0.5) * whole / POLES, 1.0 - SMALLEST)
    poles = SMALLEST * (sn / cn) ** 2
    weights = 2.0 * whole * np.sqrt(SMALLEST) / (np.pi * POLES) * dn / cn**2
    poles.flags.writeable = weights.flags.writeable = False
    return poles, weights
