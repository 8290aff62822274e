"""Dissimilarities between stimuli: plain, and cross-validated over repeats so that noise adds nothing on average."""

from __future__ import annotations

import numpy as np
from scipy.linalg import solve_triangular

from conjugacy.numerics.device import product
from conjugacy.numerics.kernels import squared_distances

FLAT = 1e-12  # a row whose spread is below this share of its size has no direction
QUIET = 1e-12  # noise over the largest value, up to which it is rounding


def euclidean(values: np.ndarray, *, squared: bool) -> np.ndarray:
    """Return distances between rows, (m, m); the common mean is taken off first, so that offsets cost no digits."""
    centred = values - values.mean(axis=0)
    centred -= centred.mean(axis=0)
    found = squared_distances(centred, centred)
    found = (found + found.T) / 2
    np.fill_diagonal(found, 0.0)
    return found if squared else np.sqrt(found)


def one_minus_cosine(values: np.ndarray, *, correlation: bool) -> np.ndarray | None:
    """Return 1 - cosine, or 1 - correlation over units, between rows, (m, m); None where a row has no direction."""
    rows = values - values.mean(axis=1, keepdims=True) if correlation else values
    sizes = np.linalg.norm(rows, axis=1, keepdims=True)
    if (sizes <= FLAT * np.abs(values).max(axis=1, initial=0.0)[:, None]).any():
        return None
    rows = rows / sizes
    found = 1.0 - product(rows, rows.T)
    np.fill_diagonal(found, 0.0)
    return found


def cross_validated(repeats: np.ndarray) -> np.ndarray:
    """Return squared distances between stimuli from products of different repeats, (m, m), from (repeats, m, n).

    d_ij = mean over r != s of (x_ir - x_jr)^T (x_is - x_js). Noise that is independent between repeats cancels, so that the
    expectation is the squared distance of the true means, and equal stimuli have 0 on average; single values may be negative.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(5, 3))
    >>> bool(np.allclose(cross_validated(np.stack([x, x])), ((x[:, None] - x) ** 2).sum(axis=-1)))
    True
    """
    repeats = repeats - repeats.mean(axis=(0, 1))
    count, total = len(repeats), repeats.sum(axis=0)
    products = total @ total.T
    for one in repeats:
        products -= one @ one.T
    diagonal = np.diag(products)
    found = (diagonal + diagonal[:, None] - products - products.T) / (count * (count - 1))
    np.fill_diagonal(found, 0.0)
    return found


def noise_whitened(repeats: np.ndarray) -> np.ndarray:
    """Return the repeats in units in which their noise is white, (repeats, m, n).

    The noise covariance is that of repeats about their stimulus' mean, its correlations shrunk towards none with the weight of
    Schaefer and Strimmer (2005): lambda = sum var(r_ij) / sum r_ij^2.
    """
    count, m, n = repeats.shape
    residuals = (repeats - repeats.mean(axis=0)).reshape(-1, n)
    freedom = m * (count - 1)
    deviations = np.sqrt((residuals**2).sum(axis=0) / freedom)
    # a unit without any noise: its scale stays as it is, as if its noise were the smallest of the others'
    quiet = deviations <= QUIET * np.abs(repeats).max(axis=(0, 1))
    floor = deviations[~quiet].min(initial=np.inf)
    deviations = np.where(quiet, floor if np.isfinite(floor) else 1.0, deviations)
    residuals[:, quiet] = 0.0
    z = residuals / deviations
    correlations = z.T @ z / freedom
    # var(r_ij) = sum (z_i z_j - mean)^2 / freedom^2, up to the factor near one between N and N - 1
    variances = ((z**2).T @ (z**2) - (z.T @ z) ** 2 / len(z)) / freedom**2
    off = ~np.eye(n, dtype=bool)
    below = float((correlations[off] ** 2).sum())
    weight = min(1.0, float(variances[off].sum()) / below) if below > 0 else 1.0
    shrunk = np.where(off, (1.0 - weight) * correlations, 1.0)
    root = np.linalg.cholesky(shrunk + 1e-12 * np.eye(n))
    white = solve_triangular(root, (repeats / deviations).reshape(-1, n).T, lower=True).T
    return white.reshape(repeats.shape)
