"""Distances, the Matern-5/2 and the Gaussian kernel."""

from __future__ import annotations

import numpy as np


def squared_distances(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return |x_i - y_j|^2 for all rows, (m, k), never negative."""
    cross = x @ y.T
    cross *= -2.0
    cross += np.einsum("ij,ij->i", x, x)[:, None]
    cross += np.einsum("ij,ij->i", y, y)
    return np.maximum(cross, 0.0, out=cross)


def median_distance(squared: np.ndarray) -> float:
    """Return the median squared distance between two rows, from all of theirs (m, m); the largest where most rows coincide."""
    pairs = squared[np.triu_indices(len(squared), 1)]
    median = float(np.median(pairs)) if pairs.size else 1.0
    return median if median > 1e-12 else float(pairs.max(initial=0.0)) or 1.0


def matern52(squared: np.ndarray, scale2: float) -> np.ndarray:
    """Return the Matern-5/2 kernel (1 + r + r^2/3) exp(-r), r = sqrt(5 d^2 / scale2)."""
    r = np.sqrt(squared * (5.0 / scale2))
    kernel = r / 3.0
    kernel += 1.0
    kernel *= r
    kernel += 1.0
    kernel *= np.exp(-r)
    return kernel


def gaussian(squared: np.ndarray, scale2: float) -> np.ndarray:
    """Return the Gaussian kernel exp(-d^2 / (2 scale2))."""
    return np.exp(squared * (-0.5 / scale2))


def matern52_slopes(squared: np.ndarray, scale2: float) -> np.ndarray:
    """Return the slope s with grad_x k(x, y) = s (x - y), s = -(5 / (3 scale2)) (1 + r) exp(-r)."""
    r = np.sqrt(squared * (5.0 / scale2))
    return (-5.0 / (3.0 * scale2)) * (1.0 + r) * np.exp(-r)
