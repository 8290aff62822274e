"""A series of few runs: a map that leaves hardly anything holds, nothing is refuted, and what holds is told."""

import numpy as np
import pytest

from conjugacy.transformations import Layer, judge, judge_series


def slow(m, rng, d=2):
    """Return numbers that wander so slowly that there are few blocks."""
    x = np.cumsum(rng.standard_normal((m, d)), axis=0)
    return (x - x.mean(axis=0)) / x.std(axis=0)


def climb(a, b, blocks):
    m = len(a)
    ends, of_blocks = (Layer(a), Layer(b)), np.arange(m) * blocks // m
    by_row = judge(*ends, np.arange(m), tolerance=0.05)
    return judge_series(judge(*ends, of_blocks, tolerance=0.05), by_row, np.arange(m))


@pytest.fixture
def series(rng):
    x = slow(160, rng)
    return (
        x @ rng.standard_normal((2, 8)),
        x @ rng.standard_normal((2, 6)),
        slow(160, rng) @ rng.standard_normal((2, 6)),
    )


def test_a_plain_map_holds_and_its_upper_end_is_wide(series):
    a, b, _ = series
    ladder = climb(a, b + 0.01 * slow(160, np.random.default_rng(0), 6), 4)  # errors last as long as states
    estimate, count = ladder.estimate(ladder.a_to_b, "affine"), ladder.standard.rests_on(ladder.a_to_b, "affine")
    assert ladder.standard.are_few(count)
    assert estimate.high >= 39 * estimate.unexplained
    assert ladder.rung == "affine"
    assert "chi-square" in ladder.runs_told[0]


def test_unrelated_series_are_not_shown_to_be_one(series):
    a, _, other = series
    ladder = climb(a, other, 4)
    assert ladder.rung is None
    assert all(ladder.determines(direction) != "holds" for direction in ladder.directions)


def test_few_groups_say_nothing_however_little_is_left(series):
    a, b, _ = series
    few = judge(Layer(a), Layer(b), np.arange(160) * 4 // 160, tolerance=0.05)
    assert few.standard.state(few.a_to_b, "affine") == "undecided"
