"""Square matrices over all pairs of rows, centred; U-centred ones give products without bias."""

from __future__ import annotations

import numpy as np


def double_centred(pairs: np.ndarray) -> np.ndarray:
    """Return H K H with H = I - 11^T / m, (m, m)."""
    rows = pairs.mean(axis=0)
    return pairs - rows - rows[:, None] + rows.mean()


def u_centred(pairs: np.ndarray) -> np.ndarray:
    """Return the U-centred matrix of a symmetric (m, m), m > 2: zero diagonal, all rows sum to zero.

    Off the diagonal K_ij - K_i. / (m - 2) - K_.j / (m - 2) + K_.. / ((m - 1)(m - 2)), sums without the diagonal (Szekely and
    Rizzo 2014, definition 2). The sum of products of two such matrices is m (m - 3) times the unbiased HSIC of Song et al.
    (2012, equation 5), and m (m - 3) times the squared distance covariance where K are distances.

    Examples
    --------
    >>> k = np.arange(16.0).reshape(4, 4)
    >>> bool(np.abs(u_centred(k + k.T).sum(axis=0)).max() < 1e-12)
    True
    """
    m = len(pairs)
    off = pairs - np.diag(np.diag(pairs))
    rows = off.sum(axis=0)
    centred = off - rows / (m - 2) - rows[:, None] / (m - 2) + rows.sum() / ((m - 1) * (m - 2))
    np.fill_diagonal(centred, 0.0)
    return centred


def unit_pairs(centred: np.ndarray, scale: float) -> np.ndarray | None:
    """Return the matrix divided by its norm, or None where it is rounding beside `scale`, the norm of what was centred."""
    norm = float(np.linalg.norm(centred))
    return centred / norm if norm > 1e-10 * scale else None
