"""Every measure on trajectories keeps its promises, and what it does not promise fails on a constructed pair."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from typing import Any

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.measure import INVARIANCES

MEASURES = tuple(n for n in cj.measure_names() if cj.get_measure(n).traits.data == "trajectories")
K, T = 6, 80
LINEAR = ("delays=4", "rank=8", "rank=svht", "rank=none", "center=false", "ridge=0.001"), "rank=many"
KNOBS = {
    "dynamics": (("delays=4", "points=300", "deviations=no"), "deviations=perhaps"),
    "kernel_edmd_wasserstein": (("modes=2", "landmarks=50", "ridge=0.001", "delays=4"), "ridge=0"),
}

pytestmark = pytest.mark.parametrize("name", MEASURES)


def oscillators(frequencies: tuple[float, ...], n: int, seed: int, noise: float = 0.02) -> np.ndarray:
    """Noisy damped oscillators seen through a fixed uneven view, (trials, time, n)."""
    rng = np.random.default_rng(seed)
    d = 2 * len(frequencies)
    step = np.zeros((d, d))
    for i, w in enumerate(frequencies):
        step[2 * i : 2 * i + 2, 2 * i : 2 * i + 2] = 0.98 * np.array([[np.cos(w), -np.sin(w)], [np.sin(w), np.cos(w)]])
    x, out = rng.standard_normal((K, d)), np.empty((K, T, d))
    for t in range(T):
        out[:, t] = x
        x = x @ step.T + 0.1 * rng.standard_normal(x.shape)
    view = rng.standard_normal((d, n)) * np.geomspace(1.0, 0.2, n)
    return np.tanh(0.3 * out @ view) + noise * rng.standard_normal((K, T, n))


@cache
def pair() -> tuple[np.ndarray, np.ndarray]:
    found = oscillators((0.3, 0.8), 6, 6), oscillators((0.3, 1.1), 5, 7)
    for array in found:
        array.setflags(write=False)
    return found


@cache
def prepared(name: str, side: int) -> Any:
    return cj.get_measure(name).prepare(pair()[side])


@cache
def reference(name: str) -> cj.Score:
    return cj.get_measure(name).compare(prepared(name, 0), prepared(name, 1))


def rotation(n: int, rng: np.random.Generator) -> np.ndarray:
    return np.linalg.qr(rng.standard_normal((n, n)))[0]


CHANGES = {
    "permutation": lambda x, rng: x[..., rng.permutation(x.shape[-1])],
    "orthogonal": lambda x, rng: x @ rotation(x.shape[-1], rng),
    "isotropic_scaling": lambda x, rng: 7.3 * x,
    "unit_scaling": lambda x, rng: x * rng.permutation(np.geomspace(0.1, 10.0, x.shape[-1])),
    "translation": lambda x, rng: x + rng.standard_normal(x.shape[-1]),
    "invertible_linear": lambda x, rng: x @ (rotation(x.shape[-1], rng) * np.geomspace(0.1, 9.0, x.shape[-1])),
}


@pytest.mark.parametrize("change", INVARIANCES)
def test_invariances(name: str, change: str) -> None:
    measure, rng = cj.get_measure(name), np.random.default_rng(3)
    x, y = (CHANGES[change](array, rng) for array in pair())
    moved = (
        measure.compare(measure.prepare(x), prepared(name, 1)),
        measure.compare(prepared(name, 0), measure.prepare(y)),
    )
    values = [score.value for score in moved]
    shift = max(abs(value - reference(name).value) for value in values)
    if change in measure.traits.invariances:
        assert shift < 1e-6
    else:
        assert shift > 1e-4


def test_symmetry_is_exact(name: str) -> None:
    back = cj.get_measure(name).compare(prepared(name, 1), prepared(name, 0))
    assert back.value == pytest.approx(reference(name).value, abs=1e-12)


def test_identity_and_direction(name: str) -> None:
    measure = cj.get_measure(name)
    same = measure.compare(prepared(name, 0), prepared(name, 0))
    assert same.value == pytest.approx(measure.traits.identity_value, abs=1e-8)
    assert same.status is cj.Status.OK
    assert same.similarity() == pytest.approx(1.0, abs=1e-8)
    near = measure(oscillators((0.3, 0.8), 6, 0), oscillators((0.3, 0.82), 6, 5))
    far = measure(oscillators((0.3, 0.8), 6, 0), oscillators((1.5, 2.5), 6, 5))
    assert same.distance() < near.distance() < far.distance()
    assert 1 >= same.similarity() > near.similarity() > far.similarity() >= 0


@pytest.mark.slow
def test_triangle_inequality(name: str) -> None:
    measure = cj.get_measure(name)
    points = [measure.prepare(oscillators((0.2 + 0.2 * i, 0.9 + 0.1 * i), 4 + i % 3, i)) for i in range(6)]
    d = np.array([[measure.compare(p, q).distance() for q in points] for p in points])
    for i, j, k in itertools.permutations(range(len(points)), 3):
        assert d[i, k] <= d[i, j] + d[j, k] + 1e-9


@pytest.fixture(scope="module")
def from_fresh_process(fresh_process: Callable[[dict[str, Any]], dict[str, str]]) -> dict[str, str]:
    return fresh_process({name: pair() for name in MEASURES})


def test_the_same_bits_every_time_and_in_a_fresh_process(name: str, from_fresh_process: dict[str, str]) -> None:
    assert cj.get_measure(name)(*pair()) == reference(name)
    assert from_fresh_process[name] == reference(name).value.hex()


def test_pickling(name: str) -> None:
    a, b, measure = (
        pickle.loads(pickle.dumps(x)) for x in (prepared(name, 0), prepared(name, 1), cj.get_measure(name))
    )
    assert measure.compare(a, b) == reference(name)


def test_inputs_and_prepared_networks_stay_as_they_are(name: str) -> None:
    x, y = (array.copy() for array in pair())
    before, measure = (x.tobytes(), y.tobytes()), cj.get_measure(name)
    a, b = measure.prepare(x), measure.prepare(y)
    measure.compare(b, a)
    assert measure.compare(a, b) == reference(name)
    assert (x.tobytes(), y.tobytes()) == before


def test_single_precision_lists_and_large_offsets(name: str) -> None:
    measure, (x, y) = cj.get_measure(name), pair()
    assert measure(x.astype(np.float32), y.astype(np.float32)).value == pytest.approx(reference(name).value, abs=1e-3)
    assert measure(list(x), list(y)).value == reference(name).value
    assert measure(x + 1e6, y).value == pytest.approx(reference(name).value, abs=1e-5)
    assert measure(1e-8 * x, y).value == pytest.approx(reference(name).value, abs=1e-5)


def test_trials_of_unequal_length_and_one_trial(name: str) -> None:
    x, y = pair()
    ragged = [trial[: T - i] for i, trial in enumerate(x)]
    assert cj.get_measure(name)(ragged, y).value == pytest.approx(reference(name).value, abs=0.2)
    assert np.isfinite(cj.get_measure(name)(x[:1], y[:1]).value)


def test_what_cannot_be_compared_is_said(name: str) -> None:
    measure, (x, y) = cj.get_measure(name), pair()
    with pytest.raises(cj.ConjugacyError, match=r"time points.*fewer delays"):
        measure(x[:, :5], y)
    with pytest.raises(cj.ConjugacyError, match="no unit varies"):
        measure(np.ones_like(x), y)
    with pytest.raises(cj.ConjugacyError, match="NaN"):
        measure(np.where(x > 0.5, np.nan, x), y)
    with pytest.raises(cj.ConjugacyError, match="activations"):
        measure(cj.Activations(x[0]), y)
    with pytest.raises(cj.ConjugacyError, match="one trial"):
        measure(x[0], y)


def test_knobs_survive_the_id(name: str) -> None:
    measure = cj.get_measure(name)
    assert measure.id == name
    assert measure.references
    knobs, wrong = KNOBS.get(name, LINEAR)
    for knob in knobs:
        other = cj.get_measure(f"{name}:{knob}")
        assert other != measure
        assert cj.get_measure(other.id) == other
        assert other(*(x[:6, :40, :3] for x in pair())).measure == other.id
    assert len(fields(measure)) >= len(knobs)  # type: ignore[arg-type]
    with pytest.raises(cj.ConjugacyError, match="expected"):
        cj.get_measure(f"{name}:{wrong}")
