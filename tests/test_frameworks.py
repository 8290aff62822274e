"""The table of `docs/frameworks.md`, cell by cell: every row is a network here, and every cell is what happens to it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.comparison.copies import copy_of_kind
from conjugacy.errors import InputError, ShapeError

PAGE = Path(__file__).parents[1] / "docs" / "frameworks.md"
pytestmark = [
    pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:`isinstance.treespec:FutureWarning"),
    pytest.mark.filterwarnings("ignore:The tensor attributes self.rnn:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*(torch.ao.quantization is deprecated|Stochastic Optimizer)"),
    pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor"),
    pytest.mark.filterwarnings("ignore:Converting a tensor to a Python"),
    pytest.mark.filterwarnings("ignore:__array__ implementation"),  # of variables of Keras
]


@dataclass(frozen=True)
class Row:
    """One framework: a network, what it is shown, the layers that it gives, and one that works on tokens, if it has any."""

    network: Any
    x: Any
    layers: list[str]
    tokens: tuple[Any, Any] | None = None


ROWS: dict[str, Callable[[], Row]] = {}
FAST = {"ONNX", "scikit-learn, other estimators", "callable"}  # the others begin with torch, or train


def row(name: str) -> Callable[[Callable[[], Row]], Callable[[], Row]]:
    """Register the maker of a row of the table under its name there."""

    def kept(make: Callable[[], Row]) -> Callable[[], Row]:
        ROWS[name] = make
        return make

    return kept


def numbers(*shape):
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def torch_network():
    from torch import nn

    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 6), nn.ReLU(), nn.Linear(6, 3)).eval()


def torch_reader():
    from torch import nn

    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn, self.head = nn.GRU(3, 5, batch_first=True), nn.Linear(5, 2)

        def forward(self, x):
            return self.head(self.rnn(x)[0])

    return Reader().eval()


@row("torch")
def of_torch():
    return Row(torch_network(), numbers(30, 4), ["0", "1", "2", "3"], (torch_reader(), numbers(30, 6, 3)))


@row("Hugging Face")
def of_hugging_face():
    from transformers import GPT2Config, GPT2Model

    model = GPT2Model(GPT2Config(n_layer=1, n_embd=8, n_head=2, vocab_size=30, n_positions=12)).eval()
    ids = np.random.default_rng(0).integers(0, 30, (30, 6))
    inside = ["attn.c_attn", "attn.c_proj", "ln_2", "mlp.c_fc", "mlp.act", "mlp.c_proj"]
    return Row(model, ids, ["wte", "h.0.ln_1", *(f"h.0.{name}" for name in inside)], (model, ids))


@row("TorchScript, traced")
def traced():
    import torch

    pairs = ((torch_network(), numbers(30, 4)), (torch_reader(), numbers(30, 6, 3)))
    plain, reader = (torch.jit.trace(net, torch.from_numpy(x)) for net, x in pairs)
    return Row(plain, pairs[0][1], ["0", "1", "2", "3"], (reader, pairs[1][1]))


@row("TorchScript, scripted")
def scripted():
    import torch

    return Row(
        torch.jit.script(torch_network()), numbers(30, 4), ["0", "1", "2", "3"],
        (torch.jit.script(torch_reader()), numbers(30, 6, 3)),
    )  # fmt: skip


@row("TorchScript, frozen")
def frozen():
    import torch

    return Row(torch.jit.freeze(torch.jit.script(torch_network())), numbers(30, 4), [])


@row("exported program")
def exported():
    import torch

    made = []
    for net, x in ((torch_network(), numbers(30, 4)), (torch_reader(), numbers(30, 6, 3))):
        dims = ({0: torch.export.Dim("batch")},)
        made.append((torch.export.export(net, (torch.from_numpy(x),), dynamic_shapes=dims), x))
    return Row(*made[0], ["0", "1", "2", "3"], made[1])


@row("quantised torch (`torch.ao`)")
def quantised():
    import torch
    from torch.ao.quantization import quantize_dynamic

    torch.manual_seed(0)
    network = quantize_dynamic(torch_network(), {torch.nn.Linear})
    tokens = quantize_dynamic(torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.ReLU()), {torch.nn.Linear})
    same = np.tile(np.array([[3, -3]] * 15, np.float32).reshape(30, 1), (1, 4))  # ranges of a batch are of each row
    return Row(
        network, same * np.linspace(1, 0.5, 4, dtype=np.float32), ["0", "1", "2", "3"], (tokens, numbers(30, 6, 3))
    )


@row("ONNX")
def of_onnx():
    onnx = pytest.importorskip("onnx")

    def graph(x, y):
        weights = onnx.numpy_helper.from_array(numbers(3, 5), "w")
        nodes = [onnx.helper.make_node("MatMul", ["x", "w"], ["h"]), onnx.helper.make_node("Relu", ["h"], ["y"])]
        given, made = (
            onnx.helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, s) for n, s in (("x", x), ("y", y))
        )
        whole = onnx.helper.make_graph(nodes, "small", [given], [made], [weights])
        return onnx.helper.make_model(whole, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9)

    plain, tokens = graph(["N", 3], ["N", 5]), graph(["N", "T", 3], ["N", "T", 5])
    return Row(plain, numbers(30, 3), ["h"], (tokens, numbers(30, 6, 3)))


@row("scikit-learn, multi-layer perceptron")
def perceptron():
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x = numbers(30, 4)
    model = make_pipeline(StandardScaler(), MLPClassifier((8, 6), max_iter=3, random_state=0)).fit(x, x[:, 0] > 0)
    return Row(model, x, ["standardscaler", "mlpclassifier.hidden_1", "mlpclassifier.hidden_2"])


@row("scikit-learn, other estimators")
def estimators():
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x = numbers(30, 4)
    return Row(make_pipeline(StandardScaler(), RandomForestClassifier(3)).fit(x, x[:, 0] > 0), x, ["standardscaler"])


@row("flax linen")
def of_linen():
    jax = pytest.importorskip("jax")
    import flax.linen as nn

    class Relu(nn.Module):
        def __call__(self, x):
            return nn.relu(x)

    net = nn.Sequential([nn.Dense(8), Relu(), nn.Dense(6), Relu(), nn.Dense(3)])
    reader = nn.Sequential([nn.RNN(nn.GRUCell(5)), nn.Dense(2)])
    x, z = numbers(30, 4), numbers(30, 6, 3)
    bound = [one.bind(one.init(jax.random.key(0), given)) for one, given in ((net, x), (reader, z))]
    return Row(bound[0], x, ["layers_0", "layers_1", "layers_2", "layers_3"], (bound[1], z))


@row("flax nnx")
def of_nnx():
    pytest.importorskip("jax")
    from flax import nnx

    rngs = nnx.Rngs(0)
    net = nnx.Sequential(
        nnx.Linear(4, 8, rngs=rngs), nnx.relu, nnx.Linear(8, 6, rngs=rngs), nnx.Linear(6, 3, rngs=rngs)
    )
    reader = nnx.Sequential(nnx.Linear(3, 5, rngs=rngs), nnx.Linear(5, 2, rngs=rngs))
    return Row(net, numbers(30, 4), ["layers.0", "layers.2"], (reader, numbers(30, 6, 3)))


@row("equinox")
def of_equinox():
    jax = pytest.importorskip("jax")
    eqx = pytest.importorskip("equinox")

    class Reader(eqx.Module):
        cell: eqx.nn.GRUCell
        last: eqx.nn.Linear

        def __call__(self, x):
            _, states = jax.lax.scan(lambda h, now: 2 * (self.cell(now, h),), jax.numpy.zeros(5), x)
            return jax.vmap(self.last)(states)

    one, two = jax.random.split(jax.random.key(0))
    reader = Reader(eqx.nn.GRUCell(3, 5, key=one), eqx.nn.Linear(5, 2, key=two))
    return Row(eqx.nn.MLP(4, 3, 8, 2, key=one), numbers(30, 4), ["layers.0", "layers.1"], (reader, numbers(30, 6, 3)))


@row("Keras")
def of_keras():
    import os

    os.environ.setdefault("KERAS_BACKEND", "jax")
    keras = pytest.importorskip("keras")
    sizes = [
        keras.layers.Dense(n, activation=a, name=f"d{i}")
        for i, (n, a) in enumerate(((8, "relu"), (6, "relu"), (3, None)))
    ]
    reader = keras.Sequential([keras.Input((6, 3)), keras.layers.GRU(5, return_sequences=True), keras.layers.Dense(2)])
    return Row(keras.Sequential([keras.Input((4,)), *sizes]), numbers(30, 4), ["d0", "d1"], (reader, numbers(30, 6, 3)))


@row("callable")
def of_callable():
    def network(x):
        return {"hidden": np.tanh(x), "outputs": x.sum(axis=-1, keepdims=True)}

    return Row(network, numbers(30, 4), ["hidden"], (network, numbers(30, 6, 3)))


def written() -> dict[str, dict[str, str]]:
    """The cells of the table on the page, by row and column."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    head = next(i for i, line in enumerate(cells) if line[0] == "network")
    body = itertools.takewhile(lambda line: len(line) == len(cells[head]), cells[head + 2 :])
    return {line[0]: dict(zip(cells[head][1:], line[1:], strict=True)) for line in body}


