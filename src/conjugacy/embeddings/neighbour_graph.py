"""Which states are near each other: a symmetric graph of nearest neighbours under a metric, and the parts it falls into."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components
from sklearn.neighbors import NearestNeighbors

from conjugacy.embeddings.local_metric import LocalMetric

CANDIDATES = 5  # times k Euclidean neighbours are looked at where the metric is another
TREE = 15  # up to so many units a tree finds neighbours faster than all distances


@dataclass(frozen=True, eq=False)
class NeighbourGraph:
    """Squared distances of near states.

    Attributes
    ----------
    squared : sparse array, (m, m)
        Symmetric; an entry where either state is among the k nearest of the other. Entries of 0 are kept.
    farthest : array, (m,)
        Squared distance of every state's k-th neighbour, or of its last one; 0 where it has none.
    parts : int array, (m,)
        Number of the connected part, 0 the largest.
    """

    squared: csr_array
    farthest: np.ndarray
    parts: np.ndarray

    @property
    def main(self) -> np.ndarray:
        """States of the largest part."""
        return np.flatnonzero(self.parts == 0)


def neighbour_graph(
    x: np.ndarray, k: int, metric: LocalMetric | None = None, candidates: int = CANDIDATES
) -> NeighbourGraph:
    """Return the graph of the k nearest neighbours, the state itself left out.

    Under a local metric, `candidates` times k Euclidean neighbours are put in its order; those that its two ends do not agree
    on are left out.
    """
    m = len(x)
    k = min(k, m - 1)
    looked = k if metric is None else min(candidates * k, m - 1)
    i = np.repeat(np.arange(m), looked)
    euclidean, j = nearest_states(x, looked)
    squared = euclidean.ravel() ** 2 if metric is None else metric.squared(x, i, j.ravel())
    squared, j = squared.reshape(m, looked), j.reshape(m, looked)
    if looked > k:
        best = np.argpartition(squared, k - 1, axis=1)[:, :k]
        squared, j = np.take_along_axis(squared, best, axis=1), np.take_along_axis(j, best, axis=1)
    good = np.isfinite(squared)
    farthest = np.where(good, squared, 0.0).max(axis=1, initial=0.0)
    i = np.repeat(np.arange(m), k)[good.ravel()]
    j, values = j[good], squared[good]
    # both directions; duplicates hold the same number, up to rounding, and the first is kept
    one, other = np.minimum(i, j), np.maximum(i, j)
    _, first = np.unique(one.astype(np.int64) * m + other, return_index=True)
    one, other, values = one[first], other[first], values[first]
    rows, columns = np.concatenate([one, other]), np.concatenate([other, one])
    graph = csr_array(coo_array((np.concatenate([values, values]), (rows, columns)), shape=(m, m)))
    links = csr_array(coo_array((np.ones(len(rows)), (rows, columns)), shape=(m, m)))
    _, labels = connected_components(links, directed=False)
    order = np.argsort(-np.bincount(labels), kind="stable")
    return NeighbourGraph(graph, farthest, np.argsort(order)[labels])


def nearest_states(x: np.ndarray, k: int, among: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return Euclidean distances and rows of the k nearest states of every row; of its own rows' the row itself is left out."""
    base = x if among is None else among
    search = NearestNeighbors(algorithm="kd_tree" if x.shape[1] <= TREE else "brute").fit(base)
    if among is None:
        distances, rows = search.kneighbors(n_neighbors=k)
    else:
        distances, rows = search.kneighbors(x, n_neighbors=k)
    return distances, rows
