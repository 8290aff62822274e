"""Equal arrays, and arrays that are equal up to rounding."""

import numpy as np
import pytest

from conjugacy.numerics.sameness import same_numbers, same_within


def test_equal_arrays_are_the_same_however_small(rng):
    x = rng.standard_normal((1, 1))
    assert same_numbers(x, x.copy()) == 0.0
    assert same_numbers(x, np.hstack([x, x])) is None


@pytest.mark.parametrize(("dtype", "spaced"), [(np.float32, 2.0**-23), (np.float16, 2.0**-10)])
def test_a_copy_in_a_narrower_type_is_the_same_up_to_its_rounding(rng, dtype, spaced):
    x = 100 * rng.standard_normal((40, 3))
    assert same_numbers(x, x.astype(dtype).astype(np.float64)) == spaced
    assert same_numbers(x.astype(dtype).astype(np.float64), x) == spaced


def test_rounding_is_that_of_the_unit_and_no_signal(rng):
    x = rng.standard_normal((50, 2)).astype(np.float32).astype(np.float64)
    near = x * (1 + 3 * 2.0**-23 * rng.uniform(-1, 1, x.shape))
    assert same_numbers(x, near.astype(np.float32).astype(np.float64)) == 2.0**-23
    assert same_numbers(x, x + 1e-5) is None
    quiet = x * [1.0, 1e-9]
    moved = quiet + np.column_stack([np.zeros(50), 1e-9 * rng.standard_normal(50)])
    assert same_numbers(quiet, moved) is None  # a quiet unit is compared with itself
    offset, other = ((1000.5 + rng.uniform(-3, 3, (50, 1))).astype(np.float16).astype(np.float64) for _ in range(2))
    assert same_numbers(offset, other) is None  # all they have in common is the offset


def test_constants_and_masks_may_be_there(rng):
    x = np.column_stack([rng.standard_normal(30), np.full(30, 0.1)])
    assert same_numbers(x, x.astype(np.float32).astype(np.float64)) == 2.0**-23
    masked = x.copy()
    masked[3, 0] = -np.inf
    assert same_numbers(masked, masked.copy()) == 0.0
    assert same_numbers(masked, masked.astype(np.float32).astype(np.float64)) == 2.0**-23
    assert same_numbers(masked, x) is None


def test_a_tolerance_finer_than_rounding_asks_for_more(rng):
    x = rng.standard_normal((30, 2))
    near = x.astype(np.float32).astype(np.float64)
    assert same_within(x, near, 0.05) == 2.0**-23
    assert same_within(x, near, 1e-5) is None
    assert same_within(x, x, 1e-5) == 0.0
