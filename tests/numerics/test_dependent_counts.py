"""Rows that depend on each other: a bound at its margin is wrong in at most the level, whatever depends on each other how."""

import numpy as np
import pytest

from conjugacy.numerics.dependent_counts import independent, worth_of_rows
from conjugacy.numerics.proportions import chance_inside, chance_outside


def drawn(rng, rate, clusters, size, alike, runs=1500):
    """Changes of every cluster in many runs, the rates of clusters spread by a beta with this correlation."""
    if alike == 0:
        return rng.binomial(size, rate, (runs, clusters))
    if alike == 1:
        return size * rng.binomial(1, rate, (runs, clusters))
    spread = (1 - alike) / alike
    return rng.binomial(size, rng.beta(rate * spread, (1 - rate) * spread, (runs, clusters)))


def shares_shown(changes, size, margin):
    """Share of runs that show the rate inside and outside."""
    runs, clusters = changes.shape
    of = np.repeat(np.arange(runs), clusters)
    flat = changes.ravel().astype(float)
    worth = worth_of_rows(of, flat, flat, np.full(flat.size, float(size)), runs)
    scale = worth.scale(0.025)
    up, rows = changes.sum(axis=1) * scale, clusters * size * scale
    given = up, np.zeros(runs), rows, np.full(runs, margin)
    return (chance_inside(*given) <= 0.025).mean(), (chance_outside(*given, np.zeros(runs, bool)) <= 0.025).mean()


@pytest.mark.parametrize("alike", [0, 0.02, 0.1, 0.3, 1])
@pytest.mark.parametrize(("clusters", "size"), [(12, 500), (40, 50), (100, 20)])
def test_at_the_margin_neither_is_shown(rng, clusters, size, alike):
    inside, outside = shares_shown(drawn(rng, 0.05, clusters, size, alike), size, 0.05)
    assert max(inside, outside) <= 0.025 + 3 * np.sqrt(0.025 * 0.975 / 1500)


def test_away_from_it_many_clusters_decide(rng):
    assert shares_shown(drawn(rng, 0.02, 100, 20, 0.02, 200), 20, 0.05)[0] > 0.9
    assert shares_shown(drawn(rng, 0.1, 100, 20, 0.1, 200), 20, 0.05)[1] > 0.9


def test_single_rows_are_worth_themselves():
    parts = np.zeros(300, dtype=int), np.zeros(300), np.zeros(300), np.ones(300)
    assert worth_of_rows(*parts, 1).scale(0.025)[0] == independent(1).scale(0.025)[0] == 1


def test_clusters_that_changed_as_a_whole_are_worth_one_row_each():
    whole = np.where(np.arange(200) < 20, 10.0, 0.0)
    worth = worth_of_rows(np.zeros(200, dtype=int), whole, whole, np.full(200, 10.0), 1)
    assert worth.inflation[0] == pytest.approx(10, rel=0.02)
    assert worth.scale(0.025)[0] * 2000 == pytest.approx(200, rel=0.04)


def test_one_cluster_bounds_nothing():
    worth = worth_of_rows(np.zeros(1, dtype=int), np.zeros(1), np.zeros(1), np.full(1, 5000.0), 1)
    assert 5000 * worth.scale(0.025)[0] < 1
