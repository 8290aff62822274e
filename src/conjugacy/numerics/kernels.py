"""Distances, the Matern-5/2 and the Gaussian kernel."""

from __future__ import annotations

import numpy as np

from conjugacy.numerics.device import product
from conjugacy.numerics.scratch import scratch

IN_CACHE = 16_384  # numbers that are worked on at a time


def squared_distances(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return |x_i - y_j|^2 for all rows, (m, k), never negative, in the precision of x."""
    cross = product(x, y.T, out=scratch((len(x), len(y)), x.dtype))
    of_x, of_y = (np.einsum("ij,ij->i", z, z) for z in (x, y))
    step = max(1, IN_CACHE // max(1, len(y)))
    for start in range(0, len(x), step):
        part = cross[start : start + step]
        part *= -2.0
        part += of_x[start : start + step, None]
        part += of_y
        np.maximum(part, 0.0, out=part)
    return cross


def median_distance(squared: np.ndarray) -> float:
    """Return the median squared distance between two rows, from all of theirs (m, m); the largest where most rows coincide."""
    pairs = np.concatenate([row[i + 1 :] for i, row in enumerate(squared)]) if len(squared) > 1 else np.empty(0)
    median = float(np.median(pairs, overwrite_input=True)) if pairs.size else 1.0
    return median if median > 1e-12 else float(pairs.max(initial=0.0)) or 1.0


def matern52(squared: np.ndarray, scale2: float, out: np.ndarray | None = None) -> np.ndarray:
    """Return the Matern-5/2 kernel (1 + r + r^2/3) exp(-r), r = sqrt(5 d^2 / scale2); `out` may be the distances' own memory."""
    out = np.empty_like(squared) if out is None else out
    step = max(1, IN_CACHE // max(1, squared.shape[-1]))
    for start in range(0, len(squared), step):  # every part stays in the cache until it is done
        part = out[start : start + step]
        np.multiply(squared[start : start + step], 5.0 / scale2, out=part)
        r = np.sqrt(part)
        part *= 1.0 / 3.0
        part += r
        part += 1.0
        np.negative(r, out=r)
        part *= np.exp(r, out=r)
    return out


def gaussian(squared: np.ndarray, scale2: float) -> np.ndarray:
    """Return the Gaussian kernel exp(-d^2 / (2 scale2))."""
    return np.exp(squared * (-0.5 / scale2))


def matern52_slopes(squared: np.ndarray, scale2: float) -> np.ndarray:
    """Return the slope s with grad_x k(x, y) = s (x - y), s = -(5 / (3 scale2)) (1 + r) exp(-r)."""
    r = np.sqrt(squared * (5.0 / scale2))
    return (-5.0 / (3.0 * scale2)) * (1.0 + r) * np.exp(-r)
