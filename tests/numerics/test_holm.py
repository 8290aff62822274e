"""Many tests at once: Holm's steps, with and without weights."""

import numpy as np

from conjugacy.numerics.holm import holm


def test_holm_against_its_definition():
    p = np.array([0.01, 0.02, 0.5, 0.004])
    np.testing.assert_allclose(holm(p), [0.03, 0.04, 0.5, 0.016])


def test_weighted_steps_against_their_definition(rng):
    p, weights = rng.random(8) ** 3, rng.random(8)
    left, rejected = list(range(8)), set()
    while left:  # the smallest p over its weight is held against its share of what is left of the level
        i = min(left, key=lambda j: p[j] / weights[j])
        if p[i] > 0.1 * weights[i] / weights[left].sum():
            break
        rejected.add(i)
        left.remove(i)
    assert set(np.flatnonzero(holm(p, weights) <= 0.1)) == rejected
