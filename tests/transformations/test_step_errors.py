"""Errors of the next point over time: they add up to the test's own, and tell a partner from none."""

from __future__ import annotations

import numpy as np
import pytest

from conjugacy.transformations.next_point import NextPoint
from conjugacy.transformations.step_errors import MOST_TIMES, step_errors


def turning(rng, trials=24, points=40):
    start = rng.standard_normal((trials, 1)) + 1j * rng.standard_normal((trials, 1))
    z = start * np.exp((0.4j - 0.01) * np.arange(points))
    return np.stack([z.real, z.imag], axis=-1)


@pytest.fixture(scope="module")
def tests():
    """One system twice, and two whose trials do not belong together."""
    rng = np.random.default_rng(0)
    x, y = turning(rng), turning(rng)
    courses = np.arange(len(x))
    view = rng.standard_normal((2, 3))
    return NextPoint(tuple(x), tuple(x @ view), None, courses), NextPoint(tuple(x), tuple(y), None, courses)


def test_they_add_up_to_the_errors_of_the_test(tests):
    test = tests[1]
    found, split = step_errors(test, 0.5), test.splits[0]
    cross, least, alone, total = (x.sum() for x in split.errors(0, 1))
    # trials are of one length: every time counts as many of them
    for curve, whole in zip(found.a_to_b[:, 0], (cross, least, alone), strict=True):
        assert curve.mean() == pytest.approx(whole / total)
    assert found.trials == len(split.judged)
    np.testing.assert_allclose(found.times, 0.5 * np.arange(split.tried[-1] + 1, 40))


def test_a_partner_tells_all_and_a_stranger_nothing(tests):
    one, two = (step_errors(test, 1.0) for test in tests)
    for way in (one.a_to_b, one.b_to_a):
        assert way[0, 0].max() < 0.01
        assert way[2, 0].min() > 0.1
    for way in (two.a_to_b, two.b_to_a):
        assert way[0, 0].mean() > 0.5
        assert way[1, 0].max() < 0.01


def test_intervals_hold_their_means_and_are_the_same_every_time(tests):
    found, again = (step_errors(tests[1], 1.0) for _ in range(2))
    for way, same in ((found.a_to_b, again.a_to_b), (found.b_to_a, again.b_to_a)):
        np.testing.assert_array_equal(way, same)
        mean, low, high = way[:, 0], way[:, 1], way[:, 2]
        assert (low <= mean).all()
        assert (mean <= high).all()
        assert (high[0] > low[0]).all()


@pytest.mark.slow
def test_long_and_unequal_trials_are_averaged_in_runs():
    rng = np.random.default_rng(1)
    x = turning(rng, 12, 350)
    cut = tuple(trial[: 200 + 10 * i] for i, trial in enumerate(x))
    found = step_errors(NextPoint(cut, tuple(t[:, ::-1] for t in cut), None, np.arange(12), delays=2), 1.0)
    assert len(found.times) <= MOST_TIMES
    assert (np.diff(found.times) > 0).all()
    assert np.isfinite(found.a_to_b[:, 0]).all()