def test_every_row_of_the_page_is_a_network_here_and_the_other_way_round():
    assert set(written()) == set(ROWS)


@pytest.mark.parametrize("name", [pytest.param(n, marks=[] if n in FAST else pytest.mark.slow) for n in ROWS])
def test_every_cell_is_what_happens(name, tmp_path):
    given, said = ROWS[name](), written()[name]
    whole = cj.record(given.network, given.x)
    assert [layer for layer in whole.layers if not layer.startswith("outputs")] == given.layers
    assert (said["layers"] == "none") == (not given.layers)
    assert said["tokens"] == tokens(given)
    assert said["untrained"] == (
        "made" if copy_of_kind(given.network, "untrained", (0, 0)).model is not None else "given"
    )
    parts = cj.load(cj.record(given.network, given.x, to=tmp_path / "a.zarr", batch_size=7))
    alike = all(np.allclose(parts.layers[k].values, v.values, atol=1e-5) for k, v in whole.layers.items())
    assert said["in batches, to a file"] == ("yes" if alike else "no")
    assert said["`dtype=`"] == dtype(given)


def tokens(given: Row) -> str:
    if given.tokens is None:
        with pytest.raises(ShapeError):
            cj.record(given.network, given.x, tokens="each")
        return "no"
    network, x = given.tokens
    found = cj.record(network, x, tokens="each")
    return "yes" if len(found.layers[found.heads[0]].values) == len(x) * 6 else "no"


