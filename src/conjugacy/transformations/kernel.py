"""The kernel of smooth maps: Matern-5/2 of some bandwidths, with a free intercept."""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from conjugacy.numerics.device import device_for
from conjugacy.numerics.kernels import matern52, squared_distances

FREE_INTERCEPT = 10.0  # added to every kernel; leaves the mean unpenalised
BANDWIDTHS = (0.7, 1.4, 2.8, 5.6)  # in units of the median distance
FEW_BANDWIDTHS = BANDWIDTHS[1:3]  # among which a quick choice is made


def kernel_matrix(x: np.ndarray, y: np.ndarray, scale2: float) -> np.ndarray:
    """Return the Matern-5/2 kernel with a free intercept between the points `x` (m, r) and `y` (k, r)."""
    return kernel_of(squared_distances(x, y), scale2)


def kernel_of(squared: np.ndarray, scale2: float) -> np.ndarray:
    """Return the same from squared distances, in their memory."""
    kernel = matern52(squared, scale2, out=squared)
    kernel += FREE_INTERCEPT
    return kernel


def solved(kernel: np.ndarray, strength: float, targets: np.ndarray) -> np.ndarray:
    """Return the coefficients (K + a I)^-1 T, (m, q); the kernel's memory is reused."""
    kernel[np.diag_indices_from(kernel)] += strength
    device = device_for(float(kernel.size) * len(kernel))
    if device is not None:
        return device.call(device.solved, kernel, targets)
    # symmetric, so that its transpose is the same matrix in the order of columns that LAPACK asks for
    factor = cho_factor(kernel.T, lower=True, overwrite_a=True, check_finite=False)
    return cho_solve(factor, targets, check_finite=False)
