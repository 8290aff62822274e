"""What must hold of comparisons and measures for any shape, type of number, scale and order."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import fields
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import conjugacy as cj
from conjugacy.report import json_schema

pytestmark = pytest.mark.usefixtures("short_curves")

# a failing case is not made smaller: that would run the costly comparison hundreds of times
CHEAP = settings(
    deadline=None, derandomize=True, max_examples=12, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
)
VALIDATOR = jsonschema.validators.validator_for(json_schema())(json_schema())
MIRROR = {"a_determines_b": "b_determines_a", "b_determines_a": "a_determines_b"}


@st.composite
def pairs(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Draw two networks of one latent, of any sizes, types and scales."""
    m, d = draw(st.integers(12, 70)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    latent = rng.standard_normal((m, d))
    found: list[np.ndarray] = []
    for _ in range(2):
        n = draw(st.integers(1, 90))
        values = np.tanh(latent @ rng.standard_normal((d, n)) + rng.standard_normal(n))
        values *= 10.0 ** draw(st.integers(-8, 8))
        found.append(values.astype(draw(st.sampled_from([np.float64, np.float32]))))
    return found[0], found[1]


def numbers(axis: dict[str, Any], way: str) -> list[float | None]:
    return [rung[way]["unexplained"] for rung in axis["rungs"]]


@pytest.mark.slow
@CHEAP
@given(pairs())
def test_a_comparison_is_valid_deterministic_and_symmetric(pair: tuple[np.ndarray, np.ndarray]) -> None:
    a, b = pair
    result = cj.compare(a, b)
    record = result.to_dict()
    VALIDATOR.validate(json.loads(result.to_json()))
    assert cj.compare(a.copy(), b.copy()).to_json() == result.to_json()
    back = cj.compare(b, a).to_dict()["representation"]
    there = record["representation"]
    assert back["answer"] == MIRROR.get(there["answer"], there["answer"])
    np.testing.assert_allclose(
        [np.nan if v is None else v for v in numbers(back, "b_to_a")],
        [np.nan if v is None else v for v in numbers(there, "a_to_b")],
        rtol=1e-6, atol=1e-12,
    )  # fmt: skip


@pytest.mark.slow
@CHEAP
@given(pairs(), st.integers(0, 1000))
def test_the_order_of_rows_and_the_scale_do_not_matter(pair: tuple[np.ndarray, np.ndarray], seed: int) -> None:
    a, b = (x.astype(np.float64) for x in pair)
    rng = np.random.default_rng(seed)
    order, ids = rng.permutation(len(a)), np.arange(len(a))
    plain = cj.compare(cj.Activations(a, stimuli=ids), cj.Activations(b, stimuli=ids)).to_dict()["representation"]
    moved = cj.compare(
        cj.Activations(7.0 * a[order], stimuli=ids[order]), cj.Activations(b * 1e-3, stimuli=ids)
    ).to_dict()["representation"]
    assert moved["answer"] == plain["answer"]
    # the identity alone may see the scale
    np.testing.assert_allclose(
        [np.nan if v is None else v for v in numbers(moved, "a_to_b")[1:]],
        [np.nan if v is None else v for v in numbers(plain, "a_to_b")[1:]],
        rtol=1e-3, atol=1e-9,
    )  # fmt: skip


@CHEAP
@given(st.integers(0, 10_000), st.integers(40, 90), st.integers(2, 12), st.integers(2, 12))
def test_independent_networks_are_never_equivalent(seed: int, m: int, p: int, q: int) -> None:
    rng = np.random.default_rng(seed)
    result = cj.compare(rng.standard_normal((m, p)), rng.standard_normal((m, q)))
    # that they share something is said of one in a hundred
    assert result.verdict.representation.answer in ("unrelated", "not_equivalent", "undecided", "partly_related")


ON_ROWS = [n for n in cj.measure_names() if cj.get_measure(n).traits.data == "activations"]
ON_CLASSES = [n for n in cj.measure_names() if cj.get_measure(n).traits.data == "outputs"]
ON_TRIALS = [n for n in cj.measure_names() if n not in ON_ROWS + ON_CLASSES]


@pytest.mark.parametrize("name", ON_ROWS)
@CHEAP
@given(pair=pairs())
def test_a_measure_gives_finite_numbers_or_says_why(name: str, pair: tuple[np.ndarray, np.ndarray]) -> None:
    _finite_or_said(cj.get_measure(name), pair)


@pytest.mark.parametrize("name", ON_CLASSES)
@CHEAP
@given(pair=pairs())
def test_so_does_a_measure_on_outputs(name: str, pair: tuple[np.ndarray, np.ndarray]) -> None:
    both = [np.resize(x, (len(x), 3)) for x in pair]  # as many classes
    _finite_or_said(cj.get_measure(name), both)


@pytest.mark.parametrize("name", ON_TRIALS)
@CHEAP
@given(pair=pairs())
def test_so_does_a_measure_on_trajectories(name: str, pair: tuple[np.ndarray, np.ndarray]) -> None:
    """One trial whose time points are the rows, led by its own first unit where a drive is needed."""
    known = {field.name for field in fields(cj.get_measure(name))}
    measure = cj.get_measure(name, **{knob: value for knob, value in {"delays": 2, "rank": 3}.items() if knob in known})
    both = [cj.Trajectories(x[None], drive=x[None, :, :1]) for x in pair]
    with suppress(cj.ConjugacyError):  # still data, one coordinate against three: said, with what to do
        _finite_or_said(measure, both)


def _finite_or_said(measure: Any, pair: Any) -> None:
    score = measure(*pair)
    assert score.status.is_ok is False or np.isfinite(score.value)
    if np.isfinite(score.value):
        assert -1e-9 <= score.similarity() <= 1 + 1e-9
        assert score.distance() >= -1e-9
    again = measure(*(x.copy() if isinstance(x, np.ndarray) else x for x in pair))
    assert (again.value, again.status) == (score.value, score.status) or np.isnan(score.value)
