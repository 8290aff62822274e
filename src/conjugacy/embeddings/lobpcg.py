"""Locally optimal block preconditioned conjugate gradients (Knyazev 2001), for the slowest modes of a diffusion."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_array

ACCURACY, ROUNDS = 1e-4, 60  # residual over 1 - w at which to stop
DEPENDENT = 1e-13  # of the largest: directions below are left out of a round's space


def lobpcg(
    symmetric: csr_array,
    first: np.ndarray,
    x: np.ndarray,
    precondition: Callable[[np.ndarray], np.ndarray],
    wanted: int,
    rounds: int = ROUNDS,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the leading eigenvalues next to the first, descending, and their orthonormal vectors, converged or not.

    Rayleigh and Ritz on the modes, their preconditioned residuals and the last steps, all of I - S, whose small eigenvalues keep
    their digits. scipy's own goes on until extra vectors that only speed it up have converged too.

    Parameters
    ----------
    symmetric : sparse array, (m, m)
        S, with eigenvalues in [-1, 1].
    first : array, (m,)
        Unit eigenvector of eigenvalue 1.
    x : array, (m, q)
        To start from, q at least `wanted`.
    precondition : callable
        Nearly the pseudo-inverse of I - S, on blocks of any precision.
    wanted, rounds : int
    """
    q = x.shape[1]
    parts = [_away(x, first)]
    images = [_applied(symmetric, parts[0])]
    at = 0
    while True:
        values, turn = _ritz(parts, images, q)
        steps = _combined(parts[1:], turn[q:]), _combined(images[1:], turn[q:])
        x, ax = parts[0] @ turn[:q] + steps[0], images[0] @ turn[:q] + steps[1]
        left = ax - x * values
        sizes = np.linalg.norm(left, axis=0)
        if at == rounds or (sizes[:wanted] <= ACCURACY * values[:wanted]).all():
            return 1.0 - values[:wanted], x[:, :wanted]
        w = precondition((left / np.maximum(sizes, 1e-300)).astype(np.float32)).astype(np.float64)
        w = _away(w - x @ (x.T @ w), first)
        lengths = np.maximum(np.linalg.norm(steps[0], axis=0), 1e-300)
        parts, images = [x, w], [ax, _applied(symmetric, w)]
        if at:
            parts.append(steps[0] / lengths)
            images.append(steps[1] / lengths)
        at += 1


def _away(x: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return columns of length 1 without their part along the first mode."""
    x = x - np.outer(first, first @ x)
    return x / np.maximum(np.linalg.norm(x, axis=0), 1e-300)


def _applied(symmetric: csr_array, x: np.ndarray) -> np.ndarray:
    return x - symmetric @ x


def _combined(blocks: list[np.ndarray], turn: np.ndarray) -> np.ndarray:
    """Return the sum of blocks, each times its rows of the turn; 0 of no block."""
    out: np.ndarray = np.zeros(turn.shape[1])
    at = 0
    for block in blocks:
        out = out + block @ turn[at : at + block.shape[1]]
        at += block.shape[1]
    return out


def _ritz(parts: list[np.ndarray], images: list[np.ndarray], q: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the q smallest eigenvalues in the space that the parts span, and their vectors in it."""
    gram = np.block([[a.T @ b for b in parts] for a in parts])
    energy = np.block([[a.T @ b for b in images] for a in parts])
    lengths, axes = np.linalg.eigh((gram + gram.T) / 2.0)
    kept = lengths > DEPENDENT * lengths[-1]
    white = axes[:, kept] / np.sqrt(lengths[kept])
    inside = white.T @ energy @ white
    values, turn = np.linalg.eigh((inside + inside.T) / 2.0)
    return values[:q], white @ turn[:, :q]
