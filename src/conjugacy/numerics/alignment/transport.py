"""Optimal transport between two sets whose points have the same weight each, exactly."""

from __future__ import annotations

from math import gcd

import numpy as np
from scipy.optimize import linear_sum_assignment, linprog
from scipy.sparse import coo_array

COPIES = 600  # up to so many points after repeating both sets to one size, an assignment solves it


def wasserstein2(x: np.ndarray, y: np.ndarray) -> float:
    """Return W2 = sqrt(min over couplings of sum P_ij |x_i - y_j|^2) between uniform distributions on complex points.

    Couplings have row sums 1/len(x) and column sums 1/len(y): sets of different size need no filling up, and the triangle
    inequality holds over all sizes.

    Examples
    --------
    >>> wasserstein2(np.array([0.0, 1.0]), np.array([1.0, 2.0]))
    1.0
    """
    return float(np.sqrt(max(0.0, transport_cost(np.abs(x[:, None] - y[None, :]) ** 2))))


def transport_cost(cost: np.ndarray) -> float:
    """Return min over couplings of sum P_ij cost_ij, row sums of P being 1/m and column sums 1/n; costs may be negative.

    An assignment where both sets can be repeated to one size of at most 600 points, else a linear program.

    Examples
    --------
    >>> transport_cost(np.array([[0.0, 1.0], [1.0, 0.0]])), transport_cost(np.array([[0.0, 1.0]]))
    (0.0, 0.5)
    """
    m, n = cost.shape
    size = m * n // gcd(m, n)
    if size <= max(COPIES, m, n):
        whole = np.repeat(np.repeat(cost, size // m, axis=0), size // n, axis=1)
        rows, columns = linear_sum_assignment(whole)
        return float(whole[rows, columns].mean())
    i, j = (index.ravel() for index in np.indices((m, n)))
    k = np.arange(m * n)
    sums = coo_array((np.ones(2 * m * n), (np.concatenate([i, m + j]), np.concatenate([k, k]))), shape=(m + n, m * n))
    weights = np.concatenate([np.full(m, 1.0 / m), np.full(n, 1.0 / n)])
    # one constraint follows from the others and would only be there to fail by rounding
    found = linprog(cost.ravel(), A_eq=sums.tocsr()[:-1], b_eq=weights[:-1], method="highs")
    return float(found.fun)
