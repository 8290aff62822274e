"""The slowest modes of a diffusion on a graph."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import eigh
from scipy.sparse import csc_array, csr_array, eye_array
from scipy.sparse.linalg import ArpackNoConvergence, eigsh, splu

DENSE = 800  # up to so many states all is worked out
TOLERANCE = 1e-8


def leading_modes(symmetric: csr_array, count: int, start: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the largest eigenvalues, descending, their orthonormal vectors, and the largest residual |S v - w v|.

    Parameters
    ----------
    symmetric : sparse array, (m, m)
        With eigenvalues in [-1, 1].
    count : int
        At most m.
    start : array, (m,)
        For Lanczos.
    """
    m = len(start)
    if m <= DENSE or count >= m // 4:
        values, vectors = eigh(symmetric.toarray(), subset_by_index=[m - count, m - 1], check_finite=False)
    else:
        # the spectrum crowds at 1, so a wide Krylov space
        krylov = min(m, max(2 * count + 20, 40))
        try:
            values, vectors = _lanczos(symmetric, count, start, krylov, TOLERANCE)
        except ArpackNoConvergence:
            values, vectors = _lanczos(symmetric, count, start, min(m, 4 * krylov), 1e-4)
    order = np.argsort(-values)
    values, vectors = values[order], vectors[:, order]
    residual = float(np.linalg.norm(symmetric @ vectors - vectors * values, axis=0).max(initial=0.0))
    return values, vectors, residual


def _lanczos(symmetric: csr_array, count: int, start: np.ndarray, krylov: int, tolerance: float) -> tuple[Any, Any]:
    options: dict[str, Any] = {"which": "LA", "v0": start, "ncv": krylov, "tol": tolerance, "maxiter": 20 * len(start)}
    found: Any = eigsh(symmetric, count, **options)
    return found[0], found[1]


def row_sums(matrix: csr_array) -> np.ndarray:
    """Return the sum of every row of a square matrix, (m,)."""
    return np.asarray(matrix.sum(axis=1)).ravel()


def leading_space(symmetric: csr_array, m: int, count: int, rounds: int = 12) -> np.ndarray:
    """Return an orthonormal basis of the leading modes, (m, count).

    For eigenvalues that coincide, of which one Lanczos vector would miss some. Inverse iteration of a block a little above 1,
    the largest eigenvalue that there can be.
    """
    solve = splu(csc_array((1.0 + 1e-7) * eye_array(m, format="csc") - symmetric)).solve
    block = np.linalg.qr(np.random.default_rng(0).standard_normal((m, min(2 * count, m))))[0]
    for _ in range(rounds):
        block = np.linalg.qr(solve(block))[0]
    _, turn = np.linalg.eigh(block.T @ (symmetric @ block))
    return block @ turn[:, ::-1][:, :count]
