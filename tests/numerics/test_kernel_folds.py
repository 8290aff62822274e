"""Held-out residuals from one Cholesky factor: an intercept at the end, and single precision."""

import numpy as np
import pytest

from conjugacy.numerics.kernel_folds import fold_residuals
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
