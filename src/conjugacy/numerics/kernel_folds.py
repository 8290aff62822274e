"""Held-out residuals of kernel ridge regression from one Cholesky factor: the inverse is formed in the folds' blocks only."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.linalg import cho_factor, cho_solve, get_blas_funcs, get_lapack_funcs

from conjugacy.numerics.device import device_for, product
from conjugacy.numerics.regression import KernelFactors
from conjugacy.numerics.scratch import scratch

AT_ONCE = 500  # rows that are put in order at a time


def fold_residuals(
    kernel: np.ndarray, strength: float, targets: np.ndarray, sizes: np.ndarray, intercept: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return held-out residuals (m, q) of kernel ridge regression, every fold left out in turn, and its coefficients (m, q).

    With K + a I = L L^T and W = L^-1 the coefficients are c = W^T W T, and the residuals of the rows F, left out together,
    (W_F^T W_F)^-1 c_F. That takes two thirds of m^3, where an inverse takes all of it. An intercept b, K + b 1 1^T in place of K,
    comes in at the end, as it would cost single precision its digits: with g = W^T W 1 and s = b / (1 + b sum g) the products
    W^T W x become W^T W x - s g (g^T x).

    Parameters
    ----------
    kernel : array, (m, m)
        Of rows fold by fold, symmetric, C-contiguous, in single or double precision; its memory is reused.
    strength : float
        a.
    targets : array, (m, q)
    sizes : int array, (f,)
        Rows of every fold.
    intercept : float
        b.

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
    return residuals_with(inverse_factor(kernel, strength), targets, np.arange(len(targets)), sizes, intercept)


def residuals_with(
    w: np.ndarray, targets: np.ndarray, order: np.ndarray, sizes: np.ndarray, intercept: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return what `fold_residuals` does, from the inverse factor W; its rows are the targets' in an order, theirs come back.

    The coefficients have the factor's precision. Where the sizes are those of the last folds alone, other rows have no numbers.
    """
    right = scratch((len(targets), targets.shape[1] + 1), w.dtype)
    for start in range(0, len(order), AT_ONCE):
        right[start : start + AT_ONCE, :-1] = targets[order[start : start + AT_ONCE]]
    right[:, -1] = 1.0
    right = _twice(w, right)
    ones = right[:, -1].astype(np.float64)
    share = intercept / (1.0 + intercept * ones.sum())
    shift = share * right[:, :-1].sum(axis=0, dtype=np.float64)
    held_out, coefficients = scratch(targets.shape), scratch(targets.shape, w.dtype)
    ends = len(order) - int(sizes.sum()) + np.cumsum(sizes)
    for start, end in zip(ends - sizes, ends, strict=True):
        rows, columns = order[start:end], w[start:, start:end]
        found = right[start:end, :-1] - ones[start:end, None] * shift
        coefficients[rows] = found
        np.copyto(columns[: end - start], np.tril(columns[: end - start]))  # what stands above is no part of W
        block = product(columns.T, columns).astype(np.float64, copy=False)
        block -= share * ones[start:end, None] * ones[start:end]
        factor = cho_factor(block, lower=True, overwrite_a=True, check_finite=False)
        held_out[rows] = cho_solve(factor, found, overwrite_b=True, check_finite=False)
    return held_out, coefficients


def residual_operator(w: np.ndarray, sizes: np.ndarray, intercept: float = 0.0) -> np.ndarray:
    """Return the matrix O that turns targets, fold by fold, into their held-out residuals O T, in single precision.

    Rows F of it are (G_FF)^-1 G_F, G being the inverse of the kernel with its intercept: of order one, where those of G are as
    large as one over the strength. So single precision does here.

    Parameters
    ----------
    w : array, (m, m)
        The inverse factor W.
    sizes, intercept
        As in `fold_residuals`; where the sizes are those of the last folds, so are the rows of O.

    Examples
    --------
    >>> x = np.arange(4.0)
    >>> kernel, y, sizes = np.exp(-((x[:, None] - x) ** 2)), np.arange(4.0)[:, None], np.array([2, 2])
    >>> w, order = inverse_factor(kernel.copy(), 0.1), np.arange(4)
    >>> bool(np.allclose(residual_operator(w, sizes) @ y, residuals_with(w, y, order, sizes)[0], atol=1e-5))
    True
    """
    start = len(w) - int(sizes.sum())
    inverse = inverse_columns(w, start, len(w)).T if start else _squared(w)
    ones = times_inverse(w, np.ones((len(w), 1)))[:, 0]
    ones *= np.sqrt(intercept / (1.0 + intercept * ones.sum()))
    found, ends = np.empty(inverse.shape, np.float32), np.cumsum(sizes)
    for first, end in zip(ends - sizes, ends, strict=True):
        at = slice(start + first, start + end)
        rows = inverse[first:end] - ones[at, None] * ones
        factor = cho_factor(rows[:, at], lower=True, check_finite=False)
        found[first:end] = product(cho_solve(factor, np.eye(end - first), check_finite=False), rows)
    return found


def _squared(w: np.ndarray) -> np.ndarray:
    """Return W^T W, (m, m)."""
    device = device_for(float(w.size) * len(w))
    if device is not None:
        lower = np.tril(w)
        return product(lower.T, lower)
    (lauum,) = get_lapack_funcs(("lauum",), (w,))
    half, _ = lauum(w, lower=1)
    found = np.tril(half, -1)
    found += found.T
    found[np.diag_indices_from(found)] = half.diagonal()
    return found


