"""Agreement that independent errors would give, against closed forms and repeated draws."""

import numpy as np
import pytest
from scipy import stats

from conjugacy.verdict.decisions.expected import against_independent
from conjugacy.verdict.decisions.shares import Groups, independence, kappa


def test_expected_agreement_is_that_of_the_confusion_matrices(rng):
    # class by class, with errors that prefer one class
    truth = rng.integers(0, 3, 60_000)
    first = [[0.9, 0.1, 0.0], [0.3, 0.6, 0.1], [0.0, 0.5, 0.5]]
    table = np.array([first, [[0.7, 0.0, 0.3], [0.2, 0.8, 0.0], [0.1, 0.1, 0.8]]])
    a, b = ((rng.random((len(truth), 1)) > np.cumsum(t[truth], axis=1)).sum(axis=1) for t in table)
    found = against_independent(a, b, truth, Groups(np.arange(len(truth))))
    assert found.expected == pytest.approx((table[0] * table[1]).sum(axis=1).mean(), abs=0.01)
    assert found.difference.low < 0 < found.difference.high


def test_the_interval_holds_as_often_as_it_says():
    above = below = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        truth = rng.integers(0, 4, 300)
        a, b = (np.where(rng.random(300) < 0.25, (truth + rng.integers(1, 4, 300)) % 4, truth) for _ in range(2))
        d = against_independent(a, b, truth, Groups(np.arange(300))).difference
        above += d.low > 0
        below += d.high < 0
    for count in (above, below):  # 2.5 % of 400 is 10
        assert count <= stats.binom.ppf(0.999, 400, 0.025)
    assert above + below >= stats.binom.ppf(0.001, 400, 0.05)


def test_few_rows_in_a_class_make_no_agreement():
    # 60 classes of 5 rows: products of shares from the same rows would be too large by a tenth
    values = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        truth = np.repeat(np.arange(60), 5)
        a, b = (np.where(rng.random(300) < 0.4, rng.integers(0, 60, 300), truth) for _ in range(2))
        values.append(against_independent(a, b, truth, Groups(np.arange(300))).difference.unexplained)
    assert np.mean(values) == pytest.approx(0.0, abs=3 * np.std(values) / np.sqrt(200))


def test_groups_that_err_together_are_not_taken_for_agreement():
    held = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        truth, group = np.repeat(rng.integers(0, 3, 60), 10), np.repeat(np.arange(60), 10)
        a, b = (np.where((rng.random(60) < 0.3)[group], (truth + 1) % 3, truth) for _ in range(2))
        d = against_independent(a, b, truth, Groups(group)).difference
        held += d.low <= 0 <= d.high
    assert held >= stats.binom.ppf(0.001, 200, 0.93)


def test_exact_shares_and_kappa_against_references(rng):
    hits = rng.random(80) < 0.1
    one = Groups(np.arange(80)).share(hits)
    want = stats.binomtest(int(hits.sum()), 80).proportion_ci(0.95, method="exact")
    assert (one.low, one.high) == pytest.approx((want.low, want.high))
    a, b = rng.integers(0, 3, 500), rng.integers(0, 3, 500)
    b = np.where(rng.random(500) < 0.5, a, b)
    table = np.histogram2d(a, b, bins=3)[0] / 500
    expected = float(table.sum(axis=0) @ table.sum(axis=1))
    found = kappa(a, b, Groups(np.arange(500)))
    assert found.unexplained == pytest.approx((np.trace(table) - expected) / (1 - expected))
    # the spread of kappa over repeated draws of the rows
    draws = [kappa(a[i], b[i], Groups(np.arange(500))).unexplained for i in rng.integers(0, 500, (400, 500))]
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * np.std(draws), rel=0.12)


@pytest.mark.slow
def test_independence_is_a_p_value(rng):
    values = [
        independence(rng.integers(0, 4, 100), rng.integers(0, 4, 100), np.arange(100), seed) for seed in range(200)
    ]
    assert stats.kstest(values, "uniform").pvalue > 1e-3
    a = rng.integers(0, 4, 300)
    assert independence(a, np.where(rng.random(300) < 0.3, a, rng.integers(0, 4, 300)), np.arange(300), 0) < 0.01
