"""Principal coordinates that do not depend on the order of units or on the solver's choice of signs."""

from __future__ import annotations

import numpy as np

from conjugacy.numerics.device import orthogonal_triangular, product, symmetric_eigen

LARGE = 1024  # rows and units, above which a few leading coordinates are looked for without all others
_MORE = 10  # directions beyond those that are asked for
_ROUNDS = 4  # passes over the rows; of coordinates that stand out these leave rounding

Square = tuple[np.ndarray, np.ndarray]
"""Eigenvalues, rising, and eigenvectors of x^T x, or of x x^T where that is smaller."""


def square_of(x: np.ndarray) -> Square:
    """Return the eigendecomposition that principal coordinates and ridge regression of the same rows share."""
    m, n = x.shape
    return symmetric_eigen(product(x.T, x) if n <= m else product(x, x.T), in_place=True)


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
    rank = kept_coordinates(w, keep)
    rank = rank if most is None else min(rank, most)
    loadings = v[:, :rank] if n <= m else product(x.T, v[:, :rank] / np.sqrt(w[:rank]))
    points = product(x, loadings)
    signs = signs_of(points)
    points *= signs
    return points, loadings * signs


def leading_components(x: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what `principal_components(x, keep=1.0, most=count)` does: of large arrays by subspace iteration from random rows.

    Coordinates that stand out are the same up to rounding; of those that hardly differ in variance, mixtures that hold nearly as
    much of it (Halko, Martinsson and Tropp 2011, algorithm 4.4). The start is drawn over
    rows: the order of units does not matter.
    """
    if min(x.shape) <= max(LARGE, 2 * count):
        return principal_components(x, keep=1.0, most=count)
    start = np.random.default_rng(0).standard_normal((len(x), count + _MORE))
    basis, _ = np.linalg.qr(start)
    for _ in range(_ROUNDS):
        basis, _ = orthogonal_triangular(product(x, product(x.T, basis)))
    inner = product(basis.T, x)
    w, v = symmetric_eigen(product(inner, inner.T), in_place=True)
    kept = v[:, ::-1][:, : min(count, kept_coordinates(np.maximum(w[::-1], 0.0), 1.0))]
    loadings = inner.T @ kept
    sizes = np.sqrt((loadings**2).sum(axis=0))
    loadings /= sizes
    points = (basis @ kept) * sizes
    signs = signs_of(points)
    return points * signs, loadings * signs


def kept_coordinates(squares: np.ndarray, keep: float = 1.0 - 1e-8) -> int:
    """Return how many of squared singular values, falling, hold a share of their sum and are more than rounding."""
    held = int(np.searchsorted(np.cumsum(squares), keep * squares.sum())) + 1
    return max(1, min(held, int((squares > 1e-14 * squares[0]).sum())))


def signs_of(points: np.ndarray) -> np.ndarray:
    """Return 1 or -1 for every coordinate: the sign of its third moment.

    Eigenvectors have no sign of their own; this one survives a permutation of the units.
    """
    step = max(1, 100_000 // points.shape[1])
    moments = np.zeros(points.shape[1])
    for start in range(0, len(points), step):
        part = points[start : start + step]
        moments += np.einsum("ij,ij->j", part * part, part)
    return np.where(moments < 0, -1.0, 1.0)
