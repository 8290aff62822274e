"""Recurrence curves as they are drawn: on a circle they come back after a turn, and time reversed climbs the other way."""

from __future__ import annotations

import numpy as np
import pytest

from conjugacy.data import Trajectories
from conjugacy.dynamics.curve_bands import DRAWN, recurrence_curves
from conjugacy.dynamics.unmatched import Halves


def halves(x, dt=0.2):
    return Halves.of(Trajectories(x, dt=dt), halvings=1, points=300)


def circles(rng, trials=8, points=60):
    phase = 0.2 * np.arange(points) + rng.uniform(0, 2 * np.pi, (trials, 1))
    return np.stack([np.cos(phase), np.sin(phase)], axis=-1)


def spirals(rng, trials=8, points=60):
    t = 0.2 * np.arange(points)
    z = rng.uniform(0.5, 2.0, (trials, 1)) * np.exp((1j - 0.15) * t + 2j * np.pi * rng.random((trials, 1)))
    return np.stack([z.real, z.imag], axis=-1)


@pytest.mark.slow
def test_a_circle_comes_back_after_a_turn_and_lies_within_its_own_bands(rng):
    found = recurrence_curves(halves(circles(rng)), halves(3.0 * circles(rng) + 1.0))
    mean = found.a.own[DRAWN.index("mean")]
    half, turn = (int(np.abs(found.times - t).argmin()) for t in (np.pi, 2 * np.pi))
    assert mean[half] > 0.8
    assert mean[turn] < 0.4
    for band in (found.a, found.b):
        assert (band.floor[0] <= band.own).all()
        assert (band.own <= band.floor[1]).all()
        assert (band.null[0] <= band.null[1]).all()
    # the same system, larger and moved: within what halves of either differ by, but for a little
    gap = np.maximum(found.a.floor[0] - found.b.own, found.b.own - found.a.floor[1])
    assert np.median(gap) < 0.05


def test_time_reversed_climbs_the_other_way(rng):
    x = spirals(rng)
    found = recurrence_curves(halves(x), halves(x[:, ::-1]))
    climb = DRAWN.index("climb")
    assert found.a.own[climb, -1] * found.b.own[climb, -1] < 0
    # and leaves what the system shows through other instruments
    low, high = found.a.null[:, climb]
    outside = (found.b.own[climb] < low) | (found.b.own[climb] > high)
    assert outside[-3:].all()
