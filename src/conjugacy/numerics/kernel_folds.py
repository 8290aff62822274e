"""Held-out residuals of kernel ridge regression from one Cholesky factor: the inverse is formed in the folds' blocks only."""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_factor, cho_solve, get_blas_funcs, get_lapack_funcs


def fold_residuals(
    kernel: np.ndarray, strength: float, targets: np.ndarray, sizes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return held-out residuals (m, q) of kernel ridge regression, every fold left out in turn, and its coefficients (m, q).

    With K + a I = L L^T and W = L^-1 the coefficients are c = W^T W T, and the residuals of the rows F, left out together,
    (W_F^T W_F)^-1 c_F. That takes two thirds of m^3, where an inverse takes all of it.

    Parameters
    ----------
    kernel : array, (m, m)
        Of rows fold by fold, symmetric, C-contiguous; its memory is reused.
    strength : float
        a.
    targets : array, (m, q)
    sizes : int array, (f,)
        Rows of every fold.

    Raises
    ------
    LinAlgError
        Where rounding makes K + a I indefinite.

    Examples
    --------
    >>> x = np.arange(4.0)
    >>> kernel, y = np.exp(-((x[:, None] - x) ** 2)), np.ones((4, 1))
    >>> left, _ = fold_residuals(kernel.copy(), 0.1, y, np.array([2, 2]))
    >>> alone = y[:2] - kernel[:2, 2:] @ np.linalg.solve(kernel[2:, 2:] + 0.1 * np.eye(2), y[2:])
    >>> bool(np.allclose(left[:2], alone))
    True
    """
    w = _inverse_factor(kernel, strength)
    (trmm,) = get_blas_funcs(("trmm",), (w,))
    # from the right of the targets' transpose, which stands in the order of columns: T^T W^T and (T^T W^T) W
    coefficients = trmm(1.0, w, targets.T, lower=1, side=1, trans_a=1)
    coefficients = trmm(1.0, w, coefficients, lower=1, side=1, overwrite_b=1).T
    held_out = np.empty_like(coefficients)
    ends = np.cumsum(sizes)
    for start, end in zip(ends - sizes, ends, strict=True):
        columns = w[start:, start:end]
        np.copyto(columns[: end - start], np.tril(columns[: end - start]))  # what stands above is no part of W
        block = cho_factor(columns.T @ columns, lower=True, overwrite_a=True, check_finite=False)
        held_out[start:end] = cho_solve(block, coefficients[start:end], check_finite=False)
    return held_out, coefficients


def _inverse_factor(kernel: np.ndarray, strength: float) -> np.ndarray:
    """Return W, lower triangular, of K + a I in the kernel's own memory; above the diagonal stands anything."""
    kernel[np.diag_indices_from(kernel)] += strength
    potrf, trtri = get_lapack_funcs(("potrf", "trtri"), (kernel,))
    # symmetric, so that its transpose is the same matrix in the order of columns that LAPACK asks for
    factor, info = potrf(kernel.T, lower=True, overwrite_a=True, clean=False)
    if info == 0:
        factor, info = trtri(factor, lower=True, overwrite_c=True)
    if info != 0:
        raise np.linalg.LinAlgError(f"kernel matrix is not positive definite at strength {strength:g}")
    return factor
