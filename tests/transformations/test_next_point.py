"""Windows of the next point: as short as will do, and longer where none does."""

from __future__ import annotations

import numpy as np

from conjugacy.transformations.next_point import NextPoint


def turning(rng, planes, trials=24, points=50):
    """Run damped rotations side by side, (trials, points, 2 planes)."""
    speeds = np.linspace(0.2, 0.9, planes)
    start = rng.standard_normal((trials, 1, planes)) + 1j * rng.standard_normal((trials, 1, planes))
    z = start * np.exp((1j * speeds - 0.01) * np.arange(points)[:, None])
    return np.concatenate([z.real, z.imag], axis=-1)


def looks(rng, x, units, noise):
    weights = rng.standard_normal((2, x.shape[-1], units)) / np.sqrt(x.shape[-1])
    return (tuple(x @ w + noise * rng.standard_normal((*x.shape[:2], units))) for w in weights)


def test_windows_grow_where_two_units_show_ten_dimensions_through_noise(rng):
    x = turning(rng, 5)
    test = NextPoint(*looks(rng, x, 2, 0.2), None, np.arange(len(x)))
    assert test.splits[0].tried[-1] == 24
    assert max(test.points_across(0), test.points_across(1)) == 25
    short = NextPoint(test.a, test.b, None, test.courses, delays=13)
    assert sum(test.excess(i, 1 - i)[0].high for i in (0, 1)) < sum(short.excess(i, 1 - i)[0].high for i in (0, 1))


def test_windows_stay_short_where_the_state_is_seen(rng):
    x = turning(rng, 1)
    test = NextPoint(*looks(rng, x, 4, 0.0), None, np.arange(len(x)))
    assert test.splits[0].tried == (0, 1, 3, 7, 12)
    assert test.points(0) == 1
    assert NextPoint(test.a, test.b, None, test.courses, delays=4).splits[0].tried == (3,)
