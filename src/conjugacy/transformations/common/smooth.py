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
STRENGTHS = tuple(float(0.1 * a) for a in 10.0 ** np.arange(-5, 1))  # of the ridge, times the number of rows
BETTER = 0.98  # a richer map must leave less than this share of what a plainer one leaves
JITTER = 1e-8
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
    found = list[tuple[np.ndarray, np.ndarray, float]]()
    won, offsets, turned = np.full(y.shape[1], -1), constant, slopes
    plainest, kept = least.copy(), [np.zeros((len(chosen), y.shape[1])) for _ in WIDTHS]
    for i, width in enumerate(WIDTHS):
        scale2 = width**2 * j
        features, factor = _features(z, z[chosen], scale2)
        across = basis.T @ features
        features -= basis @ across
        values, vectors = np.linalg.eigh(features.T @ features)
        values = np.maximum(values, 0.0)
        keep = values > 1e-10 * values[-1]
        values, vectors = values[keep], vectors[:, keep]
        u = features @ (vectors / np.sqrt(values))
        seen, squares = u.T @ plain, u**2
        for strength in STRENGTHS:
            shrunk = values / (values + strength * m)
            rest = plain - u @ (shrunk[:, None] * seen)
            held = np.maximum(1.0 - leverage - squares @ shrunk, 1.0 - MOST_LEVERAGE)
            rest /= held[:, None]
            left = (rest**2).sum(axis=0)
            better = (left < BETTER * plainest) & (left < least)
            if not better.any():
                continue
            best[:, better], least[better], won[better] = rest[:, better], left[better], i
            weights = vectors @ ((shrunk / np.sqrt(values))[:, None] * seen[:, better])
            linear_part = np.linalg.lstsq(upper, on_basis[:, better] - across @ weights, rcond=1e-10)[0]
            offsets[better], turned[:, better] = linear_part[0], linear_part[1:]
            for other, matrix in enumerate(kept):
                matrix[:, better] = solve_triangular(factor, weights, lower=True, trans=1) if other == i else 0.0
        found.append((z[chosen], kept[i], scale2))
    parts = tuple(part for i, part in enumerate(found) if (won == i).any())
    return SmoothFit(best, mean, spread, level + offsets, turned, parts)


def _features(z: np.ndarray, landmarks: np.ndarray, scale2: float) -> tuple[np.ndarray, np.ndarray]:
    """Return k(z, landmarks) L^-T and L, with L L^T the kernel of the landmarks."""
    own = matern52(squared_distances(landmarks, landmarks), scale2)
    own[np.diag_indices_from(own)] += JITTER * len(own)
    factor = cholesky(own, lower=True)
    crossed = matern52(squared_distances(z, landmarks), scale2)
    return solve_triangular(factor, crossed.T, lower=True).T, factor
