"""What ONNX graphs are given: by name, in the type and order of axes that they declare, as many rows as they take."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from conjugacy.activations.networks.onnx import OnnxNetwork
from conjugacy.errors import InputError, ShapeError, UnknownNameError


def two_inputs(graphs: Any, **kinds: Any) -> OnnxNetwork:
    nodes = [("Gather", ["table", "ids"], ["rows"]), ("Mul", ["rows", "scale"], ["h"]), ("Relu", ["h"], ["y"])]
    inputs = {"ids": (kinds.get("ids", graphs.int64), ["batch", "t"]), "scale": ["batch", 1, 1]}
    table = np.arange(12, dtype=np.float32).reshape(6, 2)
    return OnnxNetwork(graphs.model(nodes, inputs, {"y": ["batch", "t", 2]}, table=table))


def test_several_inputs_go_by_their_names(graphs: Any) -> None:
    network = two_inputs(graphs)
    ids = np.array([[0, 1, 2], [3, 4, 5]], dtype=np.int32)  # the graph takes int64
    found = network.run({"scale": np.array([1.0, 10.0]).reshape(2, 1, 1), "ids": ids}, ["rows", "h"])
    np.testing.assert_array_equal(found["h"], found["rows"] * np.array([1.0, 10.0]).reshape(2, 1, 1))
    np.testing.assert_array_equal(found["rows"][1, 2], [10, 11])
    assert {name: info.axes for name, info in network.layers().items()} == {"rows": "btu", "h": "btu"}


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        (np.zeros((2, 3)), InputError, "one array, and the network has 2 inputs"),
        ({"ids": np.zeros((2, 3), int)}, InputError, r"input scale: float \(batch, 1, 1\) is missing"),
        (
            {"ids": np.zeros((2, 3), int), "scale": np.ones((2, 1, 1)), "mask": np.ones((2, 3))},
            UnknownNameError,
            "'mask'",
        ),
        ({"ids": np.zeros((2, 3)), "scale": np.ones((2, 1, 1))}, InputError, r"whole numbers; give .astype\('int64'\)"),
        ({"ids": np.zeros(2, int), "scale": np.ones((2, 1, 1))}, ShapeError, r"got shape \(2,\), expected \(2, any\)"),
        ({"ids": np.zeros((2, 3), int), "scale": np.ones((2, 5, 1))}, ShapeError, r"expected \(2, 1, 1\)"),
        ({"ids": np.zeros((2, 3), int), "scale": np.ones((3, 1, 1))}, ShapeError, "one row for each stimulus"),
        ({"ids": np.zeros((2, 3), int), "scale": np.full((2, 1, 1), "x")}, InputError, "expected numbers"),
    ],
)
def test_what_does_not_fit_is_refused_and_the_inputs_are_told(graphs: Any, given: Any, error: Any, said: str) -> None:
    with pytest.raises(error, match=said):
        two_inputs(graphs).run(given, [])


def test_numbers_beyond_the_declared_type_are_refused(graphs: Any) -> None:
    scale = np.ones((1, 1, 1))
    small = two_inputs(graphs, ids=graphs.int32)
    assert small.run({"ids": np.array([[5]]), "scale": scale}, [])["outputs"].shape == (1, 1, 2)
    with pytest.raises(InputError, match="too large"):
        small.run({"ids": np.array([[2**40]]), "scale": scale}, [])
    half = OnnxNetwork(
        graphs.model([("Relu", ["x"], ["y"])], {"x": (graphs.float16, ["N", 1])}, {"y": (graphs.float16, ["N", 1])})
    )
    assert half.run(np.array([[0.1]]), [])["outputs"] == np.float16(0.1)
    with pytest.raises(InputError, match="too large"):
        half.run(np.array([[1e6]]), [])
    assert np.isinf(half.run(np.array([[np.inf]]), [])["outputs"]).all()


@pytest.mark.parametrize("size", [1, 4])
def test_a_model_of_a_fixed_number_of_rows_is_run_so_many_at_a_time(
    graphs: Any, rng: np.random.Generator, size: int
) -> None:
    x = rng.normal(size=(6, 2, 6, 6)).astype(np.float32)
    network = OnnxNetwork(graphs.network(rows=size))
    found = network.run(x, list(network.layers()))
    expected = OnnxNetwork(graphs.network()).run(x, list(network.layers()))
    for name, array in expected.items():
        np.testing.assert_allclose(found[name], array, rtol=1e-5, atol=1e-6)
    assert network.described()["batch"].startswith(f"the model takes {size} row")


def test_rows_stand_where_the_graph_has_them(graphs: Any, rng: np.random.Generator) -> None:
    nodes = [("Transpose", ["x"], ["tbu"], {"perm": [1, 0, 2]}), ("Add", ["tbu", "state"], ["h"]), ("Mul", ["h", "rate"], ["r"]),
             ("Transpose", ["r"], ["y"], {"perm": [1, 0, 2]})]  # fmt: skip
    model = graphs.model(nodes, {"x": ["batch", 3, 2], "state": [1, "batch", 2], "rate": []}, {"y": ["batch", 3, 2]})
    network = OnnxNetwork(model)
    x, state = rng.normal(size=(5, 3, 2)), rng.normal(size=(5, 1, 2))
    expected = 2 * (x + state)
    for rate in (2, np.full(5, 2.0)):  # once, or the same for every stimulus
        found = network.run({"x": x, "state": state, "rate": rate}, ["h"])
        np.testing.assert_allclose(found["outputs"], expected, rtol=1e-5)
        assert found["h"].shape == (3, 5, 2)
    with pytest.raises(ShapeError, match="one for all stimuli"):
        network.run({"x": x, "state": state, "rate": np.arange(5.0)}, [])
    with pytest.raises(ShapeError, match=r"expected \(5, 1, 2\); rows come first, they are moved to axis 1"):
        network.run({"x": x, "state": state[:, 0], "rate": 2}, [])


def test_a_layer_without_an_axis_of_the_rows_is_missing_and_why_is_said(graphs: Any) -> None:
    nodes = [("ReduceMean", ["x"], ["mean"], {"axes": [0], "keepdims": 1}), ("Sub", ["x", "mean"], ["y"])]
    network = OnnxNetwork(graphs.model(nodes, {"x": ["N", 3]}, {"y": ["N", 3]}))
    assert list(network.run(np.ones((4, 3)), ["mean"])) == ["outputs"]
    assert network.described()["left_out"]["mean"] == "shape (1, 3), no axis with one entry for each of 4 stimuli"


def test_tensors_go_in_as_arrays_do(graphs: Any) -> None:
    torch = pytest.importorskip("torch")
    x = torch.linspace(-1, 1, 6).reshape(3, 2)
    network = OnnxNetwork(graphs.model([("Relu", ["x"], ["y"])], {"x": ["N", 2]}, {"y": ["N", 2]}))
    for given in (x, x.double(), x.bfloat16(), {"x": x}):
        found = network.run(given, [])["outputs"]
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, x.clamp(min=0).numpy(), atol=1e-2)
