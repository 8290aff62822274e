"""The measure `verdict` answers as a whole comparison does, at both axes and either way round, and fits no more than it needs."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest
from constructed import EQUIVALENT, NEITHER, ONE_WAY, pair

import conjugacy as cj
from conjugacy.errors import InputError, StimuliError
from conjugacy.measures.verdict import VerdictMeasure
from conjugacy.transformations import Layer, judge

pytestmark = pytest.mark.usefixtures("short_curves")

M = 200
MIRRORED = {"a_determines_b": "b_determines_a", "b_determines_a": "a_determines_b"}


def agrees(measure: VerdictMeasure, a: Any, b: Any) -> cj.Score:
    """Compare both ways round and with `cj.compare`; return the score."""
    axis = getattr(cj.compare(a, b, tolerance=measure.tolerance, seed=measure.seed).verdict, measure.axis)
    prepared = measure.prepare(a), measure.prepare(b)
    there, back = measure.compare(*prepared), measure.compare(*prepared[::-1])
    assert there.details["answer"] == axis.answer
    assert there.details["rung"] == back.details["rung"] == axis.rung
    assert back.details["answer"] == MIRRORED.get(axis.answer, axis.answer)
    assert (back.details["a_to_b"], back.details["b_to_a"]) == (there.details["b_to_a"], there.details["a_to_b"])
    assert back.value == pytest.approx(there.value, rel=1e-9)
    assert (there.status is cj.Status.UNDECIDED) == (axis.answer == "undecided")
    if axis.rung not in (None, "identity"):
        result = axis.rung_result(axis.rung)
        assert there.value == pytest.approx(max(result.a_to_b.unexplained, result.b_to_a.unexplained), rel=1e-6)
    return there


@pytest.mark.parametrize("kind", [*EQUIVALENT, *ONE_WAY, *NEITHER])
def test_a_layer_is_judged_as_in_a_comparison(kind: str) -> None:
    """Other tests that read an answer alone rely on this one and on the next."""
    a, b = pair(kind, 5, m=100)
    # of the rectifiers one row in a hundred carries the error: it may have been five
    expected = (ONE_WAY | NEITHER | {"rectifiers": "undecided"}).get(kind, "equivalent")
    assert agrees(VerdictMeasure(), a, b).details["answer"] == expected


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*EQUIVALENT, *ONE_WAY, *NEITHER])
def test_all_kinds_of_pairs_are_judged_as_in_a_comparison(kind: str) -> None:
    a, b = pair(kind, 6)
    expected = (ONE_WAY | NEITHER).get(kind, "equivalent")
    assert agrees(VerdictMeasure(), a, b).details["answer"] == expected
    agrees(VerdictMeasure(seed=3, tolerance=0.02), a, b)


def outputs(values: np.ndarray, **settings: Any) -> cj.Recording:
    return cj.Recording.from_arrays({"outputs": values}, **settings)


@cache
def functions(m: int = M) -> dict[str, tuple[cj.Recording, cj.Recording, str]]:
    """Pairs of outputs on m or twice as many rows, and the answer that is theirs by construction."""
    rng = np.random.default_rng(7)
    world = rng.uniform(-1, 1, (2 * m, 4))
    task = np.column_stack([world[:, 0] + world[:, 1], world[:, 0] * world[:, 2]])
    bent = np.column_stack([np.exp(task[:, 0]), task[:, 1] + task[:, 0] ** 2])
    noisy = [task + 0.03 * rng.standard_normal(task.shape) for _ in range(2)]
    logits, labels = 3 * rng.standard_normal((m, 4)), rng.integers(0, 6, m)[:, None]
    large = 20.0 * np.eye(3)[rng.integers(0, 3, m)]
    private = [large * rng.uniform(0.2, 1.0, (m, 1)) + rng.standard_normal((m, 3)) for _ in range(2)]
    soft = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return {
        "same task": (*(outputs(x, inputs=world, targets=task) for x in noisy), "equivalent"),
        "bent, inputs hidden": (outputs(task, inputs=world), outputs(bent, inputs=world), "equivalent"),
        "bent, one has inputs": (outputs(task, inputs=world), outputs(bent), "equivalent"),
        "bent, inputs unknown": (outputs(task), outputs(bent), "undecided"),
        "bent, inputs given away": (outputs(task, inputs=task), outputs(bent, inputs=task), "undecided"),
        "relabelled": (
            outputs(logits, output_kind="logits"),
            outputs(logits[:, [2, 0, 3, 1]], output_kind="logits"),
            "equivalent",
        ),
        "one as probabilities": (outputs(logits, output_kind="logits"), outputs(soft), "equivalent"),
        "coarser labels": (
            outputs(labels, output_kind="labels"),
            outputs(labels // 2, output_kind="labels"),
            "a_determines_b",
        ),
        "one decision": (*(outputs(x, output_kind="logits") for x in private), "equivalent"),
        "other task": (*(outputs(rng.standard_normal((3 * m, 3))) for _ in range(2)), "unrelated"),
        "half the task": (outputs(task), outputs(np.column_stack([task[:, 0], world[:, 3]])), "partly_related"),
    }


@pytest.mark.parametrize("name", list(functions()))
def test_outputs_are_judged_as_in_a_comparison(name: str) -> None:
    a, b, answer = functions(100)[name]
    assert agrees(VerdictMeasure(axis="function"), a, b).details["answer"] == answer


@pytest.mark.slow
@pytest.mark.parametrize("name", list(functions()))
def test_all_kinds_of_outputs_are_judged_as_in_a_comparison(name: str) -> None:
    a, b, answer = functions()[name]
    assert agrees(VerdictMeasure(axis="function"), a, b).details["answer"] == answer


@pytest.mark.slow
def test_repeats_states_that_repeat_and_groups_count_as_in_a_comparison() -> None:
    rng = np.random.default_rng(3)
    latent = np.repeat(rng.standard_normal((M // 2, 3)), 2, axis=0)
    ids = np.repeat([f"s{i}" for i in rng.permutation(M // 2)], 2)
    clean = [np.tanh(latent @ rng.standard_normal((3, 12))) for _ in range(2)]
    noisy = [x + 0.3 * x.std() * rng.standard_normal(x.shape) for x in clean]
    measure = VerdictMeasure()
    agrees(measure, *clean)  # rows repeat states
    assert (
        agrees(measure, *(cj.Activations(x, stimuli=ids) for x in noisy)).details["answer"] == "undecided"
    )  # all noise
    groups = np.repeat(np.arange(M // 4), 4)
    agrees(measure, cj.Activations(clean[0], groups=groups), cj.Activations(noisy[0]))


@pytest.mark.slow
def test_rows_in_other_orders_and_ids_of_other_types_match() -> None:
    rng = np.random.default_rng(4)
    a, b = pair("misses_half", 5, m=M)
    order = rng.permutation(M)
    one, two = (
        cj.Activations(a, stimuli=np.arange(M)),
        cj.Activations(b[order], stimuli=np.arange(M)[order].astype(str)),
    )
    agrees(VerdictMeasure(), one, two)
    agrees(VerdictMeasure(), cj.Activations(a, stimuli=np.arange(M)), b)
    with pytest.raises(StimuliError, match="different stimuli"):
        VerdictMeasure()(one, cj.Activations(b, stimuli=np.arange(M) + 1))


@pytest.mark.slow
@pytest.mark.parametrize("axis", ["representation", "function"])
def test_trajectories_are_rows_of_their_trials(axis: Any) -> None:
    rng = np.random.default_rng(11)
    states = np.cumsum(0.3 * rng.standard_normal((15, 20, 3)), axis=1)
    recordings = [
        cj.Recording(
            {
                "h": cj.Trajectories(states @ rng.standard_normal((3, n))),
                "outputs": cj.Trajectories(np.tanh(states[..., :2])),
            },
            targets=np.arange(15),
        )
        for n in (5, 7)
    ]
    agrees(VerdictMeasure(axis=axis), *recordings)


def test_the_last_rung_that_counts_decides() -> None:
    rng = np.random.default_rng(5)
    x = rng.standard_normal((100, 2))
    bent = np.column_stack([x[:, 0], x[:, 1] + 2 * x[:, 0] ** 2])
    others = {
        "identity": x,
        "permutation": 3 * x[:, ::-1] * [1, 4] + 1,
        "rotation": 2 * x @ np.linalg.qr(rng.standard_normal((2, 2)))[0],
        "affine": x @ np.array([[1.0, 2.0], [0.5, 3.0]]),
        "smooth": bent,
    }
    measures = {rung: VerdictMeasure(rung=rung) for rung in others}  # type: ignore[arg-type]
    source, targets = measures["smooth"].prepare(x), [measures["smooth"].prepare(y) for y in others.values()]
    for place, measure in enumerate(measures.values()):
        said = [measure.compare(source, target).details for target in targets]
        assert [d["answer"] for d in said] == ["equivalent"] * (place + 1) + ["partly_related"] * (4 - place)
        assert [d["rung"] for d in said] == list(others)[: place + 1] + [None] * (4 - place)
    assert np.isnan(VerdictMeasure(rung="permutation")(x, bent[:, :1]).value)
    with pytest.raises(InputError, match="rung"):
        VerdictMeasure(rung="any")  # type: ignore[arg-type]


def test_what_each_rung_promises_not_to_see() -> None:
    rng = np.random.default_rng(9)
    x = rng.standard_normal((100, 4)) * [1, 2, 3, 4]
    y = x + 0.1 * rng.standard_normal(x.shape)
    changes = {
        "permutation": x[:, ::-1],
        "translation": x + 1,
        "isotropic_scaling": 3 * x,
        "unit_scaling": x * [4, 3, 2, 1],
    }
    turned = y @ np.linalg.qr(rng.standard_normal((4, 4)))[0]
    for rung, target, moving in (
        ("identity", y, set(changes)),
        ("permutation", y, set[str]()),
        ("rotation", turned, {"unit_scaling"}),
    ):
        measure = VerdictMeasure(rung=rung, tolerance=0.001)  # type: ignore[arg-type]
        shifts = {
            name: abs(measure(changed, target).value - measure(x, target).value) for name, changed in changes.items()
        }
        assert {name for name, shift in shifts.items() if shift > 1e-6} == moving
        assert not moving & measure.traits.invariances


def test_no_rung_beyond_the_first_that_holds_is_fitted() -> None:
    x = np.random.default_rng(6).standard_normal((100, 4))
    ladder = judge(Layer(x), Layer(2 * x[:, ::-1]), np.arange(100), tolerance=0.05)
    assert ladder.rung == "permutation"
    assert set(ladder.a_to_b.fits.found) == {"identity", "permutation"}
    assert set(vars(ladder.chance)) == {"a", "b", "clusters", "seed"}  # nor is chance asked


def test_outputs_that_never_vary_are_not_tested() -> None:
    x = np.random.default_rng(6).standard_normal((100, 2))
    measure = VerdictMeasure(axis="function")
    score = measure(outputs(np.ones((100, 2))), outputs(x))
    # a constant is a function of anything, and nothing is one of a constant
    assert (score.status, score.details["answer"]) == (cj.Status.DEGENERATE, "b_determines_a")
    both = measure(outputs(np.ones((100, 2))), outputs(np.zeros((100, 2))))
    assert (both.status, both.details["answer"]) == (cj.Status.DEGENERATE, "not_tested")
    with pytest.raises(InputError, match="no output layer"):
        measure.prepare(cj.Recording.from_arrays({"hidden": x}))
    with pytest.raises(InputError, match="no layer besides"):
        VerdictMeasure().prepare(outputs(x))


@pytest.mark.parametrize("axis", ["representation", "function"])
def test_what_is_prepared_is_plain_data(axis: Any) -> None:
    x = np.random.default_rng(8).standard_normal((60, 3))
    prepared = VerdictMeasure(axis=axis).prepare(cj.Recording.from_arrays({"h": x, "outputs": x**2}, inputs=x))
    _walk(prepared)
    assert (
        sum(a.nbytes for a in _arrays(prepared) if a.size >= 60**2) <= 4 * 8 * 60**2
    )  # one matrix a kernel, and no more


def _walk(value: Any) -> None:
    if is_dataclass(value):
        assert {f.name for f in fields(value)} <= set(vars(value))
        value = vars(value)
    if isinstance(value, dict):
        assert all(isinstance(key, (str, float)) for key in value)
        value = tuple(value.values())
    if isinstance(value, (tuple, list)):
        for part in value:
            _walk(part)
    else:
        assert value is None or isinstance(value, (np.ndarray, str, int, float))


def _arrays(value: Any) -> list[np.ndarray]:
    value = vars(value) if is_dataclass(value) else value
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, (tuple, list)):
        return [array for part in value for array in _arrays(part)]
    return [value] if isinstance(value, np.ndarray) else []


def test_the_same_scores_for_two_questions_have_the_p_of_their_decisions():
    rng = np.random.default_rng(0)
    wanted = rng.integers(0, 4, 300)
    scores = np.eye(4)[wanted] * 3 + rng.normal(size=(300, 4))
    ends = [
        cj.Recording.from_arrays({"outputs": scores}, output_kind="logits", targets=(wanted + shift) % 4)
        for shift in (0, 1)
    ]
    said = VerdictMeasure(axis="function")(*ends).details
    assert said["answer"] not in ("equivalent", "undecided")
    assert said["p"] < 0.05
    same = VerdictMeasure(axis="function")(ends[0], ends[0]).details
    assert (same["answer"], same["p"]) == ("equivalent", 0.0)


@pytest.mark.slow
def test_inputs_that_nearly_repeat_are_seen_by_both_doors_in_any_order():
    rng = np.random.default_rng(0)
    at = rng.permutation(np.arange(240) % 12)
    shown = rng.normal(size=(12, 5))[at] + 0.01 * rng.normal(size=(240, 5))
    layers = [np.tanh(shown @ rng.normal(size=(5, 8))) + 0.3 * rng.normal(size=(240, 8)) for _ in "ab"]
    ids = np.arange(240)
    a, b = (cj.Activations(x, stimuli=ids, inputs=shown) for x in layers)
    turned = cj.Activations(layers[1][::-1], stimuli=ids[::-1], inputs=shown[::-1])
    answers = {cj.get_measure("verdict")(a, other).details["answer"] for other in (b, turned)}
    found = cj.compare(a, turned).verdict.representation
    assert any("in what was shown" in warning for warning in found.warnings)
    assert answers == {found.answer}
