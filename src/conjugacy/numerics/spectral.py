"""Principal coordinates that do not depend on the order of units or on the solver's choice of signs."""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh


def principal_components(x: np.ndarray, *, keep: float = 1.0 - 1e-8) -> tuple[np.ndarray, np.ndarray]:
    """Return the leading principal coordinates of centred rows and their loadings.

    Parameters
    ----------
    x : array, (m, n)
        Centred columns.
    keep : float
        Share of the variance to keep.

    Returns
    -------
    points : array, (m, r)
        x @ loadings, columns by falling variance; each column's third moment is positive.
    loadings : array, (n, r)
        Orthonormal columns.
    """
    m, n = x.shape
    w, v = eigh(x.T @ x if n <= m else x @ x.T, driver="evd")
    w, v = np.maximum(w[::-1], 0.0), v[:, ::-1]
    total = w.sum()
    rank = max(1, min(int(np.searchsorted(np.cumsum(w), keep * total)) + 1, int((w > 1e-14 * w[0]).sum())))
    loadings = v[:, :rank] if n <= m else x.T @ (v[:, :rank] / np.sqrt(w[:rank]))
    points = x @ loadings
    # eigenvectors have no sign of their own; the third moment gives one that survives a permutation of the units
    signs = np.where((points**3).sum(axis=0) < 0, -1.0, 1.0)
    return points * signs, loadings * signs
