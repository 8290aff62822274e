"""Nuclear norms: sums of singular values, from eigenvalues where those are exact enough."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

BACKWARD = 8.0 * float(np.finfo(np.float64).eps)  # rounding of the eigenvalues, as a share of the largest
ENOUGH = 1e-10  # share of the sum by which rounding may move it before singular values are computed themselves


def nuclear_norms(matrices: Sequence[np.ndarray]) -> list[float]:
    """Return |M|_*, the sum of singular values, of every matrix; one does not depend on the others, not in its last bit.

    sum sqrt(eigenvalues of M^T M) costs half of what singular values do. An eigenvalue that is off by e moves its root by
    e / (2 root), to first order, which is much for small roots alone: where the sum of these, with e = 8 machine epsilons of the
    largest eigenvalue, is above 1e-10 of the norm, singular values are computed.

    Examples
    --------
    >>> nuclear_norms([np.diag([3.0, 4.0]), np.array([[0.0, 2.0], [0.0, 0.0]])])
    [7.0, 2.0]
    """
    return [_nuclear_norm(matrix) for matrix in matrices]


def _nuclear_norm(matrix: np.ndarray) -> float:
    # the smaller of the two squares; both sides of a symmetric measure take the same one for equal widths
    square = matrix @ matrix.T if matrix.shape[0] < matrix.shape[1] else matrix.T @ matrix
    squares = np.linalg.eigvalsh(square)
    if squares[0] > 0:
        roots = np.sqrt(squares)
        total = float(roots.sum())
        if 0.5 * BACKWARD * float(squares[-1]) * float((1.0 / roots).sum()) <= ENOUGH * total:
            return total
    return float(np.linalg.svd(matrix, compute_uv=False).sum())
