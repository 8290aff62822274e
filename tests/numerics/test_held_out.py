import numpy as np

from conjugacy.numerics.held_out import without_each_fold


def test_remaining_moments_are_those_of_the_training_rows():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(53, 4)), rng.normal(size=(53, 3))
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    folds = rng.integers(0, 5, size=53)
    for fold, rest in enumerate(without_each_fold(x, y, folds)):
        train = folds != fold
        cx, cy = x[train] - x[train].mean(axis=0), y[train] - y[train].mean(axis=0)
        np.testing.assert_array_equal(rest.test, np.flatnonzero(~train))
        np.testing.assert_allclose(rest.mean_x, x[train].mean(axis=0), atol=1e-14)
        np.testing.assert_allclose(rest.mean_y, y[train].mean(axis=0), atol=1e-14)
        np.testing.assert_allclose(rest.squares_x, (cx**2).sum(axis=0), rtol=1e-12)
        np.testing.assert_allclose(rest.squares_y, (cy**2).sum(axis=0), rtol=1e-12)
        np.testing.assert_allclose(rest.product, cx.T @ cy, atol=1e-12)
