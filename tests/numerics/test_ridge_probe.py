"""The strength of a linear probe is chosen by rows left out."""

from __future__ import annotations

import numpy as np
import pytest

from conjugacy.numerics.ridge_probe import STRENGTHS, ridge_probe


@pytest.mark.parametrize(("m", "n"), [(60, 4), (20, 50)])
def test_it_is_ridge_regression_at_the_strength_that_leaves_least(m, n):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(m, n)), rng.normal(size=(m, 1))
    y[:, 0] += x[:, 0]
    mean = x.mean(axis=0)
    c = x - mean
    rank = min(n, m - 1)

    def fitted(strength, rows):
        penalty = strength * (c**2).sum() / rank
        design = np.column_stack([np.ones(len(rows)), c[rows]])
        gram = design.T @ design + penalty * np.diag([0.0] + [1.0] * n)
        return np.linalg.solve(gram, design.T @ y[rows])

    def left(strength):
        whole = np.arange(m)
        beta = [fitted(strength, np.delete(whole, i)) for i in whole]
        return sum(float(((y[i] - np.append(1.0, c[i]) @ b) ** 2).sum()) for i, b in enumerate(beta))

    best = min(STRENGTHS, key=left)
    new = rng.normal(size=(5, n))
    expected = np.column_stack([np.ones(5), new - mean]) @ fitted(best, np.arange(m))
    np.testing.assert_allclose(ridge_probe(x, y)(new), expected, atol=1e-8)


def test_constant_rows_tell_the_mean():
    np.testing.assert_array_equal(
        ridge_probe(np.ones((5, 3)), np.arange(5.0)[:, None])(np.zeros((2, 3))), [[2.0], [2.0]]
    )
