"""Serial dependence is found where it is, whatever its form, and not where rows are independent."""

import numpy as np
import pytest

from conjugacy.numerics.serial import RowScores, blocks_of, normal_scores

M = 200


def walk(rho, m, d, rng):
    x = rng.standard_normal((m, d))
    for i in range(1, m):
        x[i] += rho * x[i - 1]
    return x


def alternating(rng):
    return rng.standard_normal((M, 8)) + np.resize([1.0, -1.0], M)[:, None]


FORMS = {
    "AR .5": lambda rng: walk(0.5, M, 6, rng),
    "random walk": lambda rng: walk(1.0, M, 6, rng),
    "a trend of 10 %": lambda rng: rng.standard_normal((M, 8)) + np.linspace(-1.73, 1.73, M)[:, None] / 3,
    "oscillation": lambda rng: (
        np.sin(2 * np.pi * np.arange(M) / 17)[:, None] * np.ones(4) + rng.standard_normal((M, 4))
    ),
    "alternation": alternating,
    "groups of ten": lambda rng: np.repeat(rng.standard_normal((M // 10, 6)), 10, axis=0) + rng.standard_normal((M, 6)),
}


@pytest.mark.parametrize("form", FORMS)
def test_series_are_found(form, rng):
    assert RowScores.of(FORMS[form](rng)).p_random() < 0.005


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: rng.standard_normal((60, 20)),
        lambda rng: rng.standard_t(2, (60, 5)),
        lambda rng: np.eye(30)[rng.integers(30, size=60)],
        lambda rng: (rng.random((60, 8)) < 0.05).astype(float),
    ],
)
def test_independent_rows_are_seldom_taken_for_a_series(draw, rng):
    p = np.array([RowScores.of(draw(rng)).p_random(seed=i) for i in range(60)])
    assert np.mean(p <= 0.01) <= 0.05


def test_rows_that_do_not_vary_say_nothing():
    assert RowScores.of(np.zeros((50, 3))).p_random() == 1.0
    assert RowScores.of(np.zeros((50, 3))).length == 1
    assert RowScores.of(np.arange(5.0)[:, None]).p_random() == 1.0


def test_labels_explain_order_and_nothing_within(rng):
    labels = np.repeat(np.arange(5), M // 5)
    centres = 3.0 * rng.standard_normal((5, 6))[labels]
    still = RowScores.of(centres + rng.standard_normal((M, 6)))
    moving = RowScores.of(centres + walk(0.9, M, 6, rng))
    assert still.p_random() < 0.005 < still.p_random(labels)
    assert moving.p_random(labels) < 0.005


def test_the_length_is_that_of_the_memory(rng):
    lengths = [RowScores.of(walk(rho, 2000, 4, rng)).length for rho in (0.0, 0.5, 0.8, 0.95)]
    assert lengths[0] == 1
    assert lengths == sorted(lengths)
    assert 8 <= lengths[2] <= 25  # .8^10 = .1
    assert RowScores.of(np.cos(2 * np.pi * np.arange(1000) / 20)[:, None]).length == 250  # what comes back is not gone


def test_scores_do_not_depend_on_the_scale_of_a_column(rng):
    x = rng.standard_normal((50, 2))
    np.testing.assert_array_equal(normal_scores(np.exp(3 * x)), normal_scores(x))


def test_blocks_are_of_equal_size_and_in_order(rng):
    order = rng.permutation(103)
    blocks = blocks_of(order, 5)
    assert set(np.bincount(blocks)) <= {10, 11}
    assert (np.diff(blocks[order]) >= 0).all()
    assert blocks_of(np.arange(10), 100).max() == 1


def test_tails_and_ranks_are_those_of_scipy_stats():
    from scipy.stats import gamma, rankdata

    from conjugacy.numerics.serial import _log_gamma_tail, _mean_ranks

    x = np.concatenate([[-1.0, 0.0], np.geomspace(1e-3, 200, 50)])
    for shape, scale in ((46.446, 0.186), (0.5, 2.0), (120.0, 1.7)):
        np.testing.assert_allclose(_log_gamma_tail(x, shape, scale), gamma.logsf(x, shape, scale=scale), 1e-12, 1e-15)
    column = np.array([3.0, 1.0, 3.0, 2.0, 3.0, 1.0])
    np.testing.assert_array_equal(_mean_ranks(column), rankdata(column))
