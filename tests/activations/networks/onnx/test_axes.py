"""The axes of layers, followed from the inputs through the graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conjugacy.activations.networks.onnx import OnnxNetwork


def axes(network: OnnxNetwork) -> dict[str, str | None]:
    return {name: info.axes for name, info in network.layers().items()}


def test_channels_last_around_a_convolution(graphs: Any) -> None:
    nodes = [
        ("Transpose", ["x"], ["in"], {"perm": [0, 3, 1, 2]}), ("Conv", ["in", "w"], ["conv"], {"kernel_shape": [1, 1]}),
        ("Transpose", ["conv"], ["last"], {"perm": [0, 2, 3, 1]}), ("MatMul", ["last", "m"], ["mixed"]),
        ("Add", ["mixed", "bias"], ["more"]), ("ReduceMean", ["more"], ["pooled"], {"axes": [1, 2], "keepdims": 0}),
        ("Relu", ["pooled"], ["y"]),
    ]  # fmt: skip
    weights = {"w": np.ones((4, 3, 1, 1)), "m": np.ones((4, 4)), "bias": np.ones(4)}
    model = graphs.model(
        nodes, {"x": ["N", 6, 5, 3]}, {"y": ["N", 4]}, **{k: v.astype(np.float32) for k, v in weights.items()}
    )
    assert axes(OnnxNetwork(model)) == {
        "in": None, "conv": "bcyx", "last": "byxc", "mixed": "byxc", "more": "byxc", "pooled": "bu",
    }  # fmt: skip


def test_a_recurrent_layer_is_time_first(graphs: Any) -> None:
    rng = np.random.default_rng(0)
    nodes = [
        ("Transpose", ["x"], ["turned"], {"perm": [1, 0, 2]}), ("GRU", ["turned", "w", "r"], ["all", "last"], {"hidden_size": 4}),
        ("Squeeze", ["all", "one"], ["states"]), ("Transpose", ["states"], ["back"], {"perm": [1, 0, 2]}),
        ("Relu", ["back"], ["y"]),
        ("Squeeze", ["last", "zero"], ["z"]),
    ]  # fmt: skip
    weights = {"w": rng.normal(size=(1, 12, 3)), "r": rng.normal(size=(1, 12, 4))}
    model = graphs.model(
        nodes, {"x": ["N", "t", 3]}, {"y": ["N", "t", 4], "z": ["N", 4]}, one=np.array([1]), zero=np.array([0]),
        **{k: v.astype(np.float32) for k, v in weights.items()},
    )  # fmt: skip
    network = OnnxNetwork(model)
    assert axes(network) == {"turned": None, "all": None, "last": None, "states": "tbu", "back": "btu"}
    x = rng.normal(size=(5, 7, 3))
    found = network.run(x, ["states", "back"])
    assert found["states"].shape == (7, 5, 4)
    np.testing.assert_array_equal(found["states"].swapaxes(0, 1), found["back"])


def test_what_puts_stimuli_and_tokens_into_one_axis_claims_nothing(graphs: Any) -> None:
    nodes = [("Reshape", ["x", "rows"], ["merged"]), ("MatMul", ["merged", "w"], ["linear"]), ("Relu", ["linear"], ["h"]),
             ("Reshape", ["h", "apart"], ["y"])]  # fmt: skip
    weights = {"rows": np.array([-1, 3]), "apart": np.array([-1, 5, 3]), "w": np.eye(3, dtype=np.float32)}
    network = OnnxNetwork(graphs.model(nodes, {"x": ["N", 5, 3]}, {"y": ["N", 5, 3]}, **weights))
    assert axes(network) == {"merged": None, "linear": None, "h": None}
    assert list(network.run(np.ones((4, 5, 3)), ["linear"])) == ["outputs"]


@pytest.mark.filterwarnings("ignore")
def test_a_transformer_as_the_legacy_exporter_writes_it(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)

    class Block(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed, self.norm = torch.nn.Embedding(11, 8), torch.nn.LayerNorm(8)
            self.qkv, self.out = torch.nn.Linear(8, 24), torch.nn.Linear(8, 8)

        def forward(self, ids: Any) -> Any:
            h = self.embed(ids)
            b, t, d = h.shape
            q, k, v = (z.reshape(b, t, 2, d // 2).transpose(1, 2) for z in self.qkv(self.norm(h)).split(d, dim=-1))
            mixed = torch.softmax(q @ k.transpose(-1, -2), dim=-1) @ v
            return h + self.out(mixed.transpose(1, 2).reshape(b, t, d))

    path = tmp_path / "block.onnx"
    ids = torch.arange(10).reshape(2, 5) % 11
    names = {"input_names": ["ids"], "output_names": ["y"], "dynamic_axes": {"ids": {0: "batch", 1: "t"}}}
    torch.onnx.export(Block().eval(), (ids,), str(path), dynamo=False, **names)
    network = OnnxNetwork(path)
    found = {name: (info.kind, info.axes) for name, info in network.layers().items()}
    assert {what for what in found.values() if what[0] in ("Gather", "LayerNormalization", "Add")} == {
        ("Gather", "btu"), ("LayerNormalization", "btu"), ("Add", "btu"),
    }  # fmt: skip
    linear = [name for name in found if name.startswith(("/qkv", "/out"))]
    assert {found[name][1] for name in linear} == {"btu"}
    attention = [name for name in found if found[name][0] == "Softmax"]
    assert found[attention[0]][1] is None
    shapes = {name: array.shape for name, array in network.run(ids.numpy(), [*linear, *attention]).items()}
    assert all(shapes[name][:2] == (2, 5) for name in linear)
