"""Nuclear norms: sums of singular values, from traces of roots where those are exact enough."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.linalg import get_blas_funcs, get_lapack_funcs

from conjugacy.numerics.device import device_for
from conjugacy.numerics.root_traces import SMALLEST, root_traces

BACKWARD = 8.0 * float(np.finfo(np.float64).eps)  # rounding of the eigenvalues, as a share of the largest
ENOUGH = 1e-9  # share of the sum by which rounding may move it before singular values are computed themselves
FEW = 16  # singular values up to this number cost nothing
BLOCK = 8  # columns that are turned at once on the way to a tridiagonal matrix; measured at 64 and 256


def nuclear_norms(matrices: Sequence[np.ndarray]) -> list[float]:
    """Return |M|_*, the sum of singular values, of every matrix; one does not depend on the others, not in its last bit.

    tr sqrt(M^T M), from a tridiagonal form of M^T M, costs a third of what singular values do. An eigenvalue that is off by e
    moves its root by e / (2 root), to first order, which is much for small roots alone: where the sum of these, with e = 8
    machine epsilons of a bound of the largest eigenvalue, is above 1e-9 of the norm, singular values are computed.

    Examples
    --------
    >>> nuclear_norms([np.diag([3.0, 4.0]), np.array([[0.0, 2.0], [0.0, 0.0]])])
    [7.0, 2.0]
    """
    alike: dict[int, list[int]] = defaultdict(list)
    for i, matrix in enumerate(matrices):
        alike[min(matrix.shape)].append(i)
    found = [float("nan")] * len(matrices)
    device = device_for(float(sum(matrix.size * min(matrix.shape) for matrix in matrices)))
    for width, places in alike.items():
        some = [matrices[i] for i in places]
        if device is not None:
            norms = [float(device.call(device.xp.linalg.svdvals, matrix).sum()) for matrix in some]
        else:
            norms = _from_values(some) if width <= FEW else _of_width(some)
        for i, norm in zip(places, norms, strict=True):
            found[i] = norm
    return found


def _of_width(matrices: Sequence[np.ndarray]) -> list[float]:
    space = np.empty((min(matrices[0].shape),) * 2, order="F")
    forms = [_tridiagonal(matrix, space) for matrix in matrices]
    diagonals, beside = (np.stack([form[part] for form in forms], axis=1) for part in (0, 1))
    roots, inverse = root_traces(diagonals, beside)
    exact = (inverse < 1.0 / np.sqrt(SMALLEST)) & (0.5 * BACKWARD * inverse <= ENOUGH * roots)
    return [
        root * math.sqrt(form[2]) if good else _from_values([matrix])[0]
        for matrix, form, root, good in zip(matrices, forms, roots.tolist(), exact.tolist(), strict=True)
    ]


def _from_values(matrices: Sequence[np.ndarray]) -> list[float]:
    return [float(np.linalg.svd(matrix, compute_uv=False).sum()) for matrix in matrices]


def _tridiagonal(matrix: np.ndarray, space: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the diagonal, what is shown beside it, and the scale taken off, of a tridiagonal matrix with M^T M's eigenvalues.

    The scale is a bound of the largest eigenvalue. Of M^T M and M M^T the smaller is taken, and made in `space`.
    """
    turned: Any = matrix.T
    (syrk,) = get_blas_funcs(("syrk",), dtype=np.float64)
    (sytrd,) = get_lapack_funcs(("sytrd",), dtype=np.float64)
    wide = matrix.shape[0] < matrix.shape[1]
    square = syrk(1.0, turned, trans=wide, lower=True, c=space, overwrite_c=True)
    _, diagonal, beside, _, _ = sytrd(square, lower=True, lwork=BLOCK * len(square), overwrite_a=True)
    around = np.abs(diagonal)
    around[1:] += np.abs(beside)
    around[:-1] += np.abs(beside)
    bound = float(around.max())
    if not 0 < bound < math.inf:  # nothing to scale by: singular values tell
        return np.full_like(diagonal, SMALLEST), np.zeros_like(beside), 1.0
    return diagonal / bound, beside / bound, bound
