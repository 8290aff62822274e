"""Many tests at once: Holm's steps, with and without weights."""

import numpy as np
import pytest
from scipy.stats import binom

from conjugacy.numerics.holm import holm, holm_of_counts
from conjugacy.verdict.decisions.shares import possible_p


def test_holm_against_its_definition():
    p = np.array([0.01, 0.02, 0.5, 0.004])
    np.testing.assert_allclose(holm(p), [0.03, 0.04, 0.5, 0.016])


def test_weighted_steps_against_their_definition(rng):
    p, weights = rng.random(8) ** 3, rng.random(8)
    left, rejected = list(range(8)), set()
    while left:  # the smallest p over its weight is compared with its share of what is left of the level
        i = min(left, key=lambda j: p[j] / weights[j])
        if p[i] > 0.1 * weights[i] / weights[left].sum():
            break
        rejected.add(i)
        left.remove(i)
    assert set(np.flatnonzero(holm(p, weights) <= 0.1)) == rejected


def test_tests_of_few_rows_cost_the_others_nothing():
    p, two = np.array([0.001, *[0.25] * 49]), np.array([0.25, 0.75, 1.0])
    assert holm_of_counts(p, [None] + [two] * 49)[0] == 0.001
    assert holm(p)[0] == 0.05


def test_of_anything_it_is_holm(rng):
    p = rng.random(9) ** 3
    np.testing.assert_allclose(holm_of_counts(p, [None] * 9), holm(p))


@pytest.mark.slow
def test_a_true_hypothesis_is_seldom_rejected(rng):
    """Thirty sign tests of few rows, all of them true: any rejection is wrong."""
    rows = rng.integers(1, 40, 30)
    possible = [possible_p(int(n), 0.5) for n in rows]
    wrong, steps = 0, 0
    for _ in range(1000):
        up = rng.binomial(rows, 0.5)
        p = np.array([binom.sf(u - 1, n, 0.5) if u else 1.0 for u, n in zip(up, rows, strict=True)])
        wrong += bool((holm_of_counts(p, possible) <= 0.1).any())
        steps += bool((holm(p) <= 0.1).any())
    assert steps < wrong <= 125  # 100 and two and a half standard errors
