"""Generalised cross-validation: the held-out error of ridge regressions as if every row had the mean leverage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from conjugacy.numerics.device import product
from conjugacy.numerics.regression import NEARLY, STRENGTHS, KernelFactors, RidgeFactors, ridge_shrinkage


def ridge_generalised(factors: RidgeFactors, targets: np.ndarray) -> float:
    """Return the strength with the smallest error by generalised cross-validation: every row has the mean leverage.

    The error is |r|^2 / (1 - t / m)^2 for residuals r and t numbers fitted (Golub, Heath and Wahba 1979).
    """
    centred = targets - targets.mean(axis=0)
    energies = (product(factors.u.T, centred) ** 2).sum(axis=1)
    beyond, best, best_error = float((centred**2).sum() - energies.sum()), STRENGTHS[-1], np.inf
    for strength in STRENGTHS[::-1]:
        gain = ridge_shrinkage(factors, strength)
        rest = 1.0 - (gain.sum() + 1.0) / len(targets)
        error = (beyond + energies @ (1.0 - gain) ** 2) / rest**2 if rest > 0.0 else np.inf
        if error < best_error * NEARLY:
            best, best_error = strength, float(error)
    return best


def along_eigenvectors(factors: KernelFactors, targets: np.ndarray) -> np.ndarray:
    """Return T^T V of targets (k, q) and the eigenvectors of a kernel, (q, k), in single precision."""
    return product(targets.T.astype(np.float32), factors.single)


def generalised_losses(factors: KernelFactors, told: np.ndarray, strengths: Sequence[float] = STRENGTHS) -> np.ndarray:
    """Return the squared held-out error for every strength by generalised cross-validation: every row has the mean leverage.

    With residuals a (K + a I)^-1 T and t the trace of a (K + a I)^-1, it is their sum of squares over (t / m)^2 (Golub, Heath and
    Wahba 1979).

    Parameters
    ----------
    factors : KernelFactors
    told : array, (q, k)
        Targets `along_eigenvectors`.
    strengths : sequence of float
        a.
    """
    shrunk = np.asarray(strengths) / (factors.values[:, None] + np.asarray(strengths))
    return np.square(told).sum(axis=0) @ shrunk**2 / shrunk.mean(axis=0) ** 2


def one_by_one_loss(factors: KernelFactors, told: np.ndarray, strength: float) -> float:
    """Return the squared error of targets `along_eigenvectors`, every row left out in turn, at one of `STRENGTHS`.

    It is the sum of (c_i / d_i)^2, c = (K + a I)^-1 T and d the diagonal of (K + a I)^-1, in single precision.
    """
    shrunk = told / (factors.values + strength).astype(np.float32)
    coefficients = product(factors.single, shrunk.T)
    return float(np.square(coefficients.T / factors.inverse_diagonals[:, STRENGTHS.index(strength)]).sum())
