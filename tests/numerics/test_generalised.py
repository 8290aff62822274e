"""Generalised cross-validation against hat matrices that are written out."""

from __future__ import annotations

import numpy as np
import pytest

from conjugacy.numerics.generalised import (
    along_eigenvectors,
    generalised_losses,
    one_by_one_loss,
    ridge_generalised,
)
from conjugacy.numerics.regression import STRENGTHS, kernel_factors, kernel_losses, ridge_factors

RNG = np.random.default_rng(0)


def loss(hat: np.ndarray, targets: np.ndarray) -> float:
    m = len(hat)
    rest = (m - np.trace(hat)) / m
    return float(((targets - hat @ targets) ** 2).sum() / rest**2)


def test_of_kernels() -> None:
    x, targets = RNG.normal(size=(60, 2)), RNG.normal(size=(60, 3))
    kernel = np.exp(-((x[:, None] - x) ** 2).sum(axis=2)) + 10.0
    factors = kernel_factors(kernel.copy())
    found = generalised_losses(factors, along_eigenvectors(factors, targets), (1e-2, 1.0))
    for strength, value in zip((1e-2, 1.0), found, strict=True):
        hat = kernel @ np.linalg.inv(kernel + strength * np.eye(60))
        assert value == pytest.approx(loss(hat, targets), rel=1e-3)


def test_left_out_one_by_one_in_single_precision() -> None:
    x, targets = RNG.normal(size=(90, 2)), RNG.normal(size=(90, 3))
    factors = kernel_factors(np.exp(-((x[:, None] - x) ** 2).sum(axis=2)) + 10.0)
    for strength in STRENGTHS[3:]:
        exact = kernel_losses(factors, targets, np.arange(90), (strength,))[0]
        assert one_by_one_loss(factors, along_eigenvectors(factors, targets), strength) == pytest.approx(
            exact, rel=1e-2
        )


@pytest.mark.parametrize("noise", [0.0, 0.5, 5.0])
def test_of_ridge_regression(noise: float) -> None:
    x = RNG.normal(size=(80, 30))
    x -= x.mean(axis=0)
    targets = x @ RNG.normal(size=(30, 4)) + noise * RNG.normal(size=(80, 4)) + 2.0
    centred = targets - targets.mean(axis=0)

    def at(strength: float) -> float:
        hat = x @ np.linalg.solve(x.T @ x + strength * 80 * np.eye(30), x.T) + 1.0 / 80
        return loss(hat, centred)

    chosen = ridge_generalised(ridge_factors(x), targets)
    assert at(chosen) <= min(at(strength) for strength in STRENGTHS) * 1.002
