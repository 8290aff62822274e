"""Bounds of shares and of paired differences: against other software, a textbook, and all outcomes there are."""

import numpy as np
import pytest
from scipy.special import gammaln, xlogy
from scipy.stats import binomtest

from conjugacy.numerics.proportions import bounds_of_rise, chance_inside, chance_outside


def one(*values):
    return [np.array([float(v)]) for v in values]


@pytest.mark.parametrize(("hits", "rows"), [(0, 72), (3, 100), (62, 2000), (50, 50)])
def test_a_share_has_clopper_and_pearsons_interval(hits, rows):
    low, high = bounds_of_rise(*one(hits, 0, rows), np.array([False]))
    there = binomtest(hits, rows).proportion_ci(0.95, method="exact")
    assert (low[0], high[0]) == pytest.approx((there.low, there.high), abs=1e-9)


@pytest.mark.parametrize(("hits", "rows", "margin"), [(9, 100, 0.05), (0, 300, 0.01), (40, 300, 0.1)])
def test_the_chances_of_a_share_are_binomial(hits, rows, margin):
    out = chance_outside(*one(hits, 0, rows, margin), np.array([False]))[0]
    assert out == pytest.approx(binomtest(hits, rows, margin, "greater").pvalue, abs=1e-12)
    assert chance_inside(*one(hits, 0, rows, margin))[0] == pytest.approx(
        binomtest(hits, rows, margin, "less").pvalue, abs=1e-12
    )


def test_no_difference_is_tested_as_mcnemar_does():
    out = chance_outside(*one(14, 5, 300, 0), np.array([True]))[0]
    assert out == pytest.approx(binomtest(14, 19, 0.5, "greater").pvalue, abs=1e-9)


def test_the_approval_of_a_prime_minister():
    """Agresti (Categorical Data Analysis, table of 1600 people asked twice): 150 turned away, 86 came: .040 [.021, .059]."""
    low, high = bounds_of_rise(*one(150, 86, 1600), np.array([True]))
    assert (low[0], high[0]) == pytest.approx((0.021, 0.059), abs=1e-3)


def test_bounds_are_where_the_chances_reach_the_level(rng):
    rows = rng.integers(30, 3000, 200).astype(float)
    up, down = rng.binomial(rows.astype(int), 0.04).astype(float), rng.binomial(rows.astype(int), 0.03).astype(float)
    low, high = bounds_of_rise(up, down, rows, np.ones(200, dtype=bool))
    np.testing.assert_allclose(chance_inside(up, down, rows, high), 0.025, atol=1e-4)
    np.testing.assert_allclose(chance_outside(up, down, rows, low, np.ones(200, dtype=bool)), 0.025, atol=1e-4)
    mirrored = bounds_of_rise(down, up, rows, np.ones(200, dtype=bool))
    np.testing.assert_allclose((-mirrored[1], -mirrored[0]), (low, high), atol=1e-12)


@pytest.mark.parametrize(("rows", "margin"), [(80, 0.05), (150, 0.01)])
def test_the_error_over_all_outcomes_is_at_most_the_level(rows, margin):
    """Whatever the share of opposite changes, a rise on its margin is shown inside in at most 2.5 %, and outside too."""
    up, down = (v.ravel() for v in np.mgrid[:36, :36])
    fit = up + down <= rows
    up, down = up[fit].astype(float), down[fit].astype(float)
    given = np.full(len(up), float(rows)), np.full(len(up), margin)
    inside = chance_inside(up, down, *given) <= 0.025
    outside = chance_outside(up, down, *given, np.ones(len(up), dtype=bool)) <= 0.025
    ways = gammaln(rows + 1) - gammaln(up + 1) - gammaln(down + 1) - gammaln(rows - up - down + 1)
    for back in (0.0, 0.005, 0.02, 0.05):
        worse = back + margin
        chance = np.exp(ways + xlogy(up, worse) + xlogy(down, back) + (rows - up - down) * np.log(1 - worse - back))
        assert chance.sum() == pytest.approx(1, abs=1e-3)
        assert chance[inside].sum() <= 0.025
        assert chance[outside].sum() <= 0.025


def test_many_rows_give_the_normal_interval():
    low, high = bounds_of_rise(*one(6000, 5000, 200_000), np.array([True]))
    half = 1.96 * np.sqrt(11_000) / 200_000
    assert (high[0] - low[0]) / 2 == pytest.approx(half, rel=0.01)
