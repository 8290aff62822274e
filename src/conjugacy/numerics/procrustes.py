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


def shape_angle(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Return the cosine |x^T y|_* and the angle between two sets of columns of Frobenius norm 1 after the best rotation.

    Sets of different width are compared as if the narrower had columns of zeros.

    Examples
    --------
    >>> x = np.eye(6)[:, :2] / np.sqrt(2)
    >>> cosine, angle = shape_angle(x, x[:, ::-1])
    >>> round(cosine, 12), angle < 1e-12
    (1.0, True)
    """
    product = x.T @ y
    cosine = float(np.clip(np.linalg.svd(product, compute_uv=False).sum(), 0.0, 1.0))
    if cosine <= 0.99:  # the rotation itself is not needed, and is most of the work
        return cosine, float(np.arccos(cosine))
    u, _, vt = np.linalg.svd(product, full_matrices=False)
    return cosine, _small_angle(x, y, u @ vt)


def _small_angle(x: np.ndarray, y: np.ndarray, q: np.ndarray) -> float:
    """Return the angle from the chord |X Q - Y|: near 1 the arccos of the cosine loses half the digits.

    The wider network is turned into the narrower one's space; what it holds outside of it adds to the chord.
    """
    if x.shape[1] < y.shape[1]:
        x, y, q = y, x, q.T
    inside = x @ q
    outside = x - inside @ q.T  # not 1 - |XQ|^2, whose rounding would show as an angle of 1e-8
    chord = np.sqrt(float(((inside - y) ** 2).sum() + (outside**2).sum()))
    return float(2.0 * np.arcsin(min(1.0, chord / 2.0)))
