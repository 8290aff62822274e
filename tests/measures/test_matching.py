"""Soft and permutation matching against POT, brute force over permutations, and networks made of each other's units."""

from __future__ import annotations

import itertools

import numpy as np
import ot
import pytest
from scipy.optimize import linear_sum_assignment

import conjugacy as cj
from conjugacy.measures.permutation import PermutationMatching
from conjugacy.measures.soft_matching import SoftMatching


def related(rng: np.random.Generator, n: int, p: int, m: int = 50) -> tuple[np.ndarray, np.ndarray]:
    z = rng.standard_normal((m, 3))
    return tuple(np.tanh(z @ rng.standard_normal((3, k))) + 0.3 * rng.standard_normal((m, k)) for k in (n, p))


def correlations(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.corrcoef(x.T, y.T)[: x.shape[1], x.shape[1] :]


@pytest.mark.parametrize(("n", "p"), [(5, 5), (4, 8), (7, 12), (1, 6), (37, 41)])
def test_optimal_transport_by_pot(n: int, p: int, rng: np.random.Generator) -> None:
    x, y = related(rng, n, p)
    r = correlations(x, y)
    plan = ot.emd(np.full(n, 1 / n), np.full(p, 1 / p), 1 - r)
    score = SoftMatching()(x, y)
    assert score.value == pytest.approx((plan * r).sum(), abs=1e-9)
    unit = [(v - v.mean(axis=0)) / (v.std(axis=0) * np.sqrt(50)) for v in (x, y)]
    squared = ((unit[0].T[:, None] - unit[1].T) ** 2).sum(axis=-1)
    assert score.distance() == pytest.approx(np.sqrt((plan * squared).sum()), abs=1e-7)


@pytest.mark.parametrize(("n", "p"), [(4, 4), (3, 5), (6, 2)])
def test_no_permutation_is_better(n: int, p: int, rng: np.random.Generator) -> None:
    x, y = related(rng, n, p)
    r = correlations(x, y)
    r = r if n <= p else r.T
    best = max(r[np.arange(len(r)), list(c)].mean() for c in itertools.permutations(range(r.shape[1]), len(r)))
    assert PermutationMatching()(x, y).value == pytest.approx(best, abs=1e-12)
    if n == p:
        assert SoftMatching()(x, y).value == pytest.approx(best, abs=1e-12)


def test_a_part_of_the_units_is_found_and_told_apart_by_soft_matching(rng: np.random.Generator) -> None:
    x = rng.standard_normal((400, 6))
    part = PermutationMatching()(x, x[:, [4, 0, 2]])
    assert part.value == pytest.approx(1.0)
    assert part.details["unmatched"] == 3
    assert SoftMatching()(x, x[:, [4, 0, 2]]).value == pytest.approx(0.5, abs=0.1)
    assert SoftMatching()(x, np.repeat(x, 3, axis=1)).value == pytest.approx(1.0, abs=1e-12)


def test_a_rotation_is_no_permutation(rng: np.random.Generator) -> None:
    x = rng.standard_normal((200, 8))
    turned = x @ np.linalg.qr(rng.standard_normal((8, 8)))[0]
    assert cj.get_measure("procrustes")(x, turned).similarity() == pytest.approx(1.0)
    assert PermutationMatching()(x, turned).value < 0.8


def test_unrelated_networks_have_a_positive_value_that_the_null_takes_off() -> None:
    found = [
        PermutationMatching().judge(*np.random.default_rng(s).standard_normal((2, 30, 12)), draws=30) for s in range(10)
    ]
    assert min(s.value for s in found) > 0.2
    assert abs(np.mean([s.details["calibrated"] for s in found])) < 0.05


def test_equal_units_in_another_order_need_no_tie_break(rng: np.random.Generator) -> None:
    x = np.repeat(rng.standard_normal((40, 1)), 5, axis=1)
    y = x[:, :1] + rng.standard_normal((40, 3))
    r = correlations(x, y)
    assert SoftMatching()(x, y).value == pytest.approx(r[0].mean())
    i, j = linear_sum_assignment(r, maximize=True)
    assert PermutationMatching()(x, y).value == pytest.approx(r[i, j].mean())


def test_what_cannot_be_compared(rng: np.random.Generator) -> None:
    x = rng.standard_normal((20, 3))
    for measure in (SoftMatching(), PermutationMatching()):
        assert measure(x, np.ones((20, 2))).status is cj.Status.DEGENERATE
        assert measure(x, np.column_stack([x, np.zeros(20)])).value == pytest.approx(1.0)