def _twice(w: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return W^T W T, (m, q); the memory of T is reused."""
    device = device_for(2.0 * w.size * right.shape[1])
    if device is not None:
        return device.call(device.twice, w, right)
    (trmm,) = get_blas_funcs(("trmm",), (w,))
    # from the right of its transpose, which stands in the order of columns: T^T W^T and (T^T W^T) W
    turned = trmm(1.0, w, right.T, lower=1, side=1, trans_a=1, overwrite_b=1)
    return trmm(1.0, w, turned, lower=1, side=1, overwrite_b=1).T


def times_inverse(w: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return (K + a I)^-1 T = W^T W T, (m, q), from the inverse factor W.

    Examples
    --------
    >>> w = inverse_factor(np.diag([1.0, 3.0]), 1.0)
    >>> times_inverse(w, np.ones((2, 1))).ravel().round(12).tolist()
    [0.5, 0.25]
    """
    return _twice(w, np.array(targets, dtype=w.dtype))


def inverse_columns(w: np.ndarray, start: int, end: int) -> np.ndarray:
    """Return columns of (K + a I)^-1 = W^T W that follow each other, (m, end - start), from the inverse factor W.

    Examples
    --------
    >>> w = inverse_factor(np.diag([1.0, 3.0]), 1.0)
    >>> inverse_columns(w, 1, 2).ravel().round(12).tolist()
    [0.0, 0.25]
    """
    columns = np.tril(w[:, start:end], -start)  # what stands above is no part of W
    device = device_for(float(w.size) * (end - start))
    if device is not None:
        return product(np.tril(w).T, columns)
    (trmm,) = get_blas_funcs(("trmm",), (w,))
    return trmm(1.0, w, np.asfortranarray(columns), lower=1, trans_a=1, overwrite_b=1)


def inverse_factor(kernel: np.ndarray, strength: float) -> np.ndarray:
    """Return W, lower triangular, of K + a I in the kernel's own memory; above the diagonal stands anything."""
    kernel[np.diag_indices_from(kernel)] += strength
    device = device_for(float(kernel.size) * len(kernel))
    if device is not None:
        return np.asfortranarray(device.call(device.inverse_factor, kernel))
    potrf, trtri = get_lapack_funcs(("potrf", "trtri"), (kernel,))
    # symmetric, so that its transpose is the same matrix in the order of columns that LAPACK asks for
    factor, info = potrf(kernel.T, lower=True, overwrite_a=True, clean=False)
    if info == 0:
        factor, info = trtri(factor, lower=True, overwrite_c=True)
    if info != 0:
        raise np.linalg.LinAlgError(f"kernel matrix is not positive definite at strength {strength:g}")
    return factor


def packed(w: np.ndarray) -> np.ndarray:
    """Return a lower triangle in half the memory.

    Examples
    --------
    >>> w = np.asfortranarray(np.tril(np.arange(9.0).reshape(3, 3)))
    >>> bool((np.tril(unpacked(packed(w))) == w).all())
    True
    """
    (trttf,) = get_lapack_funcs(("trttf",), (w,))
    return trttf(w, uplo="L")[0]


def packed_bytes(n: int) -> int:
    """Return how much memory a packed triangle of n rows takes, in double precision."""
    return 4 * n * (n + 1)


def unpacked(triangle: np.ndarray) -> np.ndarray:
    """Return the lower triangle that was packed; above the diagonal stands anything."""
    (tfttr,) = get_lapack_funcs(("tfttr",), (triangle,))
    n = int(np.sqrt(2 * len(triangle)))
    return tfttr(n, triangle, uplo="L")[0]


def coefficients_without_each(
    factors: KernelFactors, targets: np.ndarray, folds: np.ndarray, strength: float, n_folds: int
) -> Iterator[np.ndarray]:
    """Yield, for each of so many folds, the coefficients (m, q) of kernel ridge regression without its rows, which have none.

    With G = (K + a I)^-1 and c = G T they are c - G_:F (G_FF)^-1 c_F.

    Examples
    --------
    >>> from conjugacy.numerics.regression import kernel_factors
    >>> x = np.arange(4.0)
    >>> kernel, y = np.exp(-((x[:, None] - x) ** 2)), np.ones((4, 1))
    >>> first, second = coefficients_without_each(kernel_factors(kernel.copy()), y, np.array([0, 0, 1, 1]), 0.1, 2)
    >>> bool(np.allclose(first[2:], np.linalg.solve(kernel[2:, 2:] + 0.1 * np.eye(2), y[2:])) and not first[:2].any())
    True
    """
    turned = factors.vectors / (factors.values + strength)
    inverse = product(turned, factors.vectors.T)
    coefficients = product(inverse, targets)
    for fold in range(n_folds):
        out = np.flatnonzero(folds == fold)
        found = coefficients.copy()
        if out.size:
            factor = cho_factor(inverse[np.ix_(out, out)], lower=True, check_finite=False)
            found -= inverse[:, out] @ cho_solve(factor, coefficients[out], check_finite=False)
            found[out] = 0.0
        yield found
