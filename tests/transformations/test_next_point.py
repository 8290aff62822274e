"""Windows of the next point: as short as will do, and longer where none does."""

from __future__ import annotations

import numpy as np
import pytest

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


def shaken(rng, starts, noise, points=50):
    """Run one damped rotation from these starts, with noise of its own at every step, (trials, points, 2)."""
    z, out = starts, []
    for _ in range(points):
        out.append(z)
        z = 0.98 * np.exp(0.4j) * z + noise * (rng.standard_normal(len(z)) + 1j * rng.standard_normal(len(z)))
    z = np.stack(out, axis=1)
    return np.stack([z.real, z.imag], axis=-1)


@pytest.mark.slow
def test_what_noise_in_the_law_makes_half_a_trial_on_counts_at_its_upper_limit(rng):
    starts = rng.standard_normal(24) + 1j * rng.standard_normal(24)
    found = []
    for noise in (0.0, 0.1):
        a, b = looks(rng, shaken(rng, starts, noise), 4, 0.0)
        split = NextPoint(a, b, None, np.arange(24)).splits[0]
        half = split.growth(0, 25)
        assert half.low <= half.unexplained <= half.high
        # without a drive all that can be told is told by the past, so that both are shares of the same
        assert np.isclose(split.limits(0).later, min(1.0, max(0.0, half.high)), rtol=0.05, atol=1e-6)
        found.append(split.limits(0).later)
    assert found[0] < 0.01
    assert found[1] > 0.2
