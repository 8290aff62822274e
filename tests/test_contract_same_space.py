"""Measures on trajectories that need a map between the networks, matched trials or the same units, keep their promises too."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.measure import INVARIANCES

KINDS = ("matched trajectories", "trajectories of the same units")
MEASURES = tuple(n for n in cj.measure_names() if cj.get_measure(n).traits.data in KINDS)
KNOBS = {
    "conjtest": (("neighbours=3", "steps=2", "points=400", "map=nearest"), "map=index"),
    "sgot": (("delays=4", "rank=6", "rank=svht", "rank=none", "center=false", "eta=0.2"), "eta=2"),
    "conjtest_plus": (("neighbours=3", "steps=2", "points=400", "map=nearest", "map=identity"), "neighbours=0"),
}
K, T, N = 6, 50, 6

pytestmark = pytest.mark.parametrize("name", MEASURES)


def rotor(frequency: float, seed: int = 0, noise: float = 0.02) -> np.ndarray:
    """A damped rotation through one uneven view, starts and view the same for all, noise by seed; (trials, time, units)."""
    start, view = (
        np.random.default_rng(7).standard_normal((2, K, 1, 2)),
        np.random.default_rng(8).standard_normal((2, N)),
    )
    t = np.arange(T)[:, None]
    turn = np.exp(-0.01 * t) * np.concatenate([np.cos(frequency * t), np.sin(frequency * t)], axis=1)
    x = np.stack([turn[:, :1] * s[0] + turn[:, 1:] * s[0][::-1] * [-1, 1] for s in start[0]])
    return np.tanh(x @ view * np.geomspace(1.0, 0.2, N)) + noise * np.random.default_rng(seed).standard_normal(
        (K, T, N)
    )


@cache
def pair() -> tuple[np.ndarray, np.ndarray]:
    found = rotor(0.3), rotor(0.5, 1)
    for array in found:
        array.setflags(write=False)
    return found


@cache
def prepared(name: str, side: int) -> Any:
    return cj.get_measure(name).prepare(pair()[side])


@cache
def reference(name: str) -> cj.Score:
    return cj.get_measure(name).compare(prepared(name, 0), prepared(name, 1))


def rotation(rng: np.random.Generator) -> np.ndarray:
    return np.linalg.qr(rng.standard_normal((N, N)))[0]


CHANGES = {
    "permutation": lambda x, rng: x[..., rng.permutation(N)],
    "orthogonal": lambda x, rng: x @ rotation(rng),
    "isotropic_scaling": lambda x, rng: 7.3 * x,
    "unit_scaling": lambda x, rng: x * rng.permutation(np.geomspace(0.1, 10.0, N)),
    "translation": lambda x, rng: x + rng.standard_normal(N),
    "invertible_linear": lambda x, rng: x @ (rotation(rng) * np.geomspace(0.1, 9.0, N)),
}


@pytest.mark.parametrize("change", INVARIANCES)
def test_invariances(name: str, change: str) -> None:
    measure, rng = cj.get_measure(name), np.random.default_rng(3)
    x, y = (CHANGES[change](array, rng) for array in pair())
    values = [measure(x, pair()[1]).value, measure(pair()[0], y).value]
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
    near, far = measure(pair()[0], rotor(0.3, 5)), measure(pair()[0], rotor(0.5, 5))
    assert same.distance() < near.distance() < far.distance()
    assert 1 >= same.similarity() > near.similarity() > far.similarity() >= 0


def test_triangle_inequality(name: str) -> None:
    measure = cj.get_measure(name)
    if not measure.traits.metric:
        pytest.skip("not promised")
    points = [measure.prepare(rotor(0.2 + 0.15 * i, i)) for i in range(5)]
    d = np.array([[measure.compare(p, q).distance() for q in points] for p in points])
    worst = max(d[i, k] - d[i, j] - d[j, k] for i, j, k in itertools.permutations(range(5), 3))
    assert worst < 1e-9


@pytest.fixture(scope="module")
def from_fresh_process(fresh_process: Callable[[dict[str, Any]], dict[str, str]]) -> dict[str, str]:
    return fresh_process({name: pair() for name in MEASURES})


def test_the_same_bits_every_time_and_in_a_fresh_process(name: str, from_fresh_process: dict[str, str]) -> None:
    assert cj.get_measure(name)(*pair()) == reference(name)
    assert from_fresh_process[name] == reference(name).value.hex()


def test_pickling_and_inputs_that_stay_as_they_are(name: str) -> None:
    x, y = (array.copy() for array in pair())
    before = x.tobytes(), y.tobytes()
    a, b, measure = (
        pickle.loads(pickle.dumps(v)) for v in (prepared(name, 0), prepared(name, 1), cj.get_measure(name))
    )
    assert measure.compare(a, b) == measure(x, y) == reference(name)
    assert (x.tobytes(), y.tobytes()) == before


def test_single_precision_lists_and_large_offsets(name: str) -> None:
    measure, (x, y) = cj.get_measure(name), pair()
    assert measure(x.astype(np.float32), y.astype(np.float32)).value == pytest.approx(reference(name).value, abs=1e-3)
    assert measure(list(x), list(y)).value == reference(name).value
    assert measure(x + 1e6, y + 1e6).value == pytest.approx(reference(name).value, abs=1e-5)
    assert measure(1e-8 * x, 1e-8 * y).value == pytest.approx(reference(name).value, abs=1e-5)


def test_trials_of_unequal_length_and_other_steps(name: str) -> None:
    measure, (x, y) = cj.get_measure(name), pair()
    ragged = [[trial[: T - i] for i, trial in enumerate(side)] for side in (x, y)]
    assert measure(*ragged).value == pytest.approx(reference(name).value, abs=0.2)
    finer = cj.Trajectories(x, dt=0.1).resampled(0.05)
    both = measure(finer, cj.Trajectories(y, dt=0.1)).value
    assert both == pytest.approx(measure(cj.Trajectories(x, dt=0.1), cj.Trajectories(y, dt=0.1)).value, abs=0.05)


def test_what_cannot_be_compared_is_said(name: str) -> None:
    measure, (x, y) = cj.get_measure(name), pair()
    with pytest.raises(cj.ConjugacyError, match="time points"):
        measure(x[:, :5], y[:, :5])
    with pytest.raises(cj.ConjugacyError, match="no unit varies"):
        measure(np.ones_like(x), y)
    with pytest.raises(cj.ConjugacyError, match="NaN"):
        measure(np.where(x > 0.5, np.nan, x), y)
    with pytest.raises(cj.ConjugacyError, match="activations"):
        measure(cj.Activations(x[0]), y)
    with pytest.raises(cj.ConjugacyError, match="one trial"):
        measure(x[0], y[0])
    wrong = (x, y[: K - 1]) if measure.traits.data == "matched trajectories" else (x, y[..., :4])
    with pytest.raises(cj.ConjugacyError, match=r"do not belong together|same units"):
        measure(*wrong)


def test_knobs_survive_the_id(name: str) -> None:
    measure = cj.get_measure(name)
    assert measure.id == name
    assert measure.references
    knobs, wrong = KNOBS[name]
    for knob in knobs:
        other = cj.get_measure(f"{name}:{knob}")
        assert other != measure
        assert cj.get_measure(other.id) == other
        assert other(*pair()).measure == other.id
    with pytest.raises(cj.ConjugacyError, match="expected"):
        cj.get_measure(f"{name}:{wrong}")
