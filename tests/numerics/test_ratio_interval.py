"""Intervals of ratios: above skewed errors, at the edges, and the rows that carry them."""

import numpy as np
import pytest
from scipy.signal import lfilter

from conjugacy.numerics import ratio_interval as numerics
from conjugacy.numerics.ratio_interval import carried_by, difference_interval, log_ratio_interval, upper_of_few
from conjugacy.numerics.resample import bootstrap_counts, ratio_interval
from conjugacy.numerics.runs import runs_of

COUNTS = bootstrap_counts(100, 400, 0)


def test_skewed_errors_lie_above_seldom():
    rng, ones = np.random.default_rng(0), np.ones(100)
    mean = np.exp(0.5)
    above = [[], []]
    for _ in range(300):
        errors = rng.lognormal(0.0, 1.0, 100)
        above[0].append(mean > log_ratio_interval(COUNTS, errors, ones)[1])
        above[1].append(mean > ratio_interval(COUNTS, errors, ones)[1])
    assert np.mean(above[0]) <= 0.03
    assert np.mean(above[1]) >= 0.06


def test_even_errors_keep_a_narrow_interval(rng):
    errors = rng.chisquare(20, 100) / 20
    low, high = log_ratio_interval(COUNTS, errors, np.ones(100))
    old = ratio_interval(COUNTS, errors, np.ones(100))
    assert high - low < 1.4 * (old[1] - old[0])
    assert low < errors.mean() < high


def test_scales_do_not_matter_and_levels_do(rng):
    errors, totals = rng.exponential(size=100), 1.0 + rng.random(100)
    low, high = log_ratio_interval(COUNTS, errors, totals)
    np.testing.assert_allclose(
        log_ratio_interval(COUNTS, 1e-9 * errors, 1e6 * totals), np.array([low, high]) * 1e-15, rtol=1e-6
    )
    wide = log_ratio_interval(COUNTS, errors, totals, 0.99)
    assert wide[0] < low < high < wide[1]


def test_one_row_that_carries_all_may_be_five_rows():
    errors = np.zeros(100)
    errors[3] = 2.0
    low, high = log_ratio_interval(COUNTS, errors, np.ones(100))
    assert high == pytest.approx(5.572 * 0.02, rel=1e-3)
    assert 0.0 < low < 0.02
    assert carried_by(errors, np.ones(100)) < 1.2


def test_nothing_left_and_nothing_there():
    ones = np.ones(100)
    assert log_ratio_interval(COUNTS, np.zeros(100), ones) == (0.0, 0.0)
    assert log_ratio_interval(COUNTS, 0.25 * ones, ones) == (0.25, 0.25)
    assert np.isnan(log_ratio_interval(COUNTS, ones, np.zeros(100))).all()
    assert np.isnan(difference_interval(COUNTS, ones, np.zeros(100))).all()
    assert difference_interval(COUNTS, np.zeros(100), ones) == (0.0, 0.0)


def test_a_difference_may_be_negative_and_covers_its_mean():
    rng, hits = np.random.default_rng(1), 0
    for _ in range(200):
        low, high = difference_interval(COUNTS, rng.normal(-0.2, 1.0, 100), np.ones(100))
        hits += low < -0.2 < high
    assert 182 <= hits <= 198


def test_the_truth_is_rarely_above_the_upper_end_of_few_runs():
    above = open_ones = 0
    for seed in range(150):
        steps = np.random.default_rng(seed).standard_normal(500)
        e = np.sqrt(1 - 0.97**2) * lfilter([1.0], [1.0, -0.97], steps)[400:]  # a hundred rows, a memory of thirty
        squares = e**2
        count = int(runs_of(np.arange(100), squares - squares.mean()).max()) + 1
        if count < 10:
            open_ones += 1
            above += squares.mean() * upper_of_few(count / 2) < 1.0
    assert open_ones > 120
    assert above <= 0.03 * open_ones


@pytest.mark.parametrize("apart", [1e-2, 1e-3, 1e-4, 1e-5])
def test_errors_that_are_nearly_proportional_to_totals_have_a_short_interval(apart: float) -> None:
    rng = np.random.default_rng(0)
    totals = rng.exponential(size=1000)
    errors = 0.04 * totals * (1.0 + apart * rng.normal(size=1000))
    low, high = log_ratio_interval(bootstrap_counts(1000, 1000, 0), errors, totals)
    ratio = errors.sum() / totals.sum()
    spread = ratio * apart * np.sqrt((totals**2).sum()) / totals.sum()
    assert ratio - 3.0 * spread < low < ratio < high < ratio + 3.0 * spread


SHAPES = {
    "even": lambda rng, t: t * rng.chisquare(20, len(t)),
    "exponential": lambda rng, t: rng.exponential(1e-9, len(t)),
    "skewed": lambda rng, t: rng.lognormal(0.0, 2.0, len(t)),
    "often none": lambda rng, t: rng.exponential(size=len(t)) * (rng.random(len(t)) < 0.3),
    "one in twenty threefold": lambda rng, t: t * np.where(rng.random(len(t)) < 0.05, 3.0, 1.0),
    "nearly proportional": lambda rng, t: t * (1.0 + 10.0 ** rng.uniform(-6, -0.7) * rng.standard_normal(len(t))),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_single_precision_moves_no_end(shape, monkeypatch):
    counts, single = bootstrap_counts(1000, 400, 1), 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        totals = (np.ones(1000), 0.1 + rng.random(1000), rng.lognormal(0.0, 1.5, 1000))[seed % 3]
        errors = SHAPES[shape](rng, totals)
        found = log_ratio_interval(counts, errors, totals)
        with monkeypatch.context() as doubled:
            doubled.setattr(numerics, "CLEAR", np.inf)
            low, high = log_ratio_interval(counts, errors, totals)
        single += found != (low, high)
        np.testing.assert_allclose(found, (low, high), rtol=0, atol=1e-4 * (high - low))
    assert single >= (0 if shape == "skewed" else 3)


@pytest.mark.parametrize("carriers", [15, 18])
def test_draws_without_what_carries_all_are_no_rounding(carriers, monkeypatch):
    counts = bootstrap_counts(2000, 1000, 2)
    for seed in range(300):
        at = np.random.default_rng(seed).permutation(2000)[: 2 * carriers]
        errors, totals = np.zeros(2000), np.full(2000, 1e-9)
        errors[at[:carriers]], totals[at[carriers:]] = 0.01, 1.0
        found = log_ratio_interval(counts, errors, totals)  # without a warning
        with monkeypatch.context() as doubled:
            doubled.setattr(numerics, "CLEAR", np.inf)
            low, high = log_ratio_interval(counts, errors, totals)
        np.testing.assert_allclose(found, (low, high), rtol=0, atol=1e-4 * (high - low))
