"""Whether clusters come back when the things are drawn again."""

from __future__ import annotations

import numpy as np

from conjugacy.numerics.grouping.prediction_strength import average_tree, cut

MOST = 1000  # things drawn at most


def cluster_stability(distances: np.ndarray, labels: np.ndarray, *, draws: int = 50, seed: int = 0) -> np.ndarray:
    """Return for every cluster how much of it comes back in resampled things.

    Things are drawn with replacement and clustered again into as many clusters, each thing once; for every cluster, the largest
    Jaccard similarity of what of it was drawn to one of the new clusters; mean over draws in which it was drawn (Hennig 2007,
    section 2). Above .75 a cluster counts as stable, below .6 it should not be trusted.

    Parameters
    ----------
    distances : array, (n, n)
    labels : int array, (n,)
        0 to k - 1.
    draws, seed : int

    Returns
    -------
    array, (k,)

    Examples
    --------
    >>> x = np.array([0.0, 0.1, 0.2, 0.3, 9.0, 9.1, 9.2, 9.3])
    >>> cluster_stability(np.abs(x[:, None] - x), np.repeat([0, 1], 4)).tolist()
    [1.0, 1.0]
    """
    n, k = len(labels), int(labels.max()) + 1
    rng = np.random.default_rng(seed)
    sums, counts = np.zeros(k), np.zeros(k)
    for _ in range(draws):
        drawn = np.unique(rng.integers(0, n, size=min(n, MOST)))
        alike = jaccard(labels[drawn], cut(average_tree(distances[np.ix_(drawn, drawn)]), min(k, len(drawn))), k)
        there = np.isfinite(alike)
        sums[there] += alike[there]
        counts += there
    return np.divide(sums, counts, out=np.full(k, np.nan), where=counts > 0)


def jaccard(labels: np.ndarray, others: np.ndarray, k: int) -> np.ndarray:
    """Return for each of k clusters the Jaccard similarity to the nearest of the others, (k,); NaN for one without members."""
    table = np.zeros((k, int(others.max()) + 1))
    np.add.at(table, (labels, others), 1)
    sizes = table.sum(axis=1)
    union = sizes[:, None] + table.sum(axis=0) - table
    best = (table / np.maximum(union, 1)).max(axis=1)
    best[sizes == 0] = np.nan
    return best
