"""The leading part of a Gram matrix, and how much of it is more than noise."""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh
from scipy.sparse.linalg import ArpackError, eigsh

DENSE = 600  # up to this size all eigenvectors are computed, whatever the rank


def leading_eigenvectors(gram: np.ndarray, rank: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the largest eigenvalues, descending, and their vectors; all of them where no rank is given."""
    size = len(gram)
    k = size if rank is None else min(rank, size)
    if size > DENSE and k < size // 8:
        try:
            start = np.random.default_rng(0).standard_normal(size)
            krylov = min(size, max(2 * k + 1, k + 40))
            values, vectors = eigsh(gram, k, which="LA", v0=start, ncv=krylov, tol=1e-11)  # pyright: ignore[reportArgumentType]
            order = np.argsort(-values)
            return values[order], _signed(vectors[:, order])
        except ArpackError:
            pass  # a spectrum without a gap at the cut: the dense solver takes longer and does not mind
    values, vectors = eigh(gram, subset_by_index=[size - k, size - 1], check_finite=False)
    return values[::-1], _signed(vectors[:, ::-1])


def _signed(vectors: np.ndarray) -> np.ndarray:
    """Return eigenvectors whose largest entry is positive."""
    largest = np.abs(vectors).argmax(axis=0)
    return vectors * np.where(vectors[largest, np.arange(vectors.shape[1])] < 0, -1.0, 1.0)


def hard_threshold_rank(singular: np.ndarray, rows: int) -> int:
    """Return how many singular values pass the optimal hard threshold omega(beta) x median, noise unknown.

    omega(beta) = 0.56 beta^3 - 0.95 beta^2 + 1.82 beta + 1.43, beta the shorter over the longer side (Gavish and Donoho 2014,
    eq. 5).
    """
    short, long = sorted((len(singular), rows))
    beta = short / long
    omega = 0.56 * beta**3 - 0.95 * beta**2 + 1.82 * beta + 1.43
    return max(1, int((singular > omega * np.median(singular[:short])).sum()))
