"""Runs of neighbours: their intervals hold the truth where errors depend on each other, and too few say nothing."""

import numpy as np
import pytest
from scipy.signal import lfilter

from conjugacy.numerics.ratio_interval import log_ratio_interval
from conjugacy.numerics.resample import bootstrap_counts, cluster_sums
from conjugacy.numerics.runs import runs_of


def remembering(m, rho, rng):
    steps = np.sqrt(1 - rho**2) * rng.standard_normal(m)
    steps[0] /= np.sqrt(1 - rho**2)
    return lfilter([1.0], [1.0, -rho], steps)


def weakly(m, rho, rng):
    return np.sqrt(0.9) * rng.standard_normal(m) + np.sqrt(0.1) * remembering(m, rho, rng)


@pytest.mark.parametrize(
    ("error", "rho", "m"), [(remembering, 0.8, 300), (remembering, 0.9, 1000), (weakly, 0.97, 300)]
)
def test_the_truth_is_rarely_above(error, rho, m):
    above = judged = 0
    for seed in range(150):
        rng = np.random.default_rng([seed, m])
        e, t = error(m, rho, rng) ** 2, np.ones(m)
        runs = runs_of(np.arange(m), e - e.mean() * t)
        count = int(runs.max()) + 1
        if count >= 10:
            judged += 1
            _, high = log_ratio_interval(bootstrap_counts(count, 400, 0), cluster_sums(e, runs), cluster_sums(t, runs))
            above += high < 1.0
    assert judged > 120
    assert above <= 0.04 * judged


def test_rows_of_one_place_stay_together(rng):
    places = rng.permutation(np.arange(200) % 50)
    runs = runs_of(places, rng.standard_normal(200))
    assert all(len(np.unique(runs[places == p])) == 1 for p in range(50))
    assert (np.diff(runs[np.argsort(places)]) >= 0).all()


def test_what_does_not_vary_is_each_row(rng):
    assert runs_of(np.arange(30), np.zeros(30)).tolist() == list(range(30))
