"""One test of independence for both directions."""

import numpy as np
import pytest

from conjugacy.numerics.independence import factors_of, repaired


def orders(m, rng, draws=299):
    return np.column_stack([rng.permutation(m) for _ in range(draws)])


def centred(x):
    return x - x.mean(axis=0)


def p_of(a, b, rng):
    return repaired(factors_of(centred(a)), factors_of(centred(b)), orders(len(a), rng)).p


def test_independent_arrays_are_rejected_as_often_as_the_level_says(rng):
    p = np.array([p_of(*rng.standard_t(3, (2, 60, 3)), rng) for _ in range(100)])
    # uniform on 1/300, ..., 1: the share under .2 is a binomial of 100, five standard deviations wide here
    assert abs((p <= 0.2).mean() - 0.2) < 5 * np.sqrt(0.2 * 0.8 / 100)
    assert p.min() >= 1 / 300


@pytest.mark.parametrize(
    "related",
    [
        lambda x, e: x + 2 * e,
        lambda x, e: np.cos(2 * x) + 0.3 * e,
        lambda x, e: np.column_stack([e[:, 0], x[:, 1] ** 2, e[:, 2]]),
    ],
)
def test_straight_and_even_functions_are_found(rng, related):
    x, noise = rng.standard_normal((2, 200, 3))
    assert p_of(x, related(x, noise), rng) == 1 / 300


def test_far_rows_neither_hide_a_relation_nor_make_one(rng):
    x, y = rng.standard_normal((2, 120, 3))
    x[0], y[1] = 1e6, -1e6
    assert p_of(x, y, rng) > 0.01
    assert p_of(x, np.where(np.arange(120)[:, None] < 2, y, x + y), rng) == 1 / 300


def test_ties_count_against_a_finding(rng):
    x = np.repeat([[0.0], [1.0]], 40, axis=0)
    assert p_of(x, np.tile([[0.0], [1.0]], (40, 1)), rng) > 0.5
    assert p_of(x, 1 - x, rng) == 1 / 300


def test_factors_do_not_depend_on_scale_nor_on_a_rotation(rng):
    x = centred(rng.standard_normal((90, 4)))
    turned = 1e6 * x @ np.linalg.qr(rng.standard_normal((4, 4)))[0]
    one, other = (factors_of(points).curved for points in (x, turned))
    np.testing.assert_allclose(np.abs(one.T @ other), one.T @ one, atol=1e-6)
