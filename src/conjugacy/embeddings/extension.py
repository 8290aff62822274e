"""From states where a function is known to states where it is not: local linear regression, and geometric harmonics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh
from scipy.sparse import csr_array

from conjugacy.errors import InputError
from conjugacy.numerics.kernels import gaussian, median_distance, squared_distances
from conjugacy.numerics.neighbours.of_states import nearest_states

RIDGE = 1e-3  # over the mean variance of the neighbourhood: off a curve the fit would else be free
AT_ONCE = 2_000_000  # numbers of neighbourhoods held at once
MOST_NEIGHBOURS = 100
HARMONIC_ROWS = 6000
SCALES = (0.1, 0.2, 0.4, 0.8)  # Gaussian widths over the median distance
CUT = 1e-9


@dataclass(frozen=True, eq=False)
class LocalLinear:
    """Local linear regression on nearest neighbours.

    At every query, a plane is fitted to the k nearest known states with Epanechnikov weights. The result is its value there.

    Attributes
    ----------
    states : array, (m, n)
    values : array, (m, q)
    k : int
        Neighbours; `k_for(n)` by default.
    ridge : float
        On the slopes, relative to the variance of a neighbourhood.

    Examples
    --------
    >>> x = np.random.default_rng(0).random((200, 2))
    >>> fit = LocalLinear.of(x, x @ [[1.0], [2.0]])
    >>> fit(np.array([[0.5, 0.5]])).round(3).tolist()
    [[1.5]]
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
        return self.weights(query) @ self.values

    def left_out(self) -> np.ndarray:
        """Return the values at the known states, each from the others."""
        return self.weights() @ self.values

    def weights(self, query: np.ndarray | None = None) -> csr_array:
        """Return how much every known state counts at every query, (rows, m); without a query at the others' own places."""
        at = self.states if query is None else query
        distances, rows = nearest_states(at, self.k, None if query is None else self.states)
        counts = np.empty(distances.shape)
        size = max(1, AT_ONCE // (self.k * (at.shape[1] + self.k)))
        for start in range(0, len(at), size):
            part = slice(start, start + size)
            counts[part] = self._planes(self.states[rows[part]] - at[part, None, :], distances[part])
        ends = np.arange(0, rows.size + 1, self.k)
        return csr_array((counts.ravel(), rows.ravel(), ends), shape=(len(at), len(self.states)))

    def _planes(self, near: np.ndarray, distances: np.ndarray) -> np.ndarray:
        """Return the weights of neighbours, (rows, k), near them (rows, k, n) from a query at 0: a ridge on slopes alone.

        The value is mean(y) + A (A'A + r)^-1 (-mean(x)) . (y - mean(y)) with A = x - mean(x), everything weighted; with more
        units than neighbours A'A is exchanged for AA'.
        """
        k, n = near.shape[1:]
        width = distances[:, -1:] * (1.0 + 1e-9) + 1e-300
        weights = np.maximum(1.0 - (distances / width) ** 2, 1e-3)
        share = weights / weights.sum(axis=1, keepdims=True)
        root = np.sqrt(weights)[:, :, None]
        ridge = self.ridge * np.einsum("qki,qki,qk->q", near, near, weights) / n + 1e-300
        mean = np.einsum("qki,qk->qi", near, share)
        slopes = root * (near - mean[:, None, :])
        if n <= k:
            gram = slopes.mT @ slopes + ridge[:, None, None] * np.eye(n)
            found = slopes @ np.linalg.solve(gram, -mean[:, :, None])
        else:
            gram = slopes @ slopes.mT + ridge[:, None, None] * np.eye(k)
            found = np.linalg.solve(gram, -slopes @ mean[:, :, None])
        along = (root * found)[:, :, 0]
        return share * (1.0 - along.sum(axis=1, keepdims=True)) + along


def k_for(n: int) -> int:
    """Return how many neighbours a plane in n coordinates is fitted to: beyond a hundred they are no neighbours any more."""
    return min(4 * (n + 1), MOST_NEIGHBOURS)


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
        Held-out error of the choice: root mean square over the standard deviation.

    Examples
    --------
    >>> x = np.random.default_rng(0).random((200, 1))
    >>> GeometricHarmonics.fit(x, np.sin(6 * x)).error < 0.05
    True
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
