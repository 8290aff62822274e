"""Principal coordinates that do not depend on the order of units or on the solver's choice of signs."""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh

Square = tuple[np.ndarray, np.ndarray]
"""Eigenvalues, rising, and eigenvectors of x^T x, or of x x^T where that is smaller."""


def square_of(x: np.ndarray) -> Square:
    """Return the eigendecomposition that principal coordinates and ridge regression of the same rows share."""
    m, n = x.shape
    return eigh(x.T @ x if n <= m else x @ x.T, driver="evd", overwrite_a=True, check_finite=False)


def principal_components(
    x: np.ndarray, *, keep: float = 1.0 - 1e-8, most: int | None = None, square: Square | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the leading principal coordinates of centred rows and their loadings.

    Parameters
    ----------
    x : array, (m, n)
        Centred columns.
    keep : float
        Share of the variance to keep.
    most : int, optional
        Keep no more coordinates than these.
    square : Square, optional
        `square_of(x)`, where it is known.

    Returns
    -------
    points : array, (m, r)
        x @ loadings, columns by falling variance; each column's third moment is positive.
    loadings : array, (n, r)
        Orthonormal columns.
    """
    m, n = x.shape
    w, v = square_of(x) if square is None else square
    w, v = np.maximum(w[::-1], 0.0), v[:, ::-1]
    total = w.sum()
    rank = max(1, min(int(np.searchsorted(np.cumsum(w), keep * total)) + 1, int((w > 1e-14 * w[0]).sum())))
    rank = rank if most is None else min(rank, most)
    loadings = v[:, :rank] if n <= m else x.T @ (v[:, :rank] / np.sqrt(w[:rank]))
    points = x @ loadings
    # eigenvectors have no sign of their own; the third moment gives one that survives a permutation of the units
    signs = np.where(np.einsum("ij,ij->j", points * points, points) < 0, -1.0, 1.0)
    return points * signs, loadings * signs
