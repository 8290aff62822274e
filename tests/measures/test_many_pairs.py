"""Many pairs at once: the bits of one pair whatever is compared beside it, shared preparation, and light prepared networks."""

from __future__ import annotations

import pkgutil
from collections import defaultdict
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest

import conjugacy as cj
from conjugacy import measures
from conjugacy.errors import InputError
from conjugacy.numerics.products import products_kept

OWN = [m.name for m in pkgutil.iter_modules(measures.__path__) if not m.name.startswith("_")]
# the verdict refuses a network that does not vary, and its prepared network keeps the layer
STATIC = tuple(n for n in OWN if n != "verdict" and cj.get_measure(n).traits.data in ("activations", "outputs"))
SLOW, COSTLY = ("ladder", "shared"), ("linear_predictivity", "cca:folds=5")
VARIANTS = (
    "cka:debiased=false",
    "cka:kernel=rbf",
    "cka:variance=0.9",
    "procrustes:variance=0.9",
    "bures:variance=0.9",
    "cca:ridge=0.1",
    "cca:folds=5",
    "shape:alpha=1.0",
)
NAMES = (*(n for n in STATIC if n not in SLOW), *VARIANTS)
M = 60


@cache
def networks() -> tuple[cj.Activations, ...]:
    """Networks of different and of equal widths on the same stimuli; near copies; silent ones; one in another order of rows."""
    rng = np.random.default_rng(0)
    z, ids = rng.standard_normal((M, 3)), rng.permutation(M)
    layers = [np.tanh(z @ rng.standard_normal((3, n))) + 0.1 * rng.standard_normal((M, n)) for n in (9, 9, 9, 5, 14)]
    layers += [layers[0] + 1e-9 * layers[1], layers[0][:, ::-1], np.ones((M, 9))]
    found = [cj.Activations(x, stimuli=ids, inputs=z[:, :1]) for x in layers]
    return (*found, found[1].take(rng.permutation(M)))


def usable(name: str) -> list[cj.Activations]:
    if cj.get_measure(name).traits.data == "outputs":  # the same classes
        return [x for x in networks() if x.shape[1] == 9]
    return list(networks())


@pytest.mark.parametrize("name", NAMES)
def test_a_pair_has_the_same_bits_in_any_company(name: str) -> None:
    measure, rng = cj.get_measure(name), np.random.default_rng(1)
    sides = [measure.prepare(x) for x in usable(name)]
    count = len(sides)
    pairs = [(i, j) for i in range(3 if name in COSTLY else count) for j in range(count)]
    alone = {pair: repr(measure.compare(sides[pair[0]], sides[pair[1]])) for pair in pairs}
    for size in (1, 7, len(pairs)):
        some = [pairs[k] for k in rng.permutation(len(pairs))[:size]]
        a, b = [sides[i] for i, _ in some], [sides[j] for _, j in some]
        assert [repr(s) for s in measure.compare_all(a, b)] == [alone[pair] for pair in some]
        with products_kept():
            twice = [[repr(s) for s in measure.compare_all(a, b)] for _ in range(2)]
        assert twice == 2 * [[alone[pair] for pair in some]]
    assert measure.compare_all([], []) == []


def test_measures_of_one_preparation_take_each_others_networks() -> None:
    shared: dict[str, list[str]] = defaultdict(list)
    for name in NAMES:
        shared[cj.get_measure(name).preparation].append(name)
    together = {frozenset(names) for names in shared.values() if len(names) > 1}
    assert {"cka", "cka:debiased=false", "procrustes", "bures"} in together
    assert {"cka:variance=0.9", "procrustes:variance=0.9", "bures:variance=0.9"} in together
    assert {"cca", "pwcca", "cca:ridge=0.1", "cca:folds=5"} in together
    assert {"permutation", "soft_matching"} in together
    for names in together:
        for name in names:
            measure, (x, y) = cj.get_measure(name), usable(name)[:2]
            expected = repr(measure(x, y))
            for other in map(cj.get_measure, names):
                assert repr(measure.compare(other.prepare(x), other.prepare(y))) == expected


@pytest.mark.parametrize("name", NAMES)
def test_prepared_networks_keep_no_layer(name: str) -> None:
    layer = usable(name)[0]
    found = list(_inside(cj.get_measure(name).prepare(layer)))
    assert not any(isinstance(part, cj.Activations) or part is layer.values for part in found)
    assert any(part is layer.stimuli for part in found)


def _inside(record: Any) -> Any:
    yield record
    if is_dataclass(record):
        for f in fields(record):
            yield from _inside(getattr(record, f.name))


def test_near_copies_keep_their_small_angle() -> None:
    t = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    waves = np.column_stack([g(k * t) for k in (1, 2) for g in (np.cos, np.sin)])
    x, across = waves[:, :2], waves[:, 2:]
    measure, angles = cj.get_measure("procrustes"), np.array([0.0, 1e-9, 1e-7, 1e-5, 1e-3, 0.5])
    sides = [measure.prepare(np.cos(a) * x + np.sin(a) * across) for a in angles]
    found = measure.compare_all(len(sides) * [sides[0]], sides)
    assert [s.value for s in found] == pytest.approx(angles, rel=1e-6, abs=1e-14)


@pytest.mark.parametrize("name", ["cka", "cka:debiased=false", "procrustes", "bures"])
@pytest.mark.parametrize("variance", [0.6, 0.9, 0.99])
def test_the_value_of_all_units_lies_within_the_stated_loss(name: str, variance: float) -> None:
    full, less = cj.get_measure(name), cj.get_measure(name, variance=variance)
    gaps: list[float] = []
    for seed in range(15):
        rng = np.random.default_rng(seed)
        scales = np.geomspace(1.0, 0.05, 12)
        x = rng.standard_normal((80, 12)) * scales
        y = (x * rng.permutation(scales)) @ rng.standard_normal((12, 10)) + seed / 15 * rng.standard_normal((80, 10))
        x = x if seed % 2 else x[:, ::-1] + y[:, :1]
        score = less(x, y)
        gaps.append(abs(score.value - full(x, y).value))
        assert gaps[-1] <= score.details["loss"] + 1e-7
        assert less(y, x).details["loss"] == pytest.approx(score.details["loss"], abs=1e-7)
    assert max(gaps) > 1e-4
    assert "loss" not in full(x, y).details


def test_less_than_all_of_the_variance_is_still_a_metric_with_an_identity() -> None:
    rng = np.random.default_rng(0)
    z = rng.standard_normal((50, 4))
    layers = [z @ rng.standard_normal((4, 8)) + 0.3 * rng.standard_normal((50, 8)) for _ in range(8)]
    measure = cj.get_measure("procrustes:variance=0.8")
    sides = [measure.prepare(x) for x in layers]
    assert sides[0].x.shape[1] < 8
    d = np.array([[measure.compare(p, q).value for q in sides] for p in sides])
    assert np.abs(np.diag(d)).max() < 1e-7
    assert (d[:, None, :] <= d[:, :, None] + d[None, :, :] + 1e-9).all()
    assert cj.get_measure("cka:variance=0.8")(layers[0], layers[0]).value == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["cka", "procrustes", "bures"])
@pytest.mark.parametrize("variance", [0.0, 1.5, -0.1])
def test_a_share_that_is_none_is_refused(name: str, variance: float) -> None:
    with pytest.raises(InputError, match="variance"):
        cj.get_measure(name, variance=variance)
