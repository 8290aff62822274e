"""Held-out residuals from one Cholesky factor: an intercept at the end, and single precision."""

import numpy as np
import pytest

from conjugacy.numerics.kernel_folds import (
    fold_residuals,
    inverse_columns,
    inverse_factor,
    residual_operator,
    times_inverse,
)
from conjugacy.numerics.kernels import matern52, squared_distances


@pytest.fixture
def rows(rng):
    x = rng.standard_normal((120, 4))
    return matern52(squared_distances(x, x), 8.0), np.tanh(x @ rng.standard_normal((4, 3))), np.full(6, 20)


def test_an_intercept_comes_in_at_the_end(rows):
    kernel, y, sizes = rows
    want = fold_residuals(kernel + 10.0, 1e-2, y, sizes)
    for found, wanted in zip(fold_residuals(kernel.copy(), 1e-2, y, sizes, intercept=10.0), want, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("strength", [0.01, 0.1, 1.0])
def test_single_precision_does_for_large_strengths(rows, strength):
    kernel, y, sizes = rows
    want = (fold_residuals(kernel.copy(), strength, y, sizes, intercept=10.0)[0] ** 2).sum()
    found = (fold_residuals(kernel.astype(np.float32), strength, y, sizes, intercept=10.0)[0] ** 2).sum()
    assert found == pytest.approx(want, rel=1e-4)


@pytest.mark.parametrize("strength", [1e-4, 0.01, 1.0])
def test_one_product_gives_the_residuals(rows, strength):
    kernel, y, sizes = rows
    want, _ = fold_residuals(kernel.copy(), strength, y, sizes, intercept=10.0)
    operator = residual_operator(inverse_factor(kernel.copy(), strength), sizes, 10.0)
    assert operator.dtype == np.float32
    np.testing.assert_allclose(operator @ y, want, atol=1e-5)
    assert ((operator @ y) ** 2).sum() == pytest.approx((want**2).sum(), rel=1e-5)


def test_the_inverse_and_columns_of_it_follow_from_its_factor(rows):
    kernel, y, _ = rows
    inverse = np.linalg.inv(kernel + 0.01 * np.eye(len(kernel)))
    w = inverse_factor(kernel.copy(), 0.01)
    np.testing.assert_allclose(times_inverse(w, y), inverse @ y, rtol=1e-7, atol=1e-8)
    for start, end in ((0, 20), (40, 80), (100, 120)):
        np.testing.assert_allclose(inverse_columns(w, start, end), inverse[:, start:end], rtol=1e-7, atol=1e-8)
