"""Bounds of unexplained fractions where few rows carry the error."""

import numpy as np
import pytest

from conjugacy.numerics.ratio_bounds import Ratios


def fractions(errors, values):
    return Ratios.of(errors**2, values**2, np.ones(len(values)))


@pytest.mark.parametrize("tails", ["normal", "t3"])
def test_at_the_margin_neither_is_shown(rng, tails):
    runs, rows = 1500, 300
    errors = {"normal": rng.standard_normal, "t3": lambda s: rng.standard_t(3, s) / np.sqrt(3)}[tails]((rows, runs))
    low, high = fractions(np.sqrt(0.05) * errors, rng.standard_normal((rows, runs))).bounds()
    assert (high < 0.05).mean() <= 0.025
    assert (low > 0.05).mean() <= 0.025


def test_away_from_it_2000_rows_decide(rng):
    errors, values = rng.standard_normal((2000, 100)), rng.standard_normal((2000, 100))
    assert (fractions(np.sqrt(0.025) * errors, values).bounds()[1] < 0.05).all()
    assert (fractions(np.sqrt(0.075) * errors, values).bounds()[0] > 0.05).all()


def test_scale_does_not_matter_and_the_chance_meets_the_bound(rng):
    errors, values = rng.standard_normal((200, 2)) * 0.3, rng.standard_normal((200, 2))
    one, loud = fractions(errors, values), fractions(3e6 * errors, 3e6 * values)
    np.testing.assert_allclose(one.bounds(), loud.bounds())
    low = one.bounds()[0]
    assert one.chance_outside(float(low[1]))[1] == pytest.approx(0.025)


def test_what_cannot_be_told_from_nothing_has_no_upper_bound():
    values = np.array([[1e3], [1e-3], [1e-3]])
    assert np.isinf(fractions(values, values).bounds()[1][0])


def test_more_rows_narrow_it(rng):
    one = fractions(0.3 * rng.standard_normal((100, 1)), rng.standard_normal((100, 1)))
    few, many = np.ptp(one.bounds(), axis=0)[0], np.ptp(one.repeated(np.array([100.0])).bounds(), axis=0)[0]
    assert many < few / 8
