"""How unevenly states move: not of the speed, nor of a linear instrument, and of the waveform."""

from __future__ import annotations

import numpy as np

from conjugacy.data import Trajectories
from conjugacy.dynamics.pace import Pace, uneven_distance


def turns(rng, speed=1.0, uneven=0.0, view=None, trials=6, points=150):
    """Return circles whose angle moves at this speed, in fits and starts where it is uneven."""
    t = 0.1 * speed * np.arange(points) + rng.uniform(0, 2 * np.pi, (trials, 1))
    angle = t + uneven * np.sin(2 * t)
    x = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    return Trajectories(x if view is None else x @ view, dt=0.1)


def test_speed_and_linear_views_do_not_matter(rng):
    view = rng.standard_normal((2, 7))
    one = Pace.of(turns(rng, uneven=0.35)).uneven()
    assert uneven_distance(one, Pace.of(turns(rng, 1.4, 0.35)).uneven()) < 0.1
    assert uneven_distance(one, Pace.of(turns(rng, uneven=0.35, view=view)).uneven()) < 0.1


def test_a_waveform_does(rng):
    even, uneven = (Pace.of(turns(rng, uneven=k)).uneven() for k in (0.0, 0.35))
    assert uneven_distance(even, uneven) > np.log(1.3)


def test_what_rests_stays_finite(rng):
    still = np.concatenate([rng.standard_normal((4, 20, 3)), np.ones((4, 80, 3))], axis=1)
    assert np.isfinite(Pace.of(Trajectories(still)).uneven()).all()


def test_many_time_points_are_cut_to_whole_trials(rng):
    assert len(Pace.of(turns(rng, trials=90)).steps) == 26  # 4000 time points
