"""Ridge and kernel ridge regression whose held-out residuals come from one factorisation, without refitting.

With G = (K + a I)^-1 and c = G T, the residuals of the rows F when they are left out together are (G_FF)^-1 c_F.
The shortcut r_i / (1 - h_i) is not used for kernels: it cancels for small a and then picks a wrong bandwidth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve, eigh, get_lapack_funcs, solve

STRENGTHS = tuple(float(a) for a in 10.0 ** np.arange(-8, 3))
"""Ridge strengths tried, in units of the number of rows for the affine map."""

NEARLY = 0.999  # a candidate must beat the smoother one before it by more than this factor


@dataclass(frozen=True, eq=False)
class RidgeFactors:
    """Thin SVD of a source: u (m, r), s (r,), vt (r, n)."""

    u: np.ndarray
    s: np.ndarray
    vt: np.ndarray


def ridge_factors(x: np.ndarray) -> RidgeFactors:
    """Return the thin SVD of centred columns without directions that hold nothing."""
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    keep = s > 1e-9 * s[0]
    return RidgeFactors(u[:, keep], s[keep], vt[keep])


def ridge_shrinkage(factors: RidgeFactors, strength: float) -> np.ndarray:
    """Return s^2 / (s^2 + a m) per direction."""
    s2 = factors.s**2
    return s2 / (s2 + strength * len(factors.u))


def ridge_fold_residuals(factors: RidgeFactors, targets: np.ndarray, folds: np.ndarray, strength: float) -> np.ndarray:
    """Return held-out residuals (m, q) of ridge regression with a free intercept, every fold left out in turn."""
    m = len(targets)
    g = ridge_shrinkage(factors, strength)
    scaled = factors.u * g
    residuals = targets - targets.mean(axis=0) - scaled @ (factors.u.T @ targets)
    held_out = np.empty_like(residuals)
    for fold in range(int(folds.max()) + 1):
        f = np.flatnonzero(folds == fold)
        hat = scaled[f] @ factors.u[f].T + 1.0 / m
        held_out[f] = solve(np.eye(len(f)) - hat, residuals[f], assume_a="sym")
    return held_out


def ridge_choose(factors: RidgeFactors, targets: np.ndarray, folds: np.ndarray) -> float:
    """Return the strength with the smallest held-out error over the folds."""
    best, best_error = STRENGTHS[-1], np.inf
    for strength in STRENGTHS[::-1]:
        error = float((ridge_fold_residuals(factors, targets, folds, strength) ** 2).sum())
        if error < best_error * NEARLY:
            best, best_error = strength, error
    return best


def ridge_matrix(factors: RidgeFactors, targets: np.ndarray, strength: float) -> np.ndarray:
    """Return the coefficients (n, q) of the map from the centred source to the centred targets."""
    gain = factors.s / (factors.s**2 + strength * len(factors.u))
    return factors.vt.T @ (gain[:, None] * (factors.u.T @ targets))


@dataclass(frozen=True, eq=False)
class KernelFactors:
    """Eigenvalues (k,) and eigenvectors (k, k) of one kernel matrix."""

    values: np.ndarray
    vectors: np.ndarray


def kernel_factors(kernel: np.ndarray) -> KernelFactors:
    """Return the eigendecomposition of a kernel matrix, negative rounding set to zero."""
    w, u = eigh(kernel, driver="evd", overwrite_a=True, check_finite=False)
    return KernelFactors(np.maximum(w, 0.0), u)


def kernel_losses(factors: KernelFactors, targets: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Return the squared held-out error for every strength, leaving out one cluster at a time.

    `clusters` are fold numbers or cluster numbers; with one row each this is exact leave-one-out.
    """
    u = factors.vectors
    projected = u.T @ targets
    single = len(np.unique(clusters)) == len(clusters)
    squares = u**2 if single else np.empty(0)
    losses = np.empty(len(STRENGTHS))
    for i, strength in enumerate(STRENGTHS):
        g = 1.0 / (factors.values + strength)
        coefficients = u @ (g[:, None] * projected)
        if single:
            losses[i] = ((coefficients / (squares @ g)[:, None]) ** 2).sum()
        else:
            losses[i] = _cluster_loss(u, g, coefficients, clusters)
    return losses


def _cluster_loss(u: np.ndarray, g: np.ndarray, coefficients: np.ndarray, clusters: np.ndarray) -> float:
    loss = 0.0
    for cluster in range(int(clusters.max()) + 1):
        f = np.flatnonzero(clusters == cluster)
        if f.size:
            block = (u[f] * g) @ u[f].T
            loss += float((solve(block, coefficients[f], assume_a="pos") ** 2).sum())
    return loss


def kernel_inverse(kernel: np.ndarray, strength: float) -> np.ndarray:
    """Return (K + a I)^-1, symmetric, by Cholesky; the kernel's memory is reused."""
    kernel[np.diag_indices_from(kernel)] += strength
    potrf, potri = get_lapack_funcs(("potrf", "potri"), (kernel,))
    factor, info = potrf(kernel, lower=True, overwrite_a=True)
    if info == 0:
        factor, info = potri(factor, lower=True, overwrite_c=True)
    if info != 0:
        raise np.linalg.LinAlgError(f"kernel matrix is not positive definite at strength {strength:g}")
    lower = np.tril(factor)
    return lower + np.tril(lower, -1).T


def kernel_fold_residuals(inverse: np.ndarray, targets: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return held-out residuals (m, q) of kernel ridge regression, every fold left out in turn."""
    coefficients = inverse @ targets
    held_out = np.empty_like(coefficients)
    for fold in range(int(folds.max()) + 1):
        f = np.flatnonzero(folds == fold)
        held_out[f] = solve(inverse[np.ix_(f, f)], coefficients[f], assume_a="pos")
    return held_out


def feature_fold_residuals(features: np.ndarray, targets: np.ndarray, folds: np.ndarray, strength: float) -> np.ndarray:
    """Return held-out residuals (m, q) of ridge regression on explicit features (m, k), every fold refitted."""
    gram, cross = features.T @ features, features.T @ targets
    held_out = np.empty_like(targets)
    ridge = strength * np.eye(len(gram))
    for fold in range(int(folds.max()) + 1):
        f = np.flatnonzero(folds == fold)
        part = features[f]
        factor = cho_factor(gram - part.T @ part + ridge, lower=True, overwrite_a=True)
        held_out[f] = targets[f] - part @ cho_solve(factor, cross - part.T @ targets[f])
    return held_out
