"""Rules of numerics at their edges: numbers of runs, maps of states from one trial, clouds of one point."""

from __future__ import annotations

import numpy as np
import pytest

from conjugacy.numerics.kernels import median_distance
from conjugacy.numerics.runs import FEWEST, _numbers
from conjugacy.numerics.state_map import fit_state_map, whitening


def test_numbers_of_runs_are_halved_down_to_ten() -> None:
    assert FEWEST == 10
    assert _numbers(80) == [80, 40, 20, 10]
    assert _numbers(20) == [20, 10]
    assert _numbers(19) == [19, 10]
    assert _numbers(10) == [10]
    assert _numbers(7) == [7]


def test_a_map_of_states_is_found_from_one_trial_and_from_several() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 2))
    straight, curved = x @ [[1.0, 2.0], [0.5, -1.0]] + 3.0, np.column_stack([np.sin(2 * x[:, 0]), x[:, 1] ** 2])
    for trials in (np.zeros(400, dtype=int), np.arange(400) // 40):
        exact = fit_state_map(x, straight, trials)
        np.testing.assert_allclose(exact(x), straight, atol=1e-6)
        bent = fit_state_map(x, curved, trials)
        assert np.mean((bent(x) - curved) ** 2) < 0.02 * curved.var(axis=0).mean()


def test_whitened_coordinates_have_about_unit_variance() -> None:
    x = np.random.default_rng(0).normal(size=(200, 5)) * [100.0, 10.0, 1.0, 1e-9, 0.0]
    x = x - x.mean(axis=0)
    z = x @ whitening(x, variance=1.0, flatten=0.0)
    np.testing.assert_allclose(z[:, :3].std(axis=0), 1.0, rtol=1e-3)
    wide = x[:20, :].repeat(10, axis=1)
    wide = wide - wide.mean(axis=0)
    np.testing.assert_allclose((wide @ whitening(wide, variance=1.0, flatten=0.0))[:, 0].std(), 1.0, rtol=1e-6)
    assert whitening(np.zeros((5, 3))).tolist() == [[0.0]] * 3


@pytest.mark.parametrize("count", [1, 2])
def test_the_median_distance_of_few_points_is_a_number(count: int) -> None:
    points = np.arange(count * 2.0).reshape(count, 2)
    squared = ((points[:, None] - points[None]) ** 2).sum(-1)
    assert 0 < median_distance(squared) < np.inf
