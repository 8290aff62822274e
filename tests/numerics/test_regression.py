"""Held-out residuals without refitting against plain refitting."""

import numpy as np
import pytest

from conjugacy.numerics import regression as R
from conjugacy.numerics.feature_folds import feature_fold_residuals, many_fold_residuals
from conjugacy.numerics.kernel_folds import fold_residuals
from conjugacy.numerics.kernels import matern52, squared_distances
from conjugacy.numerics.resample import draw_folds


@pytest.fixture
def data(rng):
    x = rng.standard_normal((60, 5))
    x -= x.mean(axis=0)
    y = np.tanh(x @ rng.standard_normal((5, 3)))
    return x, y - y.mean(axis=0), draw_folds(np.arange(60), 6, 0)


@pytest.mark.parametrize("n_folds", [6, 20])  # folds of more rows than directions, and of fewer
def test_ridge_residuals_equal_refitting_every_fold(data, n_folds):
    x, y, _ = data
    folds = draw_folds(np.arange(60), n_folds, 0)
    strength = 1e-3
    got = R.ridge_fold_residuals(R.ridge_factors(x), y, folds, strength)
    for fold in range(n_folds):
        train, test = folds != fold, folds == fold
        # one ridge problem with an unpenalised intercept
        design = np.column_stack([np.ones(train.sum()), x[train]])
        penalty = strength * len(x) * np.diag([0.0, *np.ones(5)])
        coefficients = np.linalg.solve(design.T @ design + penalty, design.T @ y[train])
        want = y[test] - np.column_stack([np.ones(test.sum()), x[test]]) @ coefficients
        np.testing.assert_allclose(got[test], want, atol=1e-10)


def test_kernel_residuals_equal_refitting_every_fold(data):
    x, y, folds = data
    kernel = matern52(squared_distances(x, x), 4.0) + 10.0
    order, got, inverse = np.argsort(folds, kind="stable"), np.empty_like(y), np.linalg.inv(kernel + 1e-3 * np.eye(60))
    got[order], coefficients = fold_residuals(kernel[np.ix_(order, order)], 1e-3, y[order], np.bincount(folds))
    np.testing.assert_allclose(coefficients, (inverse @ y)[order], atol=1e-7)
    factored = R.factored_fold_residuals(R.kernel_factors(kernel.copy()), y, folds, 1e-3)
    np.testing.assert_allclose(factored, got, atol=1e-8)
    for fold in range(6):
        train, test = folds != fold, folds == fold
        weights = np.linalg.solve(kernel[np.ix_(train, train)] + 1e-3 * np.eye(train.sum()), y[train])
        np.testing.assert_allclose(got[test], y[test] - kernel[np.ix_(test, train)] @ weights, atol=1e-8)


def test_a_kernel_that_is_indefinite_is_told():
    with pytest.raises(np.linalg.LinAlgError, match="positive definite"):
        fold_residuals(-np.eye(4), 1e-3, np.ones((4, 1)), np.array([2, 2]))


def test_leave_one_out_losses_equal_refitting(data):
    x, y, _ = data
    kernel = matern52(squared_distances(x, x), 4.0) + 10.0
    losses = R.kernel_losses(R.kernel_factors(kernel.copy()), y, np.arange(60))
    strength, want = R.STRENGTHS[5], 0.0
    for i in range(60):
        train = np.arange(60) != i
        weights = np.linalg.solve(kernel[np.ix_(train, train)] + strength * np.eye(59), y[train])
        want += ((y[i] - kernel[i, train] @ weights) ** 2).sum()
    assert losses[5] == pytest.approx(want, rel=1e-6)


def test_cluster_losses_leave_whole_clusters_out(data):
    x, y, _ = data
    kernel = matern52(squared_distances(x, x), 4.0) + 10.0
    clusters = np.arange(60) // 3
    got = R.kernel_losses(R.kernel_factors(kernel.copy()), y, clusters)[4]
    want = (R.factored_fold_residuals(R.kernel_factors(kernel.copy()), y, clusters, R.STRENGTHS[4]) ** 2).sum()
    assert got == pytest.approx(want, rel=1e-6)


@pytest.mark.parametrize("few", [2500, 7])  # rows whose features are taken at a time
@pytest.mark.parametrize("n_features", [5, 30])  # folds of more rows than features, and of fewer
def test_feature_residuals_equal_refitting(data, rng, n_features, few, monkeypatch):
    monkeypatch.setattr("conjugacy.numerics.feature_folds.AT_ONCE", few)
    x, y, folds = data
    x = np.tanh(x @ rng.standard_normal((5, n_features)))
    got = feature_fold_residuals(x.copy(), y, folds, 0.1)
    by_sums = many_fold_residuals(x.__getitem__, lambda c: lambda rows: x[rows] @ c, y, folds, 0.1)
    np.testing.assert_allclose(by_sums, got, atol=1e-10)
    train, test = folds != 2, folds == 2
    weights = np.linalg.solve(x[train].T @ x[train] + 0.1 * np.eye(n_features), x[train].T @ y[train])
    np.testing.assert_allclose(got[test], y[test] - x[test] @ weights, atol=1e-10)


def test_matern_kernel_closed_form():
    r = np.sqrt(5.0) * 2.0 / 3.0
    want = (1 + r + r * r / 3) * np.exp(-r)
    assert matern52(np.array([[4.0]]), 9.0)[0, 0] == pytest.approx(want, rel=1e-14)


@pytest.mark.parametrize("n_units", [3, 40])  # fewer directions than rows in a fold, and more
def test_a_longer_fold_after_the_first_ones_changes_nothing_for_them(rng, n_units):
    x, y = rng.standard_normal((60, n_units)), rng.standard_normal((60, 2))
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    folds = R.RidgeFolds.of(R.ridge_factors(x), np.repeat([0, 1, 2], [10, 14, 36]))
    first, told = folds.first(20), folds.factors.u.T @ y
    assert len(first.rows) == 2
    whole = folds.residuals_at(y, np.zeros(2), told, 1e-2)
    np.testing.assert_allclose(first.residuals_at(y, np.zeros(2), told, 1e-2), whole[:2, :14], atol=1e-12)
    assert not whole[:2, 14:].any()
    assert folds.choose(y) in R.STRENGTHS


def test_directions_that_a_map_does_not_keep_are_left_out(rng):
    x = rng.standard_normal((60, 8)) @ np.diag(10.0 ** -np.arange(8))
    x, y = x - x.mean(axis=0), rng.standard_normal((60, 2))
    factors, folds = R.ridge_factors(x), np.arange(60) % 6
    few = factors.mapped_at(1e-2)
    assert 1 < len(few.s) == few.u.shape[1] == few.vt.shape[0] < 8
    whole = R.RidgeFolds.of(factors, folds).residuals(y - y.mean(axis=0), 1e-2)
    np.testing.assert_allclose(R.ridge_fold_residuals(factors, y - y.mean(axis=0), folds, 1e-2), whole, atol=1e-5)
    assert len(factors.mapped_at(1e9).s) == 1
