"""From states where a function is known to states where it is not: local linear regression, and geometric harmonics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh

from conjugacy.embeddings.neighbour_graph import nearest_states
from conjugacy.errors import InputError
from conjugacy.numerics.kernels import gaussian, median_distance, squared_distances

RIDGE = 1e-3  # over the mean variance of the neighbourhood: off a curve the fit would else be free
AT_ONCE = 2_000_000  # numbers of neighbourhoods held at once
HARMONIC_ROWS = 6000
SCALES = (0.1, 0.2, 0.4, 0.8)  # Gaussian widths over the median distance
CUT = 1e-9


@dataclass(frozen=True, eq=False)
class LocalLinear:
    """Local linear regression on nearest neighbours.

    At every query a plane is fitted to the k nearest known states with Epanechnikov weights, and its value there is returned.

    Attributes
    ----------
    states : array, (m, n)
    values : array, (m, q)
    k : int
        Neighbours; `k_for(n)` where it is not chosen.
    ridge : float
        On the slopes, relative to the variance of a neighbourhood.
    """

    states: np.ndarray
    values: np.ndarray
    k: int
    ridge: float = RIDGE

    @classmethod
    def of(cls, states: np.ndarray, values: np.ndarray, *, k: int | None = None, ridge: float = RIDGE) -> LocalLinear:
        """Take the number of neighbours that a plane in so many coordinates needs, where none is given."""
        if len(states) != len(values) or len(states) < 2:
            raise InputError(f"{len(states)} states and {len(values)} values: expected as many of both, two at least")
        return cls(states, values, min(k_for(states.shape[1]) if k is None else k, len(states) - 1), ridge)

    def __call__(self, query: np.ndarray) -> np.ndarray:
        """Return the values at new states, (rows, q)."""
        distances, rows = nearest_states(query, self.k, self.states)
        return self._planes(query, distances, rows)

    def left_out(self) -> np.ndarray:
        """Return the values at the known states, each from the others."""
        distances, rows = nearest_states(self.states, self.k)
        return self._planes(self.states, distances, rows)

    def _planes(self, query: np.ndarray, distances: np.ndarray, rows: np.ndarray) -> np.ndarray:
        n = query.shape[1]
        out = np.empty((len(query), self.values.shape[1]))
        size = max(1, AT_ONCE // (self.k * (n + 1)))
        for at in range(0, len(query), size):
            part = slice(at, at + size)
            near = self.states[rows[part]] - query[part, None, :]
            width = distances[part, -1:] * (1.0 + 1e-9) + 1e-300
            weights = np.maximum(1.0 - (distances[part] / width) ** 2, 1e-3)
            plane = np.concatenate([np.ones((*near.shape[:2], 1)), near], axis=2)
            weighted = plane * weights[:, :, None]
            gram = np.einsum("qki,qkj->qij", weighted, plane, optimize=True)
            spread = np.trace(gram[:, 1:, 1:], axis1=1, axis2=2) / n
            diagonal = np.arange(1, n + 1)
            gram[:, diagonal, diagonal] += (self.ridge * spread + 1e-300)[:, None]
            right = np.einsum("qki,qkj->qij", weighted, self.values[rows[part]], optimize=True)
            out[part] = np.linalg.solve(gram, right)[:, 0]
        return out


def k_for(n: int) -> int:
    """Return how many neighbours a plane in n coordinates is fitted to."""
    return 4 * (n + 1)


@dataclass(frozen=True, eq=False)
class GeometricHarmonics:
    """Geometric harmonics: a function's part along the leading eigenvectors of a Gaussian kernel, extended by the kernel.

    f(x) = sum_l <u_l, f> / sigma_l sum_i k(x, x_i) u_l(i) over the eigenvalues sigma_l above `cut` times the largest (Coifman
    and Lafon 2006). The width is chosen on a fifth of the states.

    Attributes
    ----------
    states : array, (m, n)
    weights : array, (m, q)
    mean : array, (q,)
    scale2 : float
        Squared width of the Gaussian.
    error : float
        Held-out error of the choice: root-mean-square over the standard deviation.
    """

    states: np.ndarray
    weights: np.ndarray
    mean: np.ndarray
    scale2: float
    error: float

    @classmethod
    def fit(cls, states: np.ndarray, values: np.ndarray, *, seed: int = 0, cut: float = CUT) -> GeometricHarmonics:
        """Fit at most 6000 states; more are drawn from.

        Raises
        ------
        InputError
            Where states and values do not belong together, or there are fewer than ten.
        """
        m = len(states)
        if m != len(values) or m < 10:
            raise InputError(f"{m} states and {len(values)} values: expected as many of both, ten at least")
        order = np.random.default_rng(seed).permutation(m)[:HARMONIC_ROWS]
        x, mean = states[order], values[order].mean(axis=0)
        y = values[order] - mean
        squared = squared_distances(x, x)
        held = np.arange(len(x)) < len(x) // 5
        median = median_distance(squared[:1000, :1000])
        total = float((y[held] ** 2).sum()) or 1.0
        tried: list[tuple[float, float]] = []
        for scale in SCALES:
            scale2 = scale**2 * median
            weights = _harmonics(gaussian(squared[np.ix_(~held, ~held)], scale2), y[~held], cut)
            told = gaussian(squared[np.ix_(held, ~held)], scale2) @ weights
            tried.append((float(((told - y[held]) ** 2).sum()), scale2))
        missed, scale2 = min(tried)
        return cls(x, _harmonics(gaussian(squared, scale2), y, cut), mean, scale2, float(np.sqrt(missed / total)))

    def __call__(self, query: np.ndarray) -> np.ndarray:
        """Return the values at new states, (rows, q)."""
        out = np.empty((len(query), self.weights.shape[1]))
        size = max(1, 20_000_000 // len(self.states))
        for at in range(0, len(query), size):
            part = slice(at, at + size)
            out[part] = gaussian(squared_distances(query[part], self.states), self.scale2) @ self.weights
        return out + self.mean


def _harmonics(kernel: np.ndarray, y: np.ndarray, cut: float) -> np.ndarray:
    values, vectors = eigh(kernel, check_finite=False)
    keep = values > cut * values[-1]
    vectors = vectors[:, keep]
    return vectors @ ((vectors.T @ y) / values[keep, None])
