"""Which of the tensors that an ONNX graph returns are outputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from conjugacy.activations.networks.onnx import OnnxNetwork
from conjugacy.errors import UnknownNameError

W = np.eye(3, dtype=np.float32)


def returning(graphs: Any, outputs: list[str], inputs: tuple[str, ...] = ("x",), output: Any = None) -> OnnxNetwork:
    """A network that returns the same under several names."""
    nodes = [("MatMul", ["x", "w"], ["product"])]
    for other in inputs[1:]:
        nodes.append(("Add", [nodes[-1][2][0], other], [f"{other} added"]))
    nodes += [("Relu", [nodes[-1][2][0]], [name]) for name in outputs]
    shape = ["N", 3]
    model = graphs.model(nodes, dict.fromkeys(inputs, shape), dict.fromkeys(outputs, shape), w=W)
    return OnnxNetwork(model, output)


@pytest.mark.parametrize(
    ("outputs", "inputs", "heads", "left_out"),
    [
        (["y"], ("x",), ["outputs"], {}),
        (["boxes", "scores"], ("x",), ["outputs.boxes", "outputs.scores"], {}),
        (["y", "hn", "cn"], ("x", "h", "c"), ["outputs"], {"hn": "a state", "cn": "a state"}),
        (["y", "stateN"], ("x", "state"), ["outputs"], {"stateN": "a state"}),
        (["y", "memory_out"], ("x", "memory_in"), ["outputs"],
         {"memory_out": "a state, which the input 'memory_in' takes again"}),
        (["y", "present.0.key"], ("x", "past.0.key"), ["outputs"], {"present.0.key": "a cache"}),
        (["logits", "hidden_states"], ("x",), ["outputs"], {"hidden_states": "hidden states"}),
        (["last_hidden_state"], ("x",), ["outputs"], {}),
        (["x_out"], ("x",), ["outputs"], {}),  # what is denoised has the name and size of the input
        (["hn"], ("x",), ["outputs"], {}),  # nothing else is there
    ],
)  # fmt: skip
def test_states_and_caches_are_left_out_by_name_or_by_the_input_that_takes_them_again(
    graphs: Any, outputs: list[str], inputs: tuple[str, ...], heads: list[str], left_out: dict[str, str]
) -> None:
    network = returning(graphs, outputs, inputs)
    assert (list(network.heads.paths), dict(network.heads.left_out)) == (heads, left_out)
    found = network.run({name: np.ones((2, 3)) for name in inputs}, [])
    assert list(found) == heads


def test_a_layer_that_is_returned_too_stays_a_layer(graphs: Any) -> None:
    nodes = [
        ("MatMul", ["x", "w"], ["features"]),
        ("MatMul", ["features", "w"], ["scores"]),
        ("Softmax", ["scores"], ["shares"]),
    ]
    returned = {name: ["N", 3] for name in ("features", "scores", "shares")}
    network = OnnxNetwork(graphs.model(nodes, {"x": ["N", 3]}, returned, w=W))
    assert list(network.layers()) == ["features"]
    assert dict(network.heads.left_out) == {"features": "a hidden layer, which the operator of 'scores' works on"}
    assert list(network.heads.paths) == ["outputs.scores", "outputs.shares"]
    assert network.heads.hints == {"outputs.shares": ("probabilities", "its last operator is a Softmax")}
    found = network.run(np.eye(3), ["features"])
    np.testing.assert_array_equal(found["features"], np.eye(3))


@pytest.mark.parametrize("asked", ["b", 1, "outputs.b"])
def test_one_output_can_be_asked_for(graphs: Any, asked: Any) -> None:
    network = returning(graphs, ["a", "b"], output=asked)
    assert list(network.run(np.ones((2, 3)), [])) == ["outputs.b"]
    assert dict(network.heads.left_out) == {"a": "another output was asked for"}


def test_an_output_that_is_not_there_is_told(graphs: Any) -> None:
    with pytest.raises(UnknownNameError, match=r"outputs\.a"):
        _ = returning(graphs, ["a"], output="c").heads


def test_what_leads_only_to_a_state_is_no_layer(graphs: Any) -> None:
    nodes = [
        ("MatMul", ["x", "w"], ["h"]),
        ("Relu", ["h"], ["y"]),
        ("Neg", ["h"], ["turned"]),
        ("Exp", ["turned"], ["stateN"]),
    ]
    network = OnnxNetwork(graphs.model(nodes, {"x": ["N", 3]}, {"y": ["N", 3], "stateN": ["N", 3]}, w=W))
    assert list(network.layers()) == ["h"]
    assert network.described()["left_out"] == {"stateN": "a state", "turned": "leads to no output"}
