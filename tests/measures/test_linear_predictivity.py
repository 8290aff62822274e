"""Linear predictivity against scikit-learn's ridge, closed forms, and pairs that go one way only."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge

import conjugacy as cj
from conjugacy.measures.linear_predictivity import LinearPredictivity
from conjugacy.numerics.regression import ridge_choose, ridge_factors
from conjugacy.numerics.resample import draw_folds


def test_scikit_learn_agrees(rng: np.random.Generator) -> None:
    x = rng.standard_normal((90, 12)) * np.geomspace(1, 30, 12)
    y = x[:, :5] @ rng.standard_normal((5, 4)) + 4 * rng.standard_normal((90, 4))
    zx, zy = ((v - v.mean(axis=0)) / v.std(axis=0) for v in (x, y))
    folds = draw_folds(np.arange(90), 10, 0)
    strength = ridge_choose(ridge_factors(zx), zy, folds)
    predicted = np.empty_like(zy)
    for fold in range(10):
        f = folds == fold
        # the penalty is in units of the number of all rows
        predicted[f] = Ridge(alpha=strength * 90).fit(zx[~f], zy[~f]).predict(zx[f])
    r2 = 1 - ((zy - predicted) ** 2).sum(axis=0) / (zy**2).sum(axis=0)
    assert 0.2 < r2.mean() < 0.95
    assert LinearPredictivity()(x, y).value == pytest.approx(r2.mean(), abs=1e-8)


def test_known_signal_to_noise() -> None:
    rng = np.random.default_rng(1)
    x = rng.standard_normal((4000, 6))
    y = x @ np.linalg.qr(rng.standard_normal((6, 6)))[0] + 0.5 * rng.standard_normal((4000, 6))
    score = LinearPredictivity()(x, y)
    assert score.value == pytest.approx(0.8, abs=0.02)  # 1 / (1 + .25)
    assert score.interval is not None
    assert score.interval[0] < 0.8 < score.interval[1]


def test_the_interval_covers_as_often_as_it_says() -> None:
    inside = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        x = rng.standard_normal((300, 3))
        score = LinearPredictivity(folds=5)(x, x[:, :2] + rng.standard_normal((300, 2)))
        assert score.interval is not None
        inside += score.interval[0] <= 0.5 <= score.interval[1]
    assert inside >= 33  # 38 of 40 on average, less than 33 once in a thousand; held-out R2 lies a little below 1/2


def test_one_way_only(rng: np.random.Generator) -> None:
    x = rng.standard_normal((200, 6))
    part = x[:, :2]
    assert LinearPredictivity()(x, part).value > 0.999
    assert LinearPredictivity()(part, x).value < 0.45


def test_independent_networks_predict_nothing_even_when_wide() -> None:
    values = [LinearPredictivity()(*np.random.default_rng(s).standard_normal((2, 60, 100))).value for s in range(5)]
    assert max(values) < 0.05
    assert min(values) > -0.3


def test_folds_keep_repeats_together() -> None:
    # every stimulus three times with noise of its own in x; y is a random value per stimulus, so that a fold which
    # splits repeats could memorise them
    rng = np.random.default_rng(2)
    ids = np.repeat(np.arange(40), 3)
    x = rng.standard_normal((40, 60))[ids] + 0.01 * rng.standard_normal((120, 60))
    y = rng.standard_normal((40, 5))[ids]
    labelled = LinearPredictivity()(cj.Activations(x, stimuli=ids), cj.Activations(y, stimuli=ids))
    assert labelled.value < 0.1
    assert LinearPredictivity()(x, y).value > 0.5


def test_what_cannot_be_compared_has_a_status(rng: np.random.Generator) -> None:
    x = rng.standard_normal((20, 3))
    assert LinearPredictivity()(x, np.ones((20, 2))).status is cj.Status.DEGENERATE
    assert LinearPredictivity()(np.ones((20, 2)), x).status is cj.Status.DEGENERATE
    assert LinearPredictivity()(x[:9], x[:9]).status is cj.Status.TOO_FEW_ROWS
    padded = np.column_stack([x, np.zeros(20)])
    assert LinearPredictivity()(x, padded).value == LinearPredictivity()(x, x).value


def test_both_ways_is_the_mean_of_two(rng: np.random.Generator) -> None:
    x = rng.standard_normal((200, 6))
    y = x[:, :2] + 0.3 * rng.standard_normal((200, 2))
    there, back = LinearPredictivity()(x, y).value, LinearPredictivity()(y, x).value
    assert there > back + 0.3
    score = LinearPredictivity(both=True)(x, y)
    assert score.value == pytest.approx((there + back) / 2, abs=1e-12)
    assert score.details == {"a_to_b": pytest.approx(there), "b_to_a": pytest.approx(back)}
    assert LinearPredictivity(both=True)(y, x).value == pytest.approx(score.value, abs=1e-12)
    assert score.interval is not None
    assert score.interval[0] < score.value < score.interval[1]
