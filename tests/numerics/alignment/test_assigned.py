import numpy as np
from scipy.optimize import linear_sum_assignment

from conjugacy.numerics.alignment.assignment import MANY, assigned


def test_few_units_are_paired_as_the_plain_solver_pairs_them() -> None:
    likeness = np.random.default_rng(0).random((40, 40))
    rows, columns = linear_sum_assignment(-likeness)
    np.testing.assert_array_equal(assigned(likeness)[columns], rows)


def test_a_permutation_of_many_units_is_found_in_noise() -> None:
    rng = np.random.default_rng(1)
    order = rng.permutation(MANY + 200)
    likeness = 0.3 * rng.random((len(order), len(order)))
    likeness[order, np.arange(len(order))] += 0.3
    assert (assigned(likeness) == order).mean() > 0.999


def test_many_units_that_are_alike_at_random_are_paired_nearly_as_well_as_can_be() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.standard_normal((2, 12, MANY + 100))
    likeness = np.abs(x.T @ y / np.linalg.norm(x, axis=0)[:, None] / np.linalg.norm(y, axis=0))
    found = assigned(likeness)
    assert sorted(found) == list(range(len(found)))
    rows, columns = linear_sum_assignment(likeness, maximize=True)
    best, got = likeness[rows, columns].sum(), likeness[found, np.arange(len(found))].sum()
    assert 0.95 * best < got < best * (1 + 1e-12)


def test_units_that_all_want_the_same_partners_are_paired_all_the_same() -> None:
    likeness = np.full((MANY + 1, MANY + 1), 0.1)
    likeness[:130] = 0.9
    assert sorted(assigned(likeness)) == list(range(MANY + 1))
