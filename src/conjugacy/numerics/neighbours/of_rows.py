"""Nearest rows of some rows, those that depend on them left out."""

from __future__ import annotations

import numpy as np

from conjugacy.numerics.kernels import squared_distances

NEVER = np.inf


def nearest(x: np.ndarray, rows: np.ndarray, clusters: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the k nearest rows of every chosen row among the rows of other clusters, nearest first.

    Parameters
    ----------
    x : array, (m, r)
        Points.
    rows : int array, (q,)
        Whose neighbours are wanted.
    clusters : int array, (m,)
        Rows with one number depend on each other and are no neighbours.
    k : int
        How many.

    Returns
    -------
    neighbours : int array, (q, k)
    distances : array, (q, k)
        Infinite where fewer than k rows are independent of a row.
    """
    squared = squared_distances(x[rows], x)
    squared[clusters[rows][:, None] == clusters] = NEVER
    some = np.argpartition(squared, k - 1, axis=1)[:, :k] if k < len(x) else np.argsort(squared, axis=1)
    order = np.argsort(np.take_along_axis(squared, some, axis=1), axis=1, kind="stable")
    found = np.take_along_axis(some, order, axis=1)
    # distances again from differences: the expanded square loses near neighbours to rounding
    differences = x[rows][:, None, :] - x[found]
    distances = np.sqrt(np.einsum("qkr,qkr->qk", differences, differences))
    distances[np.isinf(np.take_along_axis(squared, found, axis=1))] = NEVER
    return found, distances
