"""Layers of ONNX models are what onnxruntime itself gives, whatever form the model comes in."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.activations import save
from conjugacy.activations.networks import Network, NoControlError
from conjugacy.activations.networks.onnx import OnnxNetwork, adapt
from conjugacy.errors import FormatError, InputError, ModelError, UnknownNameError

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
CPU = ["CPUExecutionProvider"]


@pytest.fixture
def x(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(size=(5, 2, 6, 6)).astype(np.float32)


def test_layers_are_what_onnxruntime_gives_for_tensors_made_outputs(graphs: Any, x: np.ndarray) -> None:
    model = graphs.network()
    network = OnnxNetwork(model)
    assert isinstance(network, Network)
    told = {name: (info.kind, info.axes, info.calls) for name, info in network.layers().items()}
    assert told == {
        "conv": ("Conv", "bcyx", 1), "relu": ("Relu", "bcyx", 1), "flat": ("Flatten", "bu", 1), "gemm": ("Gemm", "bu", 1),
    }  # fmt: skip
    found = network.run(x, list(told))
    expected = graphs.by_hand(model, [*told, "y"], {"x": x})
    assert list(found) == [*told, "outputs"]
    for name in told:
        np.testing.assert_array_equal(found[name], expected[name])
    np.testing.assert_array_equal(found["outputs"], expected["y"])
    assert len(model.graph.output) == 1, "the model stays as it was"


def test_every_form_of_a_model_gives_the_same(graphs: Any, x: np.ndarray, tmp_path: Path) -> None:
    model, path = graphs.network(), tmp_path / "net.ONNX"
    onnx.save(model, path)
    content = path.read_bytes()
    forms = [model, path, str(path), onnxruntime.InferenceSession(str(path), providers=CPU),
             onnxruntime.InferenceSession(content, providers=CPU)]  # fmt: skip
    found = []
    for form in forms:
        network = adapt(form)
        assert network is not None
        found.append((network.run(x, ["relu"])["relu"], network.described()["weights_sha256"]))
    for array, weights in found:
        np.testing.assert_array_equal(array, found[0][0])
        assert weights == found[0][1]


def test_a_session_that_does_not_say_what_it_was_made_from_gives_outputs_alone(graphs: Any, x: np.ndarray) -> None:
    session = onnxruntime.InferenceSession(graphs.network().SerializeToString(), providers=CPU)
    session._model_bytes = None  # as a version of onnxruntime that does not keep them
    network = OnnxNetwork.of(session)
    assert dict(network.layers()) == {}
    np.testing.assert_array_equal(network.run(x, [])["outputs"], session.run(None, {"x": x})[0])
    assert "give the path" in network.described()["left_out"]["layers"]


def test_what_is_no_onnx_model_is_left_to_others_or_refused(tmp_path: Path) -> None:
    assert [adapt(thing) for thing in ("net.pt", tmp_path, np.zeros(3), len, {})] == [None] * 5
    with pytest.raises(FormatError, match="no such file"):
        OnnxNetwork.of(tmp_path / "missing.onnx")
    (tmp_path / "text.onnx").write_text("hello")
    with pytest.raises(FormatError, match="not an ONNX model"):
        OnnxNetwork.of(tmp_path / "text.onnx")


def test_a_model_that_onnxruntime_does_not_know_is_refused_with_its_words(graphs: Any) -> None:
    model = graphs.model([("Unheard", ["x"], ["y"])], {"x": ["N", 2]}, {"y": ["N", 2]})
    with pytest.raises(InputError, match=r"cannot load it.*Unheard"):
        OnnxNetwork.of(model)


def test_unknown_layers_are_told_with_near_names(graphs: Any, x: np.ndarray) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'relu'"):
        OnnxNetwork(graphs.network()).run(x, ["rellu"])


def test_what_onnxruntime_raises_is_told_with_shapes(graphs: Any, rng: np.random.Generator) -> None:
    nodes = [("Reshape", ["x", "two"], ["h"]), ("Relu", ["h"], ["y"])]
    network = OnnxNetwork(graphs.model(nodes, {"x": ["N", "K"]}, {"y": ["N", 7]}, two=np.array([-1, 7])))
    with pytest.raises(ModelError, match=r"x \(3, 5\)"):
        network.run(rng.normal(size=(3, 5)), ["h"])


def test_constants_shapes_and_whole_numbers_are_no_layers(graphs: Any) -> None:
    left_out = OnnxNetwork(graphs.network()).described()["left_out"]
    assert left_out == {"best": "leads to no output"}
    nodes = [("Cast", ["x"], ["whole"], {"to": graphs.int64}), ("Cast", ["whole"], ["back"], {"to": graphs.float}),
             ("Relu", ["back"], ["y"])]  # fmt: skip
    network = OnnxNetwork(graphs.model(nodes, {"x": ["N", 2]}, {"y": ["N", 2]}))
    assert list(network.layers()) == ["back"]
    assert network.described()["left_out"] == {"whole": "values of type int64"}


def test_what_is_told_of_a_model(graphs: Any) -> None:
    one, same, other = (OnnxNetwork(graphs.network(seed)).described() for seed in (0, 0, 1))
    assert one["parameters"] == 4 * 2 * 9 + 4 + 3 * 64 + 3
    assert one["producer"] == "by hand"
    assert one["opset"]["ai.onnx"] == 17
    assert one["onnxruntime"] == onnxruntime.__version__
    assert one["weights_sha256"] == same["weights_sha256"] != other["weights_sha256"]
    assert one["output_hint"] == {"outputs": ["probabilities", "its last operator is a Softmax"]}


def test_there_is_no_untrained_copy_and_the_error_says_what_to_do(graphs: Any) -> None:
    with pytest.raises(NoControlError, match=r"untrained=.*controls='none'"):
        OnnxNetwork(graphs.network()).untrained(0)


def test_weights_in_a_file_of_their_own(graphs: Any, x: np.ndarray, tmp_path: Path) -> None:
    whole = OnnxNetwork(graphs.network())
    path = tmp_path / "model.onnx"
    onnx.save(graphs.network(), path, save_as_external_data=True, location="model.data", size_threshold=0)
    apart = OnnxNetwork(path)
    np.testing.assert_array_equal(apart.run(x, ["gemm"])["gemm"], whole.run(x, ["gemm"])["gemm"])
    assert apart.described()["weights_sha256"] == whole.described()["weights_sha256"]
    session = onnxruntime.InferenceSession(str(path), providers=CPU)
    np.testing.assert_array_equal(OnnxNetwork(session).run(x, ["gemm"])["gemm"], whole.run(x, ["gemm"])["gemm"])
    with pytest.raises(FormatError, match="give the path"):
        OnnxNetwork.of(onnx.load(path, load_external_data=False))
    (tmp_path / "model.data").unlink()
    with pytest.raises(FormatError, match=r"'model\.data', which must lie beside it"):
        OnnxNetwork.of(path)


def test_a_layer_called_like_an_output_gets_another_name(graphs: Any) -> None:
    nodes = [("Relu", ["x"], ["outputs"]), ("Neg", ["outputs"], ["outputs.z"]), ("Exp", ["outputs.z"], ["y"])]
    network = OnnxNetwork(graphs.model(nodes, {"x": ["N", 2]}, {"y": ["N", 2]}))
    found = network.run(np.ones((3, 2)), list(network.layers()))
    assert list(found) == ["tensor:outputs", "tensor:outputs.z", "outputs"]
    assert (found["tensor:outputs.z"] == -1).all()
    np.testing.assert_allclose(found["outputs"], np.exp(-1), rtol=1e-6)


def test_types_that_numpy_does_not_know_are_read_as_float32(graphs: Any) -> None:
    nodes = [("Cast", ["x"], ["small"], {"to": graphs.bfloat16}), ("Cast", ["small"], ["y"], {"to": graphs.float})]
    network = OnnxNetwork(graphs.model(nodes, {"x": ["N", 2]}, {"y": ["N", 2]}))
    found = network.run(np.full((3, 2), 1.01), ["small"])
    assert found["small"].dtype == np.float32
    np.testing.assert_array_equal(found["small"], np.float32(1.0078125))


def branch(name: str, operator: str) -> Any:
    nodes = [
        onnx.helper.make_node(operator, ["x"], [f"{name}_in"]),
        onnx.helper.make_node("Neg", [f"{name}_in"], [name]),
    ]
    kind = onnx.TensorProto.FLOAT
    return onnx.helper.make_graph(nodes, name, [], [onnx.helper.make_tensor_value_info(name, kind, ["N", 2])])


def test_tensors_inside_branches_and_functions_are_no_layers_and_that_is_said(graphs: Any) -> None:
    made = {"then_branch": branch("then", "Relu"), "else_branch": branch("else", "Abs")}
    nodes = [("If", ["yes"], ["h"], {"name": "choice", **made}), ("Doubled", ["h"], ["twice"], {"domain": "mine"}),
             ("Exp", ["twice"], ["y"])]  # fmt: skip
    model = graphs.model(nodes, {"x": ["N", 2]}, {"y": ["N", 2]}, yes=np.array(True))
    inner = [onnx.helper.make_node("Add", ["a", "a"], ["b"]), onnx.helper.make_node("Identity", ["b"], ["c"])]
    opsets = [onnx.helper.make_opsetid("", 17)]
    model.functions.append(onnx.helper.make_function("mine", "Doubled", ["a"], ["c"], inner, opsets))
    network = OnnxNetwork(model)
    assert {name: info.kind for name, info in network.layers().items()} == {"h": "If", "twice": "Doubled"}
    found = network.run(np.array([[1.0, -2.0]] * 3), ["h", "twice"])
    np.testing.assert_array_equal(found["h"][0], [-1, 0])
    np.testing.assert_array_equal(found["twice"][0], [-2, 0])
    assert network.described()["left_out"] == {
        "inside choice": "4 tensors inside the branches of an If, of which one runs",
        "inside twice": "2 tensors inside the function Doubled",
    }


def test_what_is_not_passed_from_the_stimuli_but_captured_inside_counts(graphs: Any) -> None:
    body = onnx.helper.make_graph(
        [onnx.helper.make_node("Add", ["carried", "x"], ["sum"]), onnx.helper.make_node("Identity", ["on"], ["again"])],
        "body",
        graphs.declared({"step": (graphs.int64, []), "on": (onnx.TensorProto.BOOL, []), "carried": ["N", 2]}),
        graphs.declared({"again": (onnx.TensorProto.BOOL, []), "sum": ["N", 2]}),
    )
    nodes = [("Loop", ["three", "yes", "zero"], ["h"], {"body": body}), ("Neg", ["h"], ["y"])]
    model = graphs.model(nodes, {"x": ["N", 2]}, {"y": ["N", 2]}, three=np.array(3), yes=np.array(True),
                         zero=np.zeros((1, 2), np.float32))  # fmt: skip
    network = OnnxNetwork(model)
    np.testing.assert_array_equal(network.run(np.ones((4, 2)), ["h"])["h"], np.full((4, 2), 3))
    assert "run many times" in network.described()["left_out"]["inside h"]


def test_outputs_are_those_of_the_model_as_it_stands_even_where_reading_keeps_it_from_being_fused(
    graphs: Any, rng: np.random.Generator
) -> None:
    weights = rng.normal(size=(16, 8)).astype(np.float32)
    step = np.float32(0.05)
    nodes = [
        ("QuantizeLinear", ["x", "s", "z"], ["q"]), ("DequantizeLinear", ["q", "s", "z"], ["d"]),
        ("DequantizeLinear", ["w", "s", "zw"], ["dw"]), ("MatMul", ["d", "dw"], ["h"]),
        ("QuantizeLinear", ["h", "s", "z"], ["q2"]), ("DequantizeLinear", ["q2", "s", "z"], ["y"]),
    ]  # fmt: skip
    model = graphs.model(
        nodes, {"x": ["N", 16]}, {"y": ["N", 8]}, s=step, z=np.uint8(128), zw=np.int8(0),
        w=np.clip(np.round(weights / step), -127, 127).astype(np.int8),
    )  # fmt: skip
    x = rng.normal(size=(2000, 16)).astype(np.float32)
    network = OnnxNetwork(model)
    found = network.run(x, ["h"])
    np.testing.assert_array_equal(found["outputs"], graphs.by_hand(model, ["y"], {"x": x})["y"])
    np.testing.assert_allclose(found["h"], graphs.by_hand(model, ["h"], {"x": x})["h"], rtol=1e-6)
    assert network.described()["left_out"]["q"] == "values of type uint8"


def test_record_and_compare_take_models_and_files(graphs: Any, rng: np.random.Generator, tmp_path: Path) -> None:
    x = rng.normal(size=(60, 2, 6, 6)).astype(np.float32)
    path = tmp_path / "net.onnx"
    onnx.save(graphs.network(), path)
    recording = cj.record(path, x)
    assert list(recording.layers) == ["conv", "relu", "gemm", "outputs"]
    expected = graphs.by_hand(graphs.network(), ["conv", "y"], {"x": x})
    np.testing.assert_array_equal(recording.layers["conv"].values, expected["conv"].reshape(60, -1))
    np.testing.assert_array_equal(recording.outputs.values, expected["y"])
    assert recording.provenance["left_out"]["flat"] == "only passes on"
    for ending in (".npz", ".safetensors", ".zarr"):
        save(recording, tmp_path / f"r{ending}")
        assert list(cj.load(tmp_path / f"r{ending}").layers) == list(recording.layers)


def test_compare_takes_models(graphs: Any, rng: np.random.Generator) -> None:
    x = rng.normal(size=(80, 2, 6, 6)).astype(np.float32)
    found = cj.compare(graphs.network(), graphs.network(), stimuli=x, controls="none")
    assert found.drop_in.answer == "yes"


def test_onnx_is_imported_only_inside_functions() -> None:
    folder = Path(cj.__file__).parent / "activations" / "networks" / "onnx"
    for file in folder.glob("*.py"):
        for node in ast.parse(file.read_text("utf-8")).body:
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.split(".")[0] for name in names} & {"onnx", "onnxruntime"}, file


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("how", "normed"),
    [({"dynamo": False}, "/0/Conv_output_0"), ({"dynamo": True, "verbose": False}, "getitem")],
    ids=["legacy", "dynamo"],
)
def test_exports_of_torch_give_what_its_modules_give(how: dict[str, Any], normed: str, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnxscript")
    torch.manual_seed(0)
    network = torch.nn.Sequential(
        torch.nn.Conv2d(2, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(64, 3)
    )
    for _ in range(5):
        network(2 * torch.randn(32, 2, 6, 6) + 1)
    network.eval()
    path, x = tmp_path / "net.onnx", torch.randn(6, 2, 6, 6)
    names = {"input_names": ["x"], "output_names": ["y"]}
    sizes = (
        {"dynamic_shapes": ({0: torch.export.Dim("batch")},)}
        if how["dynamo"]
        else {"dynamic_axes": {"x": {0: "batch"}}}
    )
    torch.onnx.export(network, (x[:2],), str(path), **how, **names, **sizes)
    exported = OnnxNetwork(path)
    info = exported.layers()[normed]
    assert (info.kind, info.axes) == ("Conv", "bcyx")
    found = exported.run(x.numpy(), [normed])
    with torch.no_grad():
        np.testing.assert_allclose(found[normed], network[:2](x).numpy(), atol=1e-5)
        assert np.abs(found[normed] - network[:1](x).numpy()).max() > 0.1, "not what the convolution gives"
        np.testing.assert_allclose(found["outputs"], network(x).numpy(), atol=1e-5)
    assert path.with_suffix(".onnx.data").exists() == how["dynamo"]
