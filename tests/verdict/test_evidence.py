"""Agreement, floors and outlier rows against what they are by construction."""

import numpy as np
import pytest
from constructed import pair

from conjugacy.transformations import Layer, judge
from conjugacy.verdict.decisions import agreement
from conjugacy.verdict.evidence import decisive_rows, few_rows_warnings, regression_floor, repeat_floor, skipped_units
from conjugacy.verdict.relation import ladder_answer


def test_agreement_of_relabelled_classes(rng):
    a = rng.integers(0, 5, 400)
    b = np.array([3, 0, 4, 1, 2])[a]
    found = agreement(a, b, (None, None), np.arange(400), 0)
    assert found.relabelled.unexplained == 1.0
    assert found.plain.unexplained == 0.0
    assert found.kappa.unexplained < 0
    assert found.kappa_relabelled.unexplained == 1.0


def test_agreement_of_independent_classes_is_chance(rng):
    a, b = rng.integers(0, 4, 2000), rng.integers(0, 4, 2000)
    found = agreement(a, b, (None, None), np.arange(2000), 0)
    assert found.kappa.low < 0 < found.kappa.high
    # the names are fitted on other rows, so that chance stays chance
    assert found.relabelled.unexplained == pytest.approx(0.25, abs=0.04)


def test_decisions_follow_from_finer_ones_and_not_back(rng):
    truth = rng.integers(0, 6, 3000)
    a = np.where(rng.random(3000) < 0.1, rng.integers(0, 6, 3000), truth)
    down, up = agreement(a, a // 2, (truth, truth // 2), np.arange(3000), 0).follows
    assert (down.share.unexplained, down.beyond_chance) == (1.0, 1.0)
    assert up.share.unexplained == pytest.approx(0.5, abs=0.03)
    assert down.consistency.unexplained == pytest.approx(1.0)
    assert up.consistency.high < 0.5


def test_always_naming_the_frequent_class_is_no_better_than_chance(rng):
    a, b = rng.integers(0, 3, 3000), (rng.random(3000) < 0.04).astype(int)
    follows, _ = agreement(a, b, (None, None), np.arange(3000), 0).follows
    assert follows.share.low > 0.9
    assert follows.beyond_chance == pytest.approx(0.0, abs=0.02)
    assert follows.consistency is None


def test_own_errors_give_the_floor(rng):
    truth = rng.integers(0, 3, 3000)
    wrong = [np.where(rng.random(3000) < 0.1, (truth + 1) % 3, truth) for _ in range(2)]
    found = agreement(wrong[0], wrong[1], (truth, truth), np.arange(3000), 0)
    assert found.expected_disagreement == pytest.approx(0.2, abs=0.03)
    assert found.evidence()[0].floor == pytest.approx(0.8, abs=0.03)


def test_regression_floor_is_the_sum_of_both_errors(rng):
    truth = rng.standard_normal((4000, 2)) * [1.0, 50.0]
    outputs = tuple(truth + share * truth.std(axis=0) * rng.standard_normal(truth.shape) for share in (0.1, 0.2))
    floor = regression_floor(outputs, (truth, truth), np.arange(4000), 0)
    assert floor.low < 0.05 < floor.high
    assert regression_floor((truth[:, :1], truth), (truth, truth), np.arange(4000), 0) is None


def test_repeats_give_the_noise_share(rng):
    signal = rng.standard_normal((200, 6))
    stimuli = np.repeat(np.arange(200), 4)
    noisy = signal[stimuli] + 0.5 * rng.standard_normal((800, 6))
    clean = signal[stimuli] + 0.1 * rng.standard_normal((800, 6))
    floor = repeat_floor(Layer(noisy), Layer(clean), stimuli, stimuli, 0)
    assert floor.value == pytest.approx(0.25 / 1.25, rel=0.1)
    assert repeat_floor(Layer(noisy), Layer(clean), np.arange(800), np.arange(800), 0) is None


def test_rows_that_decide_are_named(rng):
    x = rng.standard_normal((300, 3))
    y = x.copy()
    y[17] += 25.0  # one row alone makes the pair fail
    ladder = judge(Layer(x), Layer(y), np.arange(300), tolerance=0.05)
    assert ladder_answer(ladder) != "equivalent"
    assert 17 in decisive_rows(ladder, ladder_answer)
    clean = judge(Layer(x), Layer(2 * x), np.arange(300), tolerance=0.05)
    assert decisive_rows(clean, ladder_answer).size == 0


def test_skipped_units_are_named_with_the_reason(rng):
    x = np.column_stack([rng.standard_normal((200, 2)), np.ones(200), np.zeros(200)])
    x[:2, 3] = 9.0
    skipped = skipped_units(Layer(x), ("u0", "u1", "dead", "rare"), "net", "h")
    assert [(s.unit, s.network, s.layer) for s in skipped] == [("dead", "net", "h"), ("rare", "net", "h")]
    assert "constant" in skipped[0].reason
    assert "2 rows" in skipped[1].reason


def test_power_check_bounds_what_the_estimator_can_say():
    a, b = pair("same_latent", 0)
    easy = judge(Layer(a), Layer(b), np.arange(300), tolerance=0.05)
    a, b = pair("rectifiers", 0, d=8)
    hard = judge(Layer(a), Layer(b), np.arange(300), tolerance=0.05)
    assert easy.standard.power(easy.a_to_b).high < 0.1 < hard.standard.power(hard.a_to_b).low


def test_rows_that_carry_the_variance_of_an_error_are_named(rng):
    x = rng.standard_normal((200, 3))
    y = x + 0.05 * rng.standard_normal((200, 3))
    ladder = judge(Layer(x), Layer(y), np.arange(200), tolerance=0.05)
    assert few_rows_warnings(ladder, np.arange(200)) == ()
    y[41] += 4.0
    ladder = judge(Layer(x), Layer(y), np.arange(200), tolerance=0.05)
    told = few_rows_warnings(ladder, np.array([f"s{i}" for i in range(200)]))
    assert len(told) == 2
    assert all("s41" in sentence for sentence in told)
    rounding = judge(Layer(x), Layer(x + 1e-6 * (np.arange(200) == 7)[:, None]), np.arange(200), tolerance=0.05)
    assert few_rows_warnings(rounding, np.arange(200)) == ()
