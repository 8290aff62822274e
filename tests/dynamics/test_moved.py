"""How long until states have moved."""

from __future__ import annotations

import numpy as np

from conjugacy.dynamics.moved import common_lag, cycles, falling_lag, lag_of_moving


def test_a_circle_by_hand(rng):
    t = 0.05 * np.arange(400) + rng.uniform(0, 2 * np.pi, (8, 1))
    trials = list(np.stack([np.cos(t), np.sin(t)], axis=-1))
    assert abs(falling_lag(trials) - np.arccos(0.3) / 0.05) <= 1  # cosines fall to .3
    assert abs(lag_of_moving(trials) - 2 * np.arcsin(0.35 / 2) / 0.05) < 0.1
    assert common_lag(trials, trials) == np.ceil(lag_of_moving(trials))
    assert abs(cycles(trials) - 20 / (2 * np.pi)) < 0.15


def test_what_only_decays_goes_round_never(rng):
    trials = [rng.standard_normal(2) * np.exp(-0.05 * np.arange(60))[:, None] for _ in range(12)]
    assert cycles(trials) is None


def test_white_noise_falls_at_once(rng):
    assert falling_lag([rng.standard_normal((40, 3)) for _ in range(20)]) == 1
