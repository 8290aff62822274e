"""How states come back: what running trials backwards, or taking them in another order, may not change."""

from __future__ import annotations

import numpy as np

from conjugacy.data import Trajectories
from conjugacy.dynamics.recurrence import WEIGHTS, recurrence


def wandering(rng):
    return [np.cumsum(rng.standard_normal((60, 3)), axis=0) for _ in range(8)]


def by_name(trials):
    return dict(zip(WEIGHTS, recurrence(Trajectories(trials)).mean, strict=True))


def test_backwards_the_rise_of_density_changes_its_sign_and_nothing_else_changes(rng):
    trials = wandering(rng)
    forth, back = by_name(trials), by_name([x[::-1] for x in trials])
    for name in WEIGHTS:
        if name == "climb":
            np.testing.assert_allclose(forth[name], -back[name], atol=1e-12)
        elif name == "climb_skew":
            np.testing.assert_allclose(forth[name] ** 3, -(back[name] ** 3), atol=1e-12)
        else:
            np.testing.assert_allclose(forth[name], back[name], atol=1e-12)
    assert np.abs(forth["climb_skew"] - back["climb_skew"]).max() > 0.01


def test_the_order_of_trials_does_not_matter(rng):
    trials = wandering(rng)
    one, other = by_name(trials), by_name(trials[::-1])
    for name in WEIGHTS:
        np.testing.assert_allclose(one[name], other[name], atol=1e-12 if name != "climb_skew" else 1e-4)
