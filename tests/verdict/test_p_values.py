"""p of a claim: in line with the interval that decides, and of its size where the bootstrap's spread is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from conjugacy.transformations import Layer, judge
from conjugacy.verdict.p_values import p_different, p_same


def ladder(noise: float, seed: int, *, m: int = 300, up_to: str = "affine", tolerance: float = 0.05):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((m, 3))
    y = x @ rng.standard_normal((3, 8))
    y = y / y.std(axis=0) + noise * rng.standard_normal(y.shape)
    return judge(Layer(x), Layer(y), np.arange(m), tolerance=tolerance, seed=seed, up_to=up_to)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("noise", [0.05, 0.2, 0.23, 0.25, 0.5])
def test_p_says_what_the_interval_says(noise: float, seed: int) -> None:
    found = ladder(noise, seed)
    estimates = [found.standard.estimate(d, "affine") for d in found.directions]
    highs, lows = [e.high or 0.0 for e in estimates], [e.low or 0.0 for e in estimates]
    assert (p_same(found, "affine") < 0.025) == (max(highs) < 0.05)
    # a map of 4 numbers per unit on 270 rows leaves this much more than the best map
    assert (p_different(found) < 0.05) == (max(lows) > 0.05 * (1 + 4 / 265))


def test_p_is_that_of_a_normal_of_the_logarithm() -> None:
    # 8 units with independent noise: u = sum of 8 m squares over a total, log u has variance about 2 / (8 m) + the total's
    found = ladder(0.2, 1, m=2000)
    e = found.standard.estimate(found.a_to_b, "affine")
    assert e.unexplained is not None and e.high is not None  # noqa: PT018
    spread = np.log(e.high / e.unexplained) / norm.isf(0.025)
    assert spread == pytest.approx(np.sqrt(2 / (8 * 2000) + 2 / (3 * 2000)), rel=0.25)
    assert p_same(found, "affine") == pytest.approx(norm.cdf(np.log(e.unexplained / 0.05) / spread), rel=1e-6)


def test_p_resolves_far_below_the_draws_of_the_bootstrap() -> None:
    assert 0.0 < p_same(ladder(0.1, 0), "affine") < 1e-20
    assert 0.0 < p_different(ladder(0.4, 0)) < 1e-20
    assert p_same(ladder(0.0, 0), "affine") < 1e-300


def test_nothing_is_claimed_from_few_rows_and_no_map_is_a_difference() -> None:
    few = ladder(0.0, 0, m=9 + 1)
    clusters = np.repeat(np.arange(5), 2)
    grouped = judge(few.a, few.b, clusters, tolerance=0.05, up_to="affine")
    assert (p_same(grouped, "affine"), p_different(grouped)) == (1.0, 1.0)
    assert p_different(ladder(0.0, 0, up_to="permutation")) == 0.0


def test_what_more_rows_would_bring_is_no_evidence_of_a_difference() -> None:
    rng = np.random.default_rng(1)
    z = rng.standard_normal((250, 5))
    a = np.tanh(z @ rng.standard_normal((5, 30)) / 2.0)
    b = z
    for _ in range(4):  # a deep network of large gain: rougher than the rows can follow
        b = np.tanh(3.0 * b @ rng.standard_normal((b.shape[1], 30)) / np.sqrt(b.shape[1]))
    found = judge(Layer(a), Layer(b), np.arange(250), tolerance=0.05)
    low = found.standard.estimate(found.a_to_b, "smooth").low or 0.0
    assert low > found.standard.limit(found.a_to_b, "smooth")
    assert not found.standard.is_settled(found.a_to_b, "smooth")
    there = judge(Layer(b), Layer(b), np.arange(250), tolerance=0.05).b_to_a  # a way that holds
    assert p_different(replace(found, b_to_a=there)) == 1.0
