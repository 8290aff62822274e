"""Columns centred without losing small data to large offsets."""

from __future__ import annotations

import numpy as np

CONSTANT = 1e-6  # a unit whose spread is below this share of the widest unit's is taken for constant


def centred_live(values: np.ndarray) -> np.ndarray:
    """Return the columns that vary, centred twice (the second time removes the first mean's rounding), (m, p)."""
    centred = values - values.mean(axis=0)
    centred -= centred.mean(axis=0)
    spread = np.sqrt((centred**2).mean(axis=0))
    # rounding of a constant with a large offset is no variation
    live = (spread > CONSTANT * spread.max(initial=0.0)) & (spread > 1e-14 * np.abs(values).max(axis=0))
    return centred[:, live]


def standardised_live(values: np.ndarray) -> np.ndarray:
    """Return the columns that vary, centred and scaled to unit variance, (m, p)."""
    centred = centred_live(values)
    return centred / np.sqrt((centred**2).mean(axis=0))


def unit_norm(centred: np.ndarray) -> np.ndarray:
    """Return the columns scaled together to Frobenius norm 1."""
    return centred / np.linalg.norm(centred)


def compact(centred: np.ndarray) -> np.ndarray:
    """Return at most m columns with the same m x m products: principal coordinates where there are more units than rows."""
    m, n = centred.shape
    if n <= m:
        return centred
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    return u * s
