"""What a few coordinates tell of many columns, each column as is best for it."""

from __future__ import annotations

import numpy as np

from conjugacy.transformations.common.smooth import smooth


def test_each_column_takes_the_plainest_map_that_does(rng):
    t = rng.standard_normal((300, 2))
    y = np.column_stack([rng.standard_normal(300), 3 * t[:, 0] + 0.1 * rng.standard_normal(300), np.sin(2 * t[:, 1])])
    found = smooth(t, y)
    assert np.allclose(found.slopes[:, 0], 0)
    assert np.isclose(found.slopes[0, 1] / t[:, 0].std(), 3, atol=0.03)
    left = (found.left_out**2).mean(axis=0) / y.var(axis=0)
    assert left[0] > 0.95
    assert left[1] < 0.002
    assert left[2] < 0.02


def test_rows_that_a_linear_map_leaves_out_are_as_if_it_were_fitted_without_them(rng):
    t = rng.standard_normal((40, 2))
    y = t @ rng.standard_normal((2, 1)) + 0.5 * rng.standard_normal((40, 1))
    found = smooth(t, y)
    assert found.parts == ()
    for i in (0, 17):
        others = np.delete(np.column_stack([np.ones(40), t]), i, axis=0)
        coefficients = np.linalg.lstsq(others, np.delete(y, i, axis=0), rcond=None)[0]
        assert np.isclose(found.left_out[i, 0], (y[i] - np.r_[1.0, t[i]] @ coefficients)[0])


def test_rows_left_out_of_a_kernel_map_are_like_new_ones(rng):
    t, new = rng.standard_normal((400, 1)), rng.standard_normal((400, 1))
    y, fresh = (np.cos(3 * x) + 0.3 * rng.standard_normal(x.shape) for x in (t, new))
    found = smooth(t, y)
    assert len(found.parts) == 1
    assert np.isclose((found.left_out**2).mean(), ((fresh - found(new)) ** 2).mean(), rtol=0.2)
    assert np.allclose(found.as_map().apply(new), found(new))


def test_without_coordinates_the_mean_is_told(rng):
    y = rng.standard_normal((30, 2)) + 5
    found = smooth(np.zeros((30, 0)), y)
    assert np.allclose(found(np.zeros((3, 0))), y.mean(axis=0))
    assert np.allclose(found.left_out[4], y[4] - np.delete(y, 4, axis=0).mean(axis=0))
