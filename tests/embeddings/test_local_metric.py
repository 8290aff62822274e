"""Distances in the world: exact for linear instruments, to higher order for bent ones, refused where ends do not agree."""

import numpy as np
import pytest
from instruments import bursts, jacobians, mushroom, polar, square

from conjugacy.embeddings import LocalMetric
from conjugacy.errors import InputError, NotFiniteError, ShapeError


def pairs(rng, n, count=200):
    i = rng.integers(0, n, count)
    return i, (i + 1 + rng.integers(0, n - 1, count)) % n


def test_a_linear_instrument_is_undone_exactly(rng):
    j = rng.standard_normal((5, 3))
    s = rng.standard_normal((50, 3))
    metric = LocalMetric.from_jacobians(np.tile(j, (50, 1, 1)))
    p, q = pairs(rng, 50)
    np.testing.assert_allclose(metric.squared(s @ j.T, p, q), ((s[p] - s[q]) ** 2).sum(axis=1), rtol=1e-9)


def test_the_error_falls_with_the_fourth_power(rng):
    errors = []
    for size in (0.1, 0.05):
        s = square(rng, 300)
        t = s + size * np.array([0.6, 0.8])
        both = np.concatenate([s, t])
        metric = LocalMetric.from_jacobians(jacobians(mushroom, both))
        found = metric.squared(mushroom(both), np.arange(300), 300 + np.arange(300))
        good = np.isfinite(found)
        errors.append(np.median(np.abs(found[good] - size**2)))
    assert errors[0] / errors[1] > 11  # 16 in the limit


def test_bursts_covariances_and_derivatives_agree(rng):
    s = square(rng, 40)
    exact = LocalMetric.from_jacobians(jacobians(polar, s))
    cloud = bursts(rng, polar, s, 4000, 1e-3)
    by_burst = LocalMetric.from_bursts(cloud, 1e-3, 2)
    covariances = np.stack([np.cov(x, rowvar=False) for x in cloud]) / 1e-6
    by_covariance = LocalMetric.from_covariances(covariances, 2)
    for other in (by_burst, by_covariance):
        np.testing.assert_allclose(other.gains, exact.gains, rtol=0.08)
    np.testing.assert_allclose(by_burst.gains, by_covariance.gains, rtol=1e-6)


def test_the_number_of_coordinates_is_read_from_the_fall(rng):
    s = square(rng, 60)
    metric = LocalMetric.from_bursts(bursts(rng, polar, s, 200, 1e-3), 1e-3)
    assert metric.d == 2
    assert metric.gap > 30


def test_offsets_normal_to_the_tangents_are_no_short_cuts():
    t = np.array([0.0, np.pi])  # two ends of a circle's diameter, their tangents parallel
    x = np.stack([np.cos(t), np.sin(t)], axis=1)
    j = np.stack([-np.sin(t), np.cos(t)], axis=1)[:, :, None]
    assert np.isinf(LocalMetric.from_jacobians(j).squared(x, np.array([0]), np.array([1]))).all()


def test_rows_where_the_world_does_not_show_have_no_distances():
    j = np.tile(np.eye(2), (4, 1, 1))
    j[1] = [[1.0, 0.0], [0.0, 0.0]]
    metric = LocalMetric.from_jacobians(j, 2)
    assert metric.flat.tolist() == [False, True, False, False]
    found = metric.squared(np.arange(8.0).reshape(4, 2), np.array([0, 0]), np.array([1, 2]))
    assert np.isinf(found[0])
    assert np.isfinite(found[1])


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: LocalMetric.from_jacobians(np.ones((3, 2))), ShapeError, "rows, units"),
        (lambda: LocalMetric.from_jacobians(np.full((3, 2, 1), np.nan)), NotFiniteError, "NaN"),
        (lambda: LocalMetric.from_jacobians(np.zeros((3, 2, 1))), InputError, "nothing moves"),
        (lambda: LocalMetric.from_jacobians(np.ones((3, 2, 1)), 2), InputError, "show 1 directions"),
        (lambda: LocalMetric.from_covariances(np.ones((3, 2, 1))), ShapeError, "units, units"),
        (lambda: LocalMetric.from_bursts(np.ones((3, 2, 4)), 0.1, 2), InputError, "expected more than 2"),
        (lambda: LocalMetric.from_bursts(np.ones((3, 9, 4)), 0.0), InputError, "size of a burst"),
    ],
)
def test_what_gives_no_metric_is_refused(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_derivatives_know_the_worlds_axes(rng):
    j = rng.standard_normal((20, 7, 2)) * [1.0, 0.2]
    metric = LocalMetric.from_jacobians(j)
    again = np.einsum("mnd,md,mpd->mnp", metric.tangents, metric.gains, metric.frames)
    np.testing.assert_allclose(again, j, atol=1e-12)
    np.testing.assert_array_equal(metric.take(np.array([3, 1])).frames, metric.frames[[3, 1]])
    assert LocalMetric.from_jacobians(j, 1).frames is None  # a part of the world has no axes of its own
    assert LocalMetric.from_covariances(j @ j.mT, 2).frames is None
