"""The orthogonal matrix that brings one set of columns nearest to another."""

from __future__ import annotations

import numpy as np


def orthogonal_distance(x: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Return min over C in O(n) of |x/|x| - C y/|y||_F, in [0, sqrt 2], and C; x and y are (n, p), not zero.

    Taken from the difference itself, so that it is exact near 0.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(4, 3))
    >>> q = np.linalg.qr(np.random.default_rng(1).normal(size=(4, 4)))[0]
    >>> bool(orthogonal_distance(x, 2 * q @ x)[0] < 1e-14)
    True
    """
    x, y = x / np.linalg.norm(x), y / np.linalg.norm(y)
    u, _, vt = np.linalg.svd(x @ y.T)
    c = u @ vt
    return float(np.linalg.norm(x - c @ y)), c
