"""Which states are near each other: a symmetric graph of nearest neighbours under a metric, and the parts it falls into."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from conjugacy.embeddings.local_metric import LocalMetric
from conjugacy.numerics.neighbours.of_states import nearest_states

CANDIDATES = 5  # times k Euclidean neighbours are looked at where the metric is another
AT_ONCE = 5_000_000  # edges
LEAST = np.finfo(np.float64).tiny


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

    def largest_of(self, kept: np.ndarray) -> np.ndarray:
        """Return the states of the largest part of those that are kept, (m,) bool."""
        if kept.all():
            return self.main
        rows = np.flatnonzero(kept)
        links = csr_array(self.squared[rows][:, rows])
        links.data = np.ones(len(links.data))  # edges of length 0 are edges
        _, labels = connected_components(links, directed=False)
        return rows[labels == np.bincount(labels).argmax()] if len(rows) else rows


def neighbour_graph(
    x: np.ndarray, k: int, metric: LocalMetric | None = None, candidates: int = CANDIDATES, *, loops: bool = False
) -> NeighbourGraph:
    """Return the graph of the k nearest neighbours, the state itself left out.

    Under a local metric, `candidates` times k Euclidean neighbours are put in its order; those that its two ends do not agree
    on are left out. With `loops` every state has an edge of length 0 to itself.
    """
    m = len(x)
    k = min(k, m - 1)
    squared, rows = nearest_under(x, k, metric, candidates)
    good = np.isfinite(squared)
    farthest = np.where(good, squared, 0.0).max(axis=1, initial=0.0)
    if loops:
        squared, rows = np.insert(squared, 0, 0.0, axis=1), np.insert(rows, 0, np.arange(m), axis=1)
        good = np.insert(good, 0, True, axis=1)
    ends = np.concatenate([[0], np.cumsum(good.sum(axis=1))])
    # a sparse sum of two directions drops zeros, so they are lifted off 0 meanwhile
    values = np.maximum(squared[good], LEAST)
    near = csr_array((values, rows[good].astype(np.int32), ends.astype(np.int32)), shape=(m, m))
    del rows, squared, good, values
    near.sort_indices()
    # both directions hold the same number, up to rounding
    graph = csr_array(near.maximum(csr_array(near.T)))
    _, labels = connected_components(graph, directed=False)
    graph.data[graph.data <= LEAST] = 0.0
    order = np.argsort(-np.bincount(labels), kind="stable")
    return NeighbourGraph(graph, farthest, np.argsort(order)[labels])


def nearest_under(
    x: np.ndarray,
    k: int,
    metric: LocalMetric | None,
    candidates: int,
    landmarks: np.ndarray | None = None,
    own: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return squared distances and places of the k nearest other states of every state, or of its k nearest landmarks, (m, k).

    Distances are infinite where the two ends do not agree. Landmarks are rows of x; their places among themselves are returned,
    for the rows `own` of x.
    """
    among = None if landmarks is None else x[landmarks]
    rows = np.arange(len(x)) if own is None else own
    query = x if own is None else x[own]
    if metric is None:
        distances, places = nearest_states(query, k, among)
        return np.square(distances, out=distances), places
    most = len(x) - 1 if landmarks is None else len(landmarks)
    looked = min(candidates * k, most)
    places = nearest_states(query, looked, among)[1]
    squared, kept = np.empty((len(rows), k)), np.empty((len(rows), k), dtype=np.intp)
    size = max(1, AT_ONCE // looked)
    for at in range(0, len(rows), size):
        near = places[at : at + size]
        mine = np.repeat(rows[at : at + size], looked)
        other = near.ravel() if landmarks is None else landmarks[near.ravel()]
        found = metric.squared(x, mine, other).reshape(near.shape)
        best = np.argpartition(found, k - 1, axis=1)[:, :k] if looked > k else np.arange(k)[None, :]
        squared[at : at + size] = np.take_along_axis(found, best, axis=1)
        kept[at : at + size] = np.take_along_axis(near, best, axis=1)
    return squared, kept
