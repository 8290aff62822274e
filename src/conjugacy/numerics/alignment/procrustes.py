"""The orthogonal matrix that brings one set of columns nearest to another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from conjugacy.numerics.device import product as multiplied
from conjugacy.numerics.device import thin_svd
from conjugacy.numerics.nuclear import nuclear_norms
from conjugacy.numerics.products import products


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


def shape_angles(x: Sequence[np.ndarray], y: Sequence[np.ndarray]) -> list[tuple[float, float]]:
    """Return the cosine |x^T y|_* and the angle after the best rotation of each pair of columns of Frobenius norm 1.

    Sets of different width are compared as if the narrower had columns of zeros. A pair's numbers do not depend on the others.

    Examples
    --------
    >>> x = np.eye(6)[:, :2] / np.sqrt(2)
    >>> cosine, angle = shape_angles([x], [x[:, ::-1]])[0]
    >>> round(cosine, 12), angle < 1e-12
    (1.0, True)
    """
    both = products(x, y)
    cosines = [min(1.0, norm) for norm in nuclear_norms(both)]
    return [(cosine, _angle(cosine, *parts)) for cosine, *parts in zip(cosines, x, y, both, strict=True)]


def _angle(cosine: float, x: np.ndarray, y: np.ndarray, product: np.ndarray) -> float:
    if cosine <= 0.99:  # the rotation itself is not needed, and is most of the work
        return float(np.arccos(cosine))
    u, _, vt = thin_svd(product)
    return _small_angle(x, y, multiplied(u, vt))


def _small_angle(x: np.ndarray, y: np.ndarray, q: np.ndarray) -> float:
    """Return the angle from the chord |X Q - Y|: near 1 the arccos of the cosine loses half the digits.

    The wider network is turned into the narrower one's space; what it holds outside of it adds to the chord.
    """
    if x.shape[1] < y.shape[1]:
        x, y, q = y, x, q.T
    inside = multiplied(x, q)
    outside = x - multiplied(inside, q.T)  # not 1 - |XQ|^2, whose rounding would show as an angle of 1e-8
    chord = np.sqrt(float(((inside - y) ** 2).sum() + (outside**2).sum()))
    return float(2.0 * np.arcsin(min(1.0, chord / 2.0)))
