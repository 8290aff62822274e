"""Factors of kernels that many pairs share: the same numbers, fewer factorisations, and no network is held by them."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from conjugacy.transformations import Layer, judge
from conjugacy.transformations import part as parts
from conjugacy.transformations.division import KEPT, factors_shared, kept_factors, place_for

ROWS = 520  # more than bandwidths are chosen on


def layer(number: int) -> Layer:
    z = np.random.default_rng(0).standard_normal((ROWS, 3))
    return Layer(np.tanh(z @ np.random.default_rng([1, number]).standard_normal((3, 5))), 0)


def left(a: Layer, b: Layer) -> float:
    ladder = judge(a, b, np.arange(ROWS), tolerance=0.05)
    return float(ladder.a_to_b.errors["smooth"].rows.sum())


def test_a_row_of_pairs_factors_once_and_leaves_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    original = parts.inverse_factor

    def counting(kernel: np.ndarray, strength: float) -> np.ndarray:
        made.append(1)
        return original(kernel, strength)

    monkeypatch.setattr(parts, "inverse_factor", counting)
    source, target = layer(0), layer(1)
    targets = [target, Layer(target.values[:, ::-1].copy()), Layer(target.values[:, ::2].copy())]
    alone = [left(source, target) for target in targets]
    each = len(made)
    with factors_shared(place_for(4.0 * KEPT)):
        assert [left(source, target) for target in targets] == alone
    assert len(made) - each < each


def test_factors_hold_no_network_and_little_memory_shares_nothing() -> None:
    with factors_shared(place_for(4.0 * KEPT)):
        source = layer(0)
        left(source, layer(1))
        gone, place = weakref.ref(source), kept_factors()
        assert place.arrays
        del source
        gc.collect()
        assert gone() is None
    assert kept_factors() is not place
    with factors_shared(place_for(KEPT / 2.0)):
        assert kept_factors() is not kept_factors()
