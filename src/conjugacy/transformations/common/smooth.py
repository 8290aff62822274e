"""What a few coordinates tell of many columns: nothing, a linear map or a smooth one, each column as is best for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cholesky, solve_triangular

from conjugacy.numerics.kernels import matern52, squared_distances
from conjugacy.transformations.kernel import FREE_INTERCEPT
from conjugacy.transformations.kernel_map import KernelMap
from conjugacy.transformations.linear import LinearMap
from conjugacy.transformations.sum_map import SumMap

LANDMARKS = 200
WIDTHS = (1.0, 2.5)  # of the kernel, times the root of the number of coordinates, which have unit variance
STRENGTHS = tuple(float(0.1 * a) for a in 10.0 ** np.arange(0, -6, -1))  # of the ridge, times the number of rows
BETTER = 0.98  # a richer map must leave less than this share of what a plainer one leaves
JITTER = 1e-8
EXACT = 1e-20
SEEN = 1e-10  # of the largest squared singular value of the features
GIVEN_UP = 1.1  # weaker ridges are not tried once they do worse than the best by this factor
MOST_LEVERAGE = 0.999  # a row that determines its own fit is left out no better than by the mean


@dataclass(frozen=True, eq=False)
class SmoothFit:
    """Maps from coordinates t (m, j) to columns, and what they leave of each row when it is left out.

    Attributes
    ----------
    left_out : array, (m, q)
        Residuals of the rows, each left out.
    mean, spread : array, (j,)
    level : array, (q,)
        Means of the columns.
    slopes : array, (j, q)
        On coordinates of unit variance; zero where the mean is best.
    parts : tuple of (array, array, float)
        For each width of the kernel: landmarks (l, j) in coordinates of unit variance, weights (l, q), squared width.
    """

    left_out: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    level: np.ndarray
    slopes: np.ndarray
    parts: tuple[tuple[np.ndarray, np.ndarray, float], ...]

    def __call__(self, t: np.ndarray) -> np.ndarray:
        """Return what rows of coordinates (k, j) tell, (k, q)."""
        z = (t - self.mean) / self.spread
        told = self.level + z @ self.slopes
        for landmarks, weights, width in self.parts:
            told += matern52(squared_distances(z, landmarks), width) @ weights
        return told

    def as_map(self) -> SumMap:
        """Return the same as a map that can be kept."""
        scale = np.diag(1.0 / self.spread)
        found: list[tuple[LinearMap | KernelMap]] = [(LinearMap(scale @ self.slopes, self.mean, self.level),)]
        for landmarks, weights, width in self.parts:
            shift = -FREE_INTERCEPT * weights.sum(axis=0)  # what the kernel of a map has besides
            found.append((KernelMap(scale, self.mean, shift, landmarks, weights, np.array([width])),))
        return SumMap(tuple(found))


def smooth(t: np.ndarray, y: np.ndarray, seed: int = 0) -> SmoothFit:
    """Fit every column of y (m, q) on coordinates t (m, j): the mean, a linear map, or this and a kernel map on landmarks.

    Which one, and how strongly it is smoothed, is chosen for each column by leaving rows out one by one.

    Examples
    --------
    >>> t = np.random.default_rng(0).normal(size=(300, 1))
    >>> found = smooth(t, np.column_stack([t[:, 0] ** 2, np.random.default_rng(1).normal(size=300)]))
    >>> left = (found.left_out**2).mean(axis=0)
    >>> bool(left[0] < 0.02 and 0.8 < left[1] < 1.2)
    True
    """
    m, j = t.shape
    if j == 0:
        level = y.mean(axis=0)
        none = np.empty(0), np.empty(0), level, np.zeros((0, y.shape[1]))
        return SmoothFit((y - level) * (m / (m - 1.0)), *none, ())
    mean, spread = t.mean(axis=0), np.maximum(t.std(axis=0), 1e-300)
    z, level = (t - mean) / spread, y.mean(axis=0)
    centred = y - level
    best = centred * (m / (m - 1.0))
    least = (best**2).sum(axis=0)
    basis, upper = np.linalg.qr(np.column_stack([np.ones(m), z]))
    leverage = (basis**2).sum(axis=1)
    on_basis = basis.T @ centred
    plain = centred - basis @ on_basis
    coefficients = np.linalg.lstsq(upper, on_basis, rcond=1e-10)[0]
    linear = plain / np.maximum(1.0 - leverage, 1.0 - MOST_LEVERAGE)[:, None]
    left = (linear**2).sum(axis=0)
    taken = left < BETTER * least
    best, least = np.where(taken, linear, best), np.where(taken, left, least)
    constant, slopes = np.where(taken, coefficients[0], 0.0), np.where(taken, coefficients[1:], 0.0)
    chosen = np.sort(np.random.default_rng(seed).choice(m, min(LANDMARKS, m), replace=False))
    plainest, parts = least.copy(), list[_OnLandmarks]()
    exact = least <= EXACT * (centred**2).sum(axis=0)  # what is left is rounding
    won, strengths = np.full(y.shape[1], -1), np.zeros(y.shape[1])
    for i, width in enumerate(WIDTHS):
        kernel = _OnLandmarks.of(z, z[chosen], width**2 * j, basis, plain)
        for strength in STRENGTHS:
            left = (kernel.left_out(strength * m, leverage) ** 2).sum(axis=0)
            better = (left < BETTER * plainest) & (left < least) & ~exact
            least[better], won[better], strengths[better] = left[better], i, strength
            if ((left > GIVEN_UP * least) | exact).all():
                break
        parts.append(kernel)
    found = list[tuple[np.ndarray, np.ndarray, float]]()
    for i, kernel in enumerate(parts):
        weights = np.zeros((len(chosen), y.shape[1]))
        for strength in np.unique(strengths[won == i]):
            own = np.flatnonzero((won == i) & (strengths == strength))
            best[:, own] = kernel.left_out(strength * m, leverage, own)
            turned = kernel.weights(strength * m, own)
            weights[:, own] = solve_triangular(kernel.factor, turned, lower=True, trans=1, check_finite=False)
            line = np.linalg.lstsq(upper, on_basis[:, own] - kernel.across @ turned, rcond=1e-10)[0]
            constant[own], slopes[:, own] = line[0], line[1:]
        if (won == i).any():
            found.append((z[chosen], weights, kernel.scale2))
    return SmoothFit(best, mean, spread, level + constant, slopes, tuple(found))


@dataclass(frozen=True, eq=False)
class _OnLandmarks:
    """Features of a kernel on landmarks beside a linear map, and columns, what the linear map leaves of them: both in one basis.

    Attributes
    ----------
    u, values, vectors : arrays, (m, r), (r,), (l, r)
        Left singular vectors of the features without their linear part, squared singular values, right ones.
    across : array, (j + 1, l)
        The linear part of the features.
    factor : array, (l, l)
        Of the landmarks' kernel.
    plain, seen : arrays, (m, q) and (r, q)
        The columns, and u^T of them.
    """

    u: np.ndarray
    values: np.ndarray
    vectors: np.ndarray
    across: np.ndarray
    factor: np.ndarray
    scale2: float
    plain: np.ndarray
    seen: np.ndarray

    @classmethod
    def of(
        cls, z: np.ndarray, landmarks: np.ndarray, scale2: float, basis: np.ndarray, plain: np.ndarray
    ) -> _OnLandmarks:
        features, factor = _features(z, landmarks, scale2)
        across = basis.T @ features
        features -= basis @ across
        values, vectors = np.linalg.eigh(features.T @ features)
        keep = values > SEEN * values[-1]
        values, vectors = values[keep], vectors[:, keep]
        u = features @ (vectors / np.sqrt(values))
        return cls(u, values, vectors, across, factor, scale2, plain, u.T @ plain)

    def left_out(self, strength: float, leverage: np.ndarray, columns: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Return residuals of rows left out one by one, beside a linear map of this leverage (m,)."""
        shrunk = self.values / (self.values + strength)
        rest = self.plain[:, columns] - self.u @ (shrunk[:, None] * self.seen[:, columns])
        rest /= np.maximum(1.0 - leverage - self.u**2 @ shrunk, 1.0 - MOST_LEVERAGE)[:, None]
        return rest

    def weights(self, strength: float, columns: np.ndarray) -> np.ndarray:
        """Return weights of the features, (l, q)."""
        shrunk = np.sqrt(self.values) / (self.values + strength)
        return self.vectors @ (shrunk[:, None] * self.seen[:, columns])


def _features(z: np.ndarray, landmarks: np.ndarray, scale2: float) -> tuple[np.ndarray, np.ndarray]:
    """Return k(z, landmarks) L^-T and L, with L L^T the kernel of the landmarks."""
    own = matern52(squared_distances(landmarks, landmarks), scale2)
    own[np.diag_indices_from(own)] += JITTER * len(own)
    factor = cholesky(own, lower=True)
    crossed = matern52(squared_distances(z, landmarks), scale2)
    return solve_triangular(factor, crossed.T, lower=True).T, factor
