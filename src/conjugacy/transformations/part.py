"""Some rows of one network as the kernel estimator sees them: enough to say how well it does on so many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from conjugacy.numerics.regression import NEARLY, STRENGTHS, KernelFactors, factored_fold_residuals, kernel_losses


@dataclass(frozen=True, eq=False)
class Part:
    """Some rows of one network.

    Attributes
    ----------
    rows : int array, (k,)
        Which rows of the network.
    eigen : mapping of float to KernelFactors
        Eigendecompositions of their kernels, by bandwidth, the smallest first.
    folds : int array, (k,)
        Their fold numbers.
    left_out : int array, (k,)
        What is left out at a time where bandwidth and strength are chosen: a fold, or a row where all are independent.
    """

    rows: np.ndarray
    eigen: Mapping[float, KernelFactors]
    folds: np.ndarray
    left_out: np.ndarray

    def choice(self, sketch: np.ndarray) -> tuple[float, float]:
        """Return bandwidth and strength for targets that few columns stand for, (m, k)."""
        return choose(self.eigen, sketch[self.rows], self.left_out)

    def missed(self, targets: np.ndarray, choice: tuple[float, float]) -> float:
        """Return the sum of squared held-out residuals of targets (m, q) at a bandwidth and a strength."""
        bandwidth, strength = choice
        residuals = factored_fold_residuals(self.eigen[bandwidth], targets[self.rows], self.folds, strength)
        return float(np.einsum("ij,ij->", residuals, residuals))


def choose(eigen: Mapping[float, KernelFactors], sketch: np.ndarray, left_out: np.ndarray) -> tuple[float, float]:
    """Return bandwidth and strength with the smallest held-out error of the sketch (k, q)."""
    targets = sketch - sketch.mean(axis=0)
    best, best_loss = (list(eigen)[-1], STRENGTHS[-1]), np.inf
    for bandwidth, factors in eigen.items():
        losses = kernel_losses(factors, targets, left_out)
        i = int(np.argmin(losses))
        if losses[i] < best_loss * NEARLY:
            best, best_loss = (bandwidth, STRENGTHS[i]), float(losses[i])
    return best
