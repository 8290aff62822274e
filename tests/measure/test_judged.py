"""The null and the interval that every measure on rows has, where the truth is known."""

from __future__ import annotations

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.measure.judged import _stuck  # pyright: ignore[reportPrivateUsage]


def test_a_biased_value_of_independent_networks_is_calibrated_to_zero() -> None:
    measure, found = cj.get_measure("cka:debiased=false"), []
    for seed in range(12):
        x, y = np.random.default_rng(seed).standard_normal((2, 40, 200))
        found.append(measure.judge(x, y, draws=40, seed=seed))
    assert min(s.value for s in found) > 0.8
    assert abs(np.mean([s.details["calibrated"] for s in found])) < 0.02
    assert np.mean([s.details["p"] for s in found]) == pytest.approx(0.5, abs=0.3)  # sd of the mean is .08


@pytest.mark.slow
def test_p_is_uniform_where_nothing_is_related() -> None:
    measure = cj.get_measure("cka")
    p = np.array(
        [
            measure.judge(*np.random.default_rng(s).standard_normal((2, 24, 3)), draws=20, seed=s).details["p"]
            for s in range(200)
        ]
    )
    # at most 2 of 21 ranks lie at or below .1: 19 of 200 expected, more than 33 once in a thousand
    assert 5 <= (p < 0.1).sum() <= 33


@pytest.mark.slow
def test_the_interval_covers_as_often_as_it_says() -> None:
    measure, rng = cj.get_measure("cka"), np.random.default_rng(1)
    mix = rng.standard_normal((3, 4))

    def draw(rng: np.random.Generator, m: int) -> tuple[np.ndarray, np.ndarray]:
        z = rng.standard_normal((m, 3))
        return z + rng.standard_normal((m, 3)), z @ mix + rng.standard_normal((m, 4))

    truth = measure(*draw(rng, 200_000)).value
    inside = 0
    for seed in range(60):
        score = measure.judge(*draw(np.random.default_rng(seed), 150), draws=60, seed=seed)
        assert score.interval is not None
        inside += score.interval[0] <= truth <= score.interval[1]
    assert inside >= 50  # 57 of 60 on average, less than 50 in two of a thousand


def test_dependent_rows_are_shuffled_and_halved_as_blocks() -> None:
    # 10 stimuli, each 12 times: rows seem many, and are few
    rng = np.random.default_rng(0)
    ids = np.repeat(np.arange(10), 12)
    x, y = (rng.standard_normal((10, 3))[ids] + 0.1 * rng.standard_normal((120, 3)) for _ in range(2))
    measure = cj.get_measure("cka")
    naive = measure.judge(x, y, draws=60)
    honest = measure.judge(cj.Activations(x, stimuli=ids), cj.Activations(y, stimuli=ids), draws=60)
    assert honest.details["null_limit"] > 3 * naive.details["null_limit"]
    assert honest.details["p"] > 3 * naive.details["p"]
    assert np.ptp(honest.interval) > 2 * np.ptp(naive.interval)


def test_what_has_no_null_says_so() -> None:
    x = np.random.default_rng(0).standard_normal((30, 3))
    with pytest.raises(cj.ConjugacyError, match="trajectories"):
        cj.get_measure("dsa").judge(x, x)
    with pytest.raises(cj.ConjugacyError, match="draws"):
        cj.get_measure("cka").judge(x, x, draws=3)
    few = cj.get_measure("cka").judge(x[:6], x[:6])
    assert few.interval is None
    assert "p" not in few.details


def test_halves_of_cycle_neighbours_vary_as_the_value_does() -> None:
    """With k kept, half of the rows lead everyone back: intervals had hardly any width, and half missed the truth."""
    mix, truth, inside = np.random.default_rng(1).standard_normal((3, 4)), 0.89, 0
    for seed in range(6):
        rng = np.random.default_rng(seed)
        z = rng.standard_normal((60, 3))
        x, y = z + rng.standard_normal((60, 3)), z @ mix + rng.standard_normal((60, 4))
        interval = cj.get_measure("cycle_knn").judge(x, y, draws=40, seed=seed).interval
        assert interval is not None
        assert np.ptp(interval) > 0.12  # 3.92 standard deviations of the value over fresh rows are .14
        inside += interval[0] <= truth <= interval[1]
    assert inside == 6


def test_halves_of_one_value_that_all_rows_have_not_give_no_interval() -> None:
    null, stuck = np.linspace(0, 1, 40), np.r_[np.ones(30), np.full(10, 0.9)]
    assert _stuck(0.95, stuck, null)
    assert not _stuck(1.0, stuck, null)  # all rows have it too
    assert not _stuck(0.95, np.linspace(0.8, 1, 40), null)
    assert not _stuck(0.95, stuck, np.full(40, 0.5))


@pytest.mark.parametrize("measure", ["cka", "mutual_knn"])
def test_groups_of_unequal_size_do_not_look_related(measure: str) -> None:
    found = 0
    for seed in range(15):
        rng = np.random.default_rng([seed, 9])
        groups = np.repeat(np.arange(20), rng.integers(2, 16, 20))
        x, y = (rng.standard_normal((20, 4))[groups] + 0.3 * rng.standard_normal((len(groups), 4)) for _ in range(2))
        a, b = (cj.Activations(z @ rng.standard_normal((4, 10)), groups=groups) for z in (x, y))
        found += cj.get_measure(measure).judge(a, b, draws=20, seed=seed).details["p"] <= 0.05
    assert found <= 3
