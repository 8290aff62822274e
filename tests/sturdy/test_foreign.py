"""Arrays of other libraries, and numbers near the end of all numbers, at every door: read exactly, or refused in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.sparse

import conjugacy as cj
from conjugacy.errors import ConjugacyError, InputError, NotFiniteError

X = np.random.default_rng(0).normal(size=(30, 3)).astype(np.float32).astype(np.float64)
COARSE = np.round(X * 8) / 8  # what bfloat16 holds exactly
IDS = np.arange(30)
pytestmark = pytest.mark.usefixtures("short_curves")


def tensors() -> dict[str, Any]:
    torch = pytest.importorskip("torch")
    whole = torch.tensor(COARSE)
    return {
        "float16": whole.half(),
        "bfloat16": whole.to(torch.bfloat16),
        "needs a gradient": whole.clone().requires_grad_(),
        "a conjugate's part": torch.complex(whole, -whole).conj().imag,
        "rows": list(whole),
        "rows of bfloat16": list(whole.to(torch.bfloat16)),
    }


DOORS: dict[str, Callable[[Any], Any]] = {
    "Activations": lambda given: cj.Activations(given).values,
    "inputs": lambda given: cj.Activations(X, inputs=given).inputs,
    "Recording": lambda given: cj.Recording.from_arrays({"h": given}).layers["h"].values,
    "targets": lambda given: cj.Recording.from_arrays({"h": X}, targets=given).targets,
    "Trajectories": lambda given: cj.Trajectories([given, given]).values[1],
    "drive": lambda given: cj.Trajectories([X, X], drive=[given, given]).drive[1],
    "record": lambda given: cj.record(lambda x: x, given).layers["outputs"].values,
    "returned": lambda given: cj.record(lambda x: {"h": given, "outputs": x}, X).layers["h"].values,
}
MORE = {
    "compare": lambda given: cj.compare(given, X),
    "measure": lambda given: cj.get_measure("cka")(given, X),
    "pairwise": lambda given: cj.pairwise({"a": given, "b": X}, measures="cka"),
    "ids": lambda given: cj.Activations(X, stimuli=given),
    "groups": lambda given: cj.compare(X, X, groups=given),
}


@pytest.mark.parametrize("door", DOORS)
def test_tensors_are_read_exactly(door: str) -> None:
    for name, given in tensors().items():
        if name.startswith("rows") and door == "returned":
            continue  # a list that a network returns holds several outputs
        np.testing.assert_array_equal(DOORS[door](given), COARSE, err_msg=name)


def refused() -> dict[str, tuple[Any, str]]:
    torch = pytest.importorskip("torch")
    whole = torch.tensor(X, dtype=torch.float32)
    return {
        "sparse": (whole.to_sparse(), "sparse tensor .*to_dense"),
        "quantised": (torch.quantize_per_tensor(whole, 0.1, 0, torch.qint8), "quantised tensor .*dequantize"),
        "meta": (whole.to("meta"), "without values"),
        "nested": (torch.nested.nested_tensor([whole[:3], whole[:5]]), "nested tensor"),
        "rows of meta": (list(whole.to("meta")), "without values"),
        "scipy": (scipy.sparse.csr_array(X), "sparse csr_array.*toarray"),
        "masked": (np.ma.masked_array(X, X > 2), "are masked"),
    }


@pytest.mark.parametrize("door", [*DOORS, *MORE])
@pytest.mark.filterwarnings("ignore:.*(quantiz|nested tensors):UserWarning")
@pytest.mark.filterwarnings("ignore:.*quantization:DeprecationWarning")
def test_what_has_no_plain_values_is_refused_with_what_to_do(door: str) -> None:
    for name, (given, said) in refused().items():
        if name.startswith("rows") and door == "returned":
            continue
        with pytest.raises(InputError, match=said):
            {**DOORS, **MORE}[door](given)


@pytest.mark.parametrize("measure", cj.measure_names())
def test_measures_refuse_values_whose_squares_are_no_numbers(measure: str) -> None:
    found = cj.get_measure(measure)
    if found.reads_targets or measure in ("agreement", "disagreement", "jensen_shannon"):
        return  # outputs, which may be larger
    huge = 1e200 * (np.stack([X[:10], X[10:20], X[20:]]) if found.traits.data != "activations" else X)
    given = cj.Trajectories(huge, drive=huge / 1e200) if found.traits.data != "activations" else huge
    with pytest.raises(NotFiniteError, match="is so large that its square overflows"):
        found(given, given)


@pytest.mark.parametrize("size", [1e155, 1e200, 1e307])
def test_huge_outputs_are_the_same_or_not_tested_in_words(size: float) -> None:
    a, b = (cj.Recording.from_arrays({"h": X, "outputs": x * size}) for x in (X, np.tanh(X)))
    same, other = cj.compare(a, a), cj.compare(a, b)
    assert same.verdict.function.answer == ("equivalent" if size < 1e300 else "not_tested")
    assert same.drop_in.bit_equal
    assert other.verdict.function.answer == "not_tested"
    assert "so large that their squares overflow" in other.verdict.function.reasons[0]
    assert not other.drop_in.bit_equal


def test_huge_inputs_and_longer_floats_are_named() -> None:
    with pytest.raises(NotFiniteError, match=r"inputs of activations: the value .* is so large"):
        cj.Activations(X, inputs=1e200 * X)
    seen = cj.record(lambda x: np.tanh(x), 1e200 * X)  # they may be shown, and are not kept
    assert seen.layers["outputs"].inputs is None
    if np.finfo(np.longdouble).max > np.finfo(np.float64).max:
        with pytest.raises(NotFiniteError, match="90 of 90 values"):
            cj.Activations(X.astype(np.longdouble) * np.longdouble("1e4000"))


@pytest.mark.parametrize("wrong", [[[1, 2], [3]] * 15, X + 1j, np.full((30,), None), [object()] * 30])
@pytest.mark.parametrize("door", ["ids", "groups"])
def test_labels_of_other_kinds_are_refused(door: str, wrong: Any) -> None:
    with pytest.raises(ConjugacyError):
        MORE[door](wrong)