def dtype(given: Row) -> str:
    try:
        half = cj.record(given.network, given.x, dtype="bfloat16")
    except InputError:
        return "no"
    assert half.provenance["widened"]
    return "yes"


def with_weights(weights):
    """The same network in seven frameworks: two hidden layers and three outputs; layers in order."""
    import torch

    onnx = pytest.importorskip("onnx")
    from sklearn.neural_network import MLPRegressor

    net = torch_network()
    for part, (w, b) in zip((net[0], net[2], net[4]), weights, strict=True):
        part.weight.data, part.bias.data = torch.from_numpy(w.T.copy()), torch.from_numpy(b)
    fitted = MLPRegressor(hidden_layer_sizes=(8, 6), max_iter=1, random_state=0).fit(numbers(9, 4), numbers(9, 3))
    fitted.coefs_, fitted.intercepts_ = [w for w, _ in weights], [b for _, b in weights]
    x = torch.from_numpy(numbers(5, 4))
    names = [(f"w{i}", f"b{i}") for i in range(3)]
    nodes, before = [], "x"
    for i, (w, b) in enumerate(names):
        nodes.append(onnx.helper.make_node("Gemm", [before, w, b], [f"g{i}" if i < 2 else "y"]))
        if i < 2:
            nodes.append(onnx.helper.make_node("Relu", [f"g{i}"], [f"r{i}"]))
            before = f"r{i}"
    kept = [
        onnx.numpy_helper.from_array(a, n)
        for ns, ws in zip(names, weights, strict=True)
        for n, a in zip(ns, ws, strict=True)
    ]
    ends = [onnx.helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, ["N", k]) for n, k in (("x", 4), ("y", 3))]
    graph = onnx.helper.make_graph(nodes, "same", ends[:1], ends[1:], kept)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9)
    linen, keras = ROWS["flax linen"]().network, ROWS["Keras"]().network
    variables = {f"layers_{2 * i}": {"kernel": w, "bias": b} for i, (w, b) in enumerate(weights)}
    linen = linen.unbind()[0].bind({"params": variables})
    for dense, (w, b) in zip(keras.layers, weights, strict=True):
        dense.set_weights([w, b])
    program = torch.export.export(net, (x,), dynamic_shapes=({0: torch.export.Dim("batch")},))
    return {
        "torch": (net, ("1", "3")),
        "scikit-learn": (fitted, ("hidden_1", "hidden_2")),
        "ONNX": (model, ("r0", "r1")),
        "TorchScript": (torch.jit.script(net), ("1", "3")),
        "exported": (program, ("1", "3")),
        "flax": (linen, ("layers_1", "layers_3")),
        "Keras": (keras, ("d0", "d1")),
    }


@pytest.mark.slow
def test_one_network_in_seven_frameworks_is_the_identity_in_all_pairs_layer_by_layer():
    rng = np.random.default_rng(1)
    sizes = ((4, 8), (8, 6), (6, 3))
    weights = [(rng.normal(size=s).astype("f"), rng.normal(size=s[1]).astype("f")) for s in sizes]
    x = rng.normal(size=(300, 4)).astype("f")
    networks = with_weights(weights)
    state, truth = x, []
    for i, (w, b) in enumerate(weights):
        state = state @ w + b
        state = np.maximum(state, 0) if i < 2 else state
        truth.append(state)
    recorded = {name: cj.record(net, x, list(layers)) for name, (net, layers) in networks.items()}
    for name, (_, layers) in networks.items():
        for layer, values in zip((*layers, "outputs"), truth, strict=True):
            np.testing.assert_allclose(recorded[name].layers[layer].values, values, atol=1e-4, err_msg=name)
    for one, two in itertools.combinations(networks, 2):
        for i in (0, 1):
            layers = networks[one][1][i], networks[two][1][i]
            found = cj.compare(recorded[one], recorded[two], layers=layers)
            assert found.verdict.representation.rung == "identity", (one, two, i)
            assert found.drop_in.answer == "yes"
    other = [(w[:, ::-1].copy() if i == 2 else w, b) for i, (w, b) in enumerate(weights)]
    apart = cj.record(with_weights(other)["scikit-learn"][0], x)
    assert cj.compare(recorded["torch"], apart).drop_in.answer == "no"
