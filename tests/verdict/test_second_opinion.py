"""Continuity, gradients, condition and errors over the floor against closed forms and constructed pairs."""

import numpy as np
import pytest

from conjugacy.results import Estimate, Evidence, Floor
from conjugacy.transformations import Affine, Layer, LinearMap
from conjugacy.verdict.second_opinion import (
    beyond_floor,
    condition,
    continuity_both_ways,
    errors_over_floor,
    gradient_sines,
    gradients_both_ways,
)


def test_a_fold_is_continuous_there_and_not_back(rng):
    x = rng.uniform(-1, 1, (500, 1))
    source, folded = Layer(x), Layer((x - 0.1) ** 2)
    rows = np.arange(500)
    there, back = continuity_both_ways(source, folded, rows, 0)
    assert there.value < 0.05
    assert back.value > 0.5
    assert back.low < back.value < back.high
    assert there.floor == pytest.approx(there.value, rel=1.0)
    assert there.null == back.null == 1.0


def test_independent_rows_are_chance(rng):
    found, _ = continuity_both_ways(
        Layer(rng.standard_normal((400, 3))), Layer(rng.standard_normal((400, 3))), np.arange(400), 0
    )
    assert found.low < 1.05
    assert found.high > 0.9


def test_continuity_needs_different_states_and_enough_rows(rng):
    few, repeated = Layer(rng.standard_normal((12, 2))), Layer(np.repeat(rng.standard_normal((20, 2)), 5, axis=0))
    assert continuity_both_ways(few, few, np.arange(12), 0) == ()
    assert continuity_both_ways(repeated, repeated, np.arange(100), 0) == ()


@pytest.mark.parametrize("angle", [0.0, 0.3, 1.2, np.pi / 2])
def test_the_sine_between_two_gradients(angle):
    a = np.array([[[2.0, 0.0]]])
    b = 5.0 * np.array([[[np.cos(angle), np.sin(angle)]]])
    sines, ranks = gradient_sines(a, b)
    assert sines[0] == pytest.approx(np.sin(angle), abs=1e-7)
    assert ranks[0] == 1


def test_gradients_are_blind_where_outputs_show_every_direction(rng):
    full, one = rng.standard_normal((50, 2, 2)), rng.standard_normal((50, 1, 2))
    there, back = gradients_both_ways(full, one)
    assert there.value is None
    assert "cannot fail" in there.unit
    assert back.value == pytest.approx(np.median(gradient_sines(one, full)[0]))
    assert back.null == pytest.approx(np.sqrt(0.5))


def test_random_gradients_lie_outside_as_their_number_says(rng):
    sines, _ = gradient_sines(rng.standard_normal((2000, 3, 10)), rng.standard_normal((2000, 1, 10)))
    assert np.mean(sines**2) == pytest.approx(1 - 3 / 10, abs=0.02)


@pytest.mark.parametrize("ratio", [1.0, 8.0])
def test_the_condition_of_a_linear_map_is_that_of_its_matrix(rng, ratio):
    x = rng.standard_normal((400, 2))
    q = np.linalg.qr(rng.standard_normal((2, 2)))[0]
    matrix = np.diag([1.0, 1.0 / ratio]) @ q
    source = Layer(x / x.std(axis=0))
    target = Layer(source.values @ matrix)
    scaled = matrix / target.std  # all units have unit variance
    found = condition(
        Affine(LinearMap(matrix, np.zeros(2), np.zeros(2)), LinearMap(np.linalg.inv(matrix), np.zeros(2), np.zeros(2))),
        source, target, 2, np.arange(400), 0,
    )  # fmt: skip
    s = np.linalg.svd(scaled, compute_uv=False)
    assert found == pytest.approx(s[0] / s[1], rel=1e-6)


def test_errors_over_the_floor():
    floor = Floor(0.01, 0.009, 0.011, "own errors")
    there, back = errors_over_floor((Estimate(0.09, 0.0625, 0.16), Estimate(0.0025, 0.0016, 0.0036)), floor)
    assert (there.value, there.low, there.high) == pytest.approx((3.0, 2.5, 4.0))
    assert back.value == pytest.approx(0.5)
    assert errors_over_floor((Estimate(0.1, 0.1, 0.1),) * 2, Floor()) == ()


def test_a_difference_beyond_the_floor_is_said_only_where_both_ways_show_it():
    far, near = Evidence("error_over_floor_a_to_b", 3.0, 2.5, 4.0), Evidence("error_over_floor_b_to_a", 1.0, 0.9, 1.1)
    both = (far, Evidence("error_over_floor_b_to_a", 2.9, 2.4, 3.9))
    assert "alike within tolerance, but not the same" in beyond_floor("equivalent", both)[0]
    assert beyond_floor("equivalent", (far, near)) == ()
    assert beyond_floor("partly_related", both) == ()
