"""A linear probe: ridge regression whose strength is chosen by leaving rows out one by one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

STRENGTHS = tuple(10.0**k for k in np.arange(-4.0, 3.5, 0.5))  # times the variance of all units
RANK = 1e-10  # of the largest eigenvalue: what is under it is rounding
MOST_LEVERAGE = 0.999


def ridge_probe(x: np.ndarray, y: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return the map from rows (k, n) to (k, q) that few rows x (m, n) and answers y (m, q) give.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(40, 3))
    >>> bool(np.allclose(ridge_probe(x, x[:, :1] + 1.0)(x), x[:, :1] + 1.0, atol=1e-2))
    True
    """
    mean, level = x.mean(axis=0), y.mean(axis=0)
    centred, wanted, m = x - mean, y - level, len(x)
    if x.shape[1] < m:
        values, vectors = np.linalg.eigh(centred.T @ centred)
    else:
        values, left = np.linalg.eigh(centred @ centred.T)
        vectors = centred.T @ (left / np.sqrt(np.maximum(values, 1e-300)))
    kept = values > RANK * max(float(values[-1]), 1e-300)
    if not kept.any():
        return lambda rows: np.tile(level, (len(rows), 1))
    values, vectors = values[kept], vectors[:, kept]
    u = centred @ (vectors / np.sqrt(values))
    told, squares = u.T @ wanted, u**2
    best, least = np.zeros_like(values), np.inf
    for strength in STRENGTHS:
        gain = values / (values + strength * values.sum() / len(values))
        left_out = (wanted - u @ (gain[:, None] * told)) / (1.0 - np.minimum(squares @ gain + 1.0 / m, MOST_LEVERAGE))[
            :, None
        ]
        error = float((left_out**2).sum())
        if error < least:
            best, least = gain, error
    weights = vectors @ ((best / np.sqrt(values))[:, None] * told)
    return lambda rows: level + (rows - mean) @ weights
