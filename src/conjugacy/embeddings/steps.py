"""Steps along the edges between neighbouring states, and the coordinates whose differences are nearest to such steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csc_array, csr_array

from conjugacy.embeddings.local_metric import LocalMetric
from conjugacy.embeddings.spectrum import solver
from conjugacy.numerics.alignment.rotation_starts import nearest_rotation

FAR = 10.0  # squared length of an edge, over the median, from which weights fall no further


@dataclass(frozen=True, eq=False)
class Edges:
    """Edges from i to j, every one in both directions: `back` is the place of the other, `steps` are in the frame of i."""

    m: int
    i: np.ndarray
    j: np.ndarray
    back: np.ndarray
    steps: np.ndarray
    weights: np.ndarray
    links: np.ndarray  # (e, d, d): from coordinates in the frame of j to those in the frame of i
    frames: np.ndarray | None  # (m, d, d): from coordinates in a state's frame to the world's own, where it is known

    @classmethod
    def of(cls, x: np.ndarray, metric: LocalMetric, squared: csr_array) -> Edges:
        """Return the edges of a graph with the states' local metric; `squared` holds their squared lengths."""
        found = coo_array(squared)
        i, j, m = found.row.astype(np.int64), found.col.astype(np.int64), len(x)
        order = np.argsort(i * m + j)
        back = order[np.searchsorted(i * m + j, j * m + i, sorter=order)]
        lengths = np.asarray(found.data, dtype=np.float64)
        weights = np.exp(-np.minimum(lengths / (float(np.median(lengths)) or 1.0), FAR))
        inward = np.einsum("end,enc->edc", metric.tangents[i], metric.tangents[j])
        inward = inward * metric.gains[j][:, None, :] / metric.gains[i][:, :, None]
        return cls(m, i, j, back, metric.steps(x, i, j), weights, nearest_rotation(np, inward), metric.frames)

    @property
    def d(self) -> int:
        """Coordinates of the world."""
        return self.steps.shape[1]

    def matrix(self, values: np.ndarray) -> csr_array:
        """Return the m x m matrix of values on the edges."""
        return csr_array(coo_array((values, (self.i, self.j)), shape=(self.m, self.m)))

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Return for every state the sum over its edges, (m, ...)."""
        flat = values.reshape(len(self.i), -1)
        out = np.stack([np.bincount(self.i, flat[:, c], self.m) for c in range(flat.shape[1])], axis=1)
        return out.reshape(self.m, *values.shape[1:])


@dataclass(frozen=True, eq=False)
class Solver:
    """Coordinates of mean 0 whose differences along edges are nearest to those wanted; the first state is held meanwhile."""

    edges: Edges
    inverse: Callable[[np.ndarray], np.ndarray]

    def __call__(self, wanted: np.ndarray) -> np.ndarray:
        """Return the coordinates (m, d) for steps wanted along the edges, (e, d)."""
        right = self.edges.sums(self.edges.weights[:, None] * wanted)
        y = np.zeros((self.edges.m, wanted.shape[1]))
        y[1:] = self.inverse(-right[1:])
        return y - y.mean(axis=0)


def solver_of(edges: Edges) -> Solver:
    """Factorise the graph Laplacian of the edges, without the first state."""
    laplacian = csc_array(-edges.matrix(edges.weights))
    laplacian.setdiag(edges.sums(edges.weights))
    return Solver(edges, solver(laplacian[1:][:, 1:]))
