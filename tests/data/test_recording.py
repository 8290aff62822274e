"""Recording: layers that share their rows, and one of them is the output."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.errors import InputError, ShapeError, StimuliError, UnknownNameError


def layers(**ids: list[int]) -> dict[str, cj.Activations]:
    return {name: cj.Activations(np.eye(3), stimuli=stimuli) for name, stimuli in ids.items()}


def test_the_output_is_found_by_name() -> None:
    r = cj.Recording.from_arrays({"h1": np.eye(3), "logits": np.eye(3), "out": np.eye(3)}, name="net")
    assert r.output_name == "out"  # before logits in the list of names
    assert r.hidden_layers == ("h1", "logits")
    assert r.layer("h1").name == "net"
    assert r.layer("h1").layer == "h1"
    given = cj.Recording.from_arrays({"h1": np.eye(3), "out": np.eye(3)}, output_layer="h1")
    assert given.output_name == "h1"
    assert given.outputs is given.layers["h1"]
    none = cj.Recording.from_arrays({"h1": np.eye(3)})
    assert none.outputs is None
    assert none.output_name is None


@pytest.mark.parametrize(
    ("build", "kind", "words"),
    [
        (lambda: cj.Recording({}), InputError, "no layers"),
        (lambda: cj.Recording({"a": np.eye(3)}), InputError, "got ndarray"),
        (lambda: cj.Recording.from_arrays({"a": np.eye(3), "b": np.eye(4)}), ShapeError, "3 rows.*4 rows"),
        (lambda: cj.Recording(layers(a=[1, 2, 3], b=[1, 3, 2])), StimuliError, "'a' and 'b' carry different ids"),
        (
            lambda: cj.Recording({"a": cj.Activations(np.eye(3)), "b": cj.Trajectories(np.zeros((3, 2, 2)))}),
            InputError,
            "mix activations and trajectories",
        ),
        (lambda: cj.Recording.from_arrays({"head": np.eye(3)}, output_layer="haed"), UnknownNameError, "mean 'head'"),
        (lambda: cj.Recording.from_arrays({"a": np.eye(3)}, output_kind="logit"), UnknownNameError, "mean 'logits'"),
        (lambda: cj.Recording.from_arrays({"a": np.eye(3)}, targets=[1, 2]), ShapeError, r"expected \(3,\)"),
        (lambda: cj.Recording.from_arrays({"a": np.eye(3)}).layer("b"), UnknownNameError, "known: 'a'"),
    ],
)
def test_bad_input(build, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        build()


def test_layers_cannot_be_replaced() -> None:
    r = cj.Recording.from_arrays({"a": np.eye(3)})
    with pytest.raises(TypeError):
        r.layers["a"] = r.layers["a"]  # type: ignore[index]


def test_targets_are_classes_or_values() -> None:
    assert cj.Recording.from_arrays({"a": np.eye(3)}, targets=[2, 0, 1]).targets.dtype == np.int64  # type: ignore[union-attr]
    assert cj.Recording.from_arrays({"a": np.eye(3)}, targets=[2.5, 0, 1]).targets.dtype == np.float64  # type: ignore[union-attr]


def test_pickling_keeps_everything() -> None:
    r = cj.Recording.from_arrays(
        {"h": np.eye(3), "outputs": np.ones((3, 2))}, stimuli=["a", "b", "c"], name="n", output_kind="logits",
        targets=[0, 1, 0], provenance={"seed": 3},
    )  # fmt: skip
    copy = pickle.loads(pickle.dumps(r))
    assert list(copy.layers) == ["h", "outputs"]
    assert copy.layers["h"].stimuli.tolist() == ["a", "b", "c"]
    assert (copy.name, copy.output_kind, copy.provenance["seed"]) == ("n", "logits", 3)
    assert copy.targets.tolist() == [0, 1, 0]
    assert not copy.is_dynamic
