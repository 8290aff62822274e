"""`conjugacy record`: a network from the user's file to a recording."""

from __future__ import annotations

import re

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.storage.formats import endings

torch = pytest.importorskip("torch")


def test_a_network_is_recorded_with_its_untrained_copy(say, folder):
    said = say(
        "record",
        "nets.py:good",
        "--stimuli",
        "x.npy",
        "--layers",
        "0, 1",
        "--out",
        "net.npz",
        "--untrained",
        "raw.npz",
        "--seed",
        7,
    )
    assert said.code == 0, said.err
    assert said.out == ""
    net, raw = cj.load("net.npz"), cj.load("raw.npz")
    assert set(net.layers) == {"0", "1", "outputs"}
    torch.manual_seed(0)
    first = torch.nn.Linear(4, 6)
    expected = first(torch.arange(40.0).reshape(10, 4)).detach().numpy()
    np.testing.assert_allclose(net.layer("0").values, expected, atol=1e-5)
    assert net.name == "net"
    assert not np.allclose(net.layer("0").values, raw.layer("0").values)


def test_copies_of_both_kinds_are_told_and_go_as_controls(say, folder):
    words = ["--stimuli", "x.npy", "--layers", "0, 1", "--out", "net.npz", "--untrained", "raw.npz"]
    said = say("record", "nets.py:good", *words, "--shuffled", "mixed.npz")
    assert said.code == 0, said.err
    told = " ".join(said.err.split())
    assert "untrained copy: each module's own initialisation" in told
    assert "shuffled copy: the entries of every weight tensor in random order" in told
    kinds = {name: cj.load(f"{name}.npz").provenance.get("control") for name in ("net", "raw", "mixed")}
    assert kinds == {"net": None, "raw": "untrained", "mixed": "shuffled"}
    layers = [cj.load(f"{name}.npz").layer("0").values for name in kinds]
    assert not np.allclose(layers[0], layers[2])
    assert not np.allclose(layers[1], layers[2])


@pytest.mark.parametrize("extension", [ending[1:] for ending in endings()])
def test_every_file_type_and_every_label(say, folder, extension):
    ids = np.array([f"s{i}" for i in range(10)])
    np.savez(folder / "x.npz", x=np.ones((10, 4)), ids=ids, groups=np.arange(10) // 2, targets=np.arange(10) % 2)
    out = folder / f"net.{extension}"
    said = say(
        "record", "nets.py:plain", "--stimuli", "x.npz", "--out", out, "--name", "mine", "--output-kind", "logits"
    )
    assert said.code == 0, said.err
    found = cj.load(out)
    assert (found.name, found.output_kind) == ("mine", "logits")
    assert list(found.first.stimuli) == list(ids)
    assert list(found.first.groups) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert list(found.targets) == [0, 1] * 5


def test_the_output_layer_can_be_named(say, folder):
    said = say(
        "record", "nets.py:good", "--stimuli", "x.npy", "--layer", "0", "--out", "net.npz", "--output-layer", "0"
    )
    assert said.code == 0, said.err
    assert cj.load("net.npz").output_name == "0"


def test_overwrite(say, folder):
    words = ("record", "nets.py:good", "--stimuli", "x.npy", "--out", "net.npz")
    assert say(*words).code == 0
    before = (folder / "net.npz").read_bytes()
    refused = say(*words)
    assert refused.code == 2
    assert "--overwrite" in refused.err
    assert (folder / "net.npz").read_bytes() == before
    assert say(*words, "--name", "other", "--overwrite").code == 0
    assert cj.load("net.npz").name == "other"


WRONG = {
    "no colon": (["nets.py"], "FILE.py:CALLABLE"),
    "no file": (["netz.py:good"], "netz.py"),
    "no callable": (["nets.py:god"], "did you mean 'good'"),
    "no function": (["nets.py:number"], "no callable"),
    "raises": (["nets.py:broken"], "no such data set"),
    "raises in the middle": (["nets.py:late", "--batch-size", "1"], "boom in the middle"),
    "unknown layer": (["nets.py:good", "--layer", "00"], "did you mean '0'"),
    "output layer": (["nets.py:good", "--output-layer", "output"], "did you mean 'outputs'"),
    "output kind": (["nets.py:good", "--output-kind", "logit"], "did you mean 'logits'"),
    "batch size": (["nets.py:good", "--batch-size", "0"], "at least 1"),
    "no untrained copy": (["nets.py:plain", "--untrained", "raw.npz"], "a callable has no untrained copy"),
    "no shuffled copy": (["nets.py:plain", "--shuffled", "raw.npz"], "none was given"),
    "same name twice": (["nets.py:good", "--untrained", "net.npz"], "two names"),
    "no weights": (["nets.py:good", "--weights", "w.pt"], "does not exist"),
    "no torch module": (["nets.py:plain", "--weights", "x.npy"], "no torch module"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input_exits_with_2_one_message_and_nothing_written(say, folder, case):
    words, message = WRONG[case]
    before = {p.name for p in folder.iterdir()} | {"__pycache__"}
    said = say("record", *words, "--stimuli", "x.npy", "--out", "net.npz")
    assert said.code == 2
    assert said.out == ""
    assert message in said.err
    assert "Traceback" not in said.err
    assert said.err.count("conjugacy:") == 1
    assert {p.name for p in folder.iterdir()} | {"__pycache__"} == before


@pytest.mark.parametrize(
    ("out", "message"), [("net.txt", ".npz"), ("nowhere/net.npz", "no folder"), ("a.npz", "exists")]
)
def test_the_place_is_checked_before_the_network_runs(say, folder, out, message):
    said = say("record", "nets.py:broken", "--stimuli", "x.npy", "--out", out)
    assert said.code == 2
    assert message in said.err
    assert "no such data set" not in said.err


SEVERAL = """
import torch

class Detector(torch.nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.trunk, self.score, self.box = torch.nn.Linear(4, 6), torch.nn.Linear(6, 3), torch.nn.Linear(6, 4)
    def forward(self, rows):
        h = torch.tanh(self.trunk(rows))
        return {"logits": self.score(h), "boxes": self.box(h), "hidden_states": (h,)}
"""


def test_several_outputs_and_one_of_them(say, folder):
    (folder / "several.py").write_text(SEVERAL)
    shown = ("record", "several.py:Detector", "--stimuli", "x.npy", "--out")
    assert say(*shown, "all.npz").code == 0
    assert cj.load("all.npz").heads == ("outputs.logits", "outputs.boxes")
    assert cj.load("all.npz").provenance["left_out"]["outputs.hidden_states"] == "hidden states"
    assert say(*shown, "one.npz", "--output", "boxes").code == 0
    assert cj.load("one.npz").heads == ("outputs.boxes",)
    wrong = say(*shown, "none.npz", "--output", "masks")
    assert wrong.code == 2
    assert "'outputs.logits', 'outputs.boxes'" in wrong.err
    assert not (folder / "none.npz").exists()


@pytest.mark.parametrize(
    ("where", "content"),
    [("t.npy", None), ("t.csv", "0\n1\n" * 5), ("t.txt", "\n".join("0101010101")), ("answers", None)],
)
def test_targets_of_a_file_or_beside_the_stimuli(say, folder, where, content):
    np.save(folder / "t.npy", np.arange(10) % 2)
    np.savez(folder / "x.npz", x=np.ones((10, 4)), answers=np.arange(10) % 2)
    if content is not None:
        (folder / where).write_text(content)
    said = say(
        "record", "nets.py:plain", "--stimuli", "x.npz", "--stimuli-key", "x", "--targets", where, "--out", "n.npz"
    )
    assert said.code == 0, said.err
    found = cj.load("n.npz").targets
    assert found.tolist() == [0, 1] * 5
    assert found.dtype.kind == "i"


@pytest.mark.parametrize(
    ("where", "content", "said"),
    [
        ("nowhere.csv", None, "does not exist"),
        ("t.csv", "cat\ndog\n", "expected a class number"),
        ("t.csv", "1,2\n3\n", "as many values"),
        ("t.csv", "1\n2\n", "expected (10,)"),
        ("answers", None, "holds one array alone"),
    ],
)
def test_targets_that_cannot_be_used(say, folder, where, content, said):
    if content is not None:
        (folder / where).write_text(content)
    left = say("record", "nets.py:plain", "--stimuli", "x.npy", "--targets", where, "--out", "n.npz")
    assert left.code == 2
    assert said in left.err


def test_an_onnx_file_is_recorded_on_every_tensor(say, folder):
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    weights = np.random.default_rng(0).normal(size=(4, 6)).astype(np.float32)
    made, number = onnx.helper, onnx.TensorProto.FLOAT
    x, y = (made.make_tensor_value_info(name, number, ["N", width]) for name, width in (("x", 4), ("y", 6)))
    nodes = [made.make_node("MatMul", ["x", "w"], ["h"]), made.make_node("Tanh", ["h"], ["y"])]
    graph = made.make_graph(nodes, "small", [x], [y], [onnx.numpy_helper.from_array(weights, "w")])
    onnx.save(made.make_model(graph, opset_imports=[made.make_opsetid("", 17)], ir_version=9), "net.onnx")
    said = say("record", "net.onnx", "--stimuli", "x.npy", "--out", "net.npz")
    assert said.code == 0, said.err
    found, shown = cj.load("net.npz"), np.load("x.npy").astype(np.float32)
    np.testing.assert_allclose(found.layer("h").values, shown @ weights, rtol=1e-5)
    np.testing.assert_allclose(found.outputs.values, np.tanh(shown @ weights), rtol=1e-5)
    refused = say("record", "net.onnx", "--stimuli", "x.npy", "--out", "other.npz", "--weights", "x.npy")
    assert refused.code == 2
    assert "holds its own weights" in refused.err


def test_a_zarr_folder_grows_while_the_network_runs_and_holds_the_same(say, folder, monkeypatch):
    from conjugacy.storage.streamed import LayerSink

    appended = []
    append = LayerSink.append
    monkeypatch.setattr(
        LayerSink, "append", lambda sink, layer, rows: (appended.append((layer, len(rows))), append(sink, layer, rows))
    )
    words = ("record", "nets.py:good", "--stimuli", "x.npy", "--batch-size", 4, "--name", "net")
    told = [say(*words, "--out", name) for name in ("net.npz", "net.zarr")]
    assert [said.code for said in told] == [0, 0], told[1].err
    said = [re.sub(r"\[ *[\d.]+ s\]", "", one.err) for one in told]
    assert said[0].replace("npz", "zarr") == said[1]
    assert [rows for layer, rows in appended if layer == "0"] == [4, 4, 2]
    npz, zarr = cj.load("net.npz"), cj.load("net.zarr")
    assert list(npz.layers) == list(zarr.layers)
    for name in npz.layers:
        np.testing.assert_array_equal(npz.layer(name).values, zarr.layer(name).values)
    assert npz.provenance == zarr.provenance
    again = say(*words, "--out", "net.zarr")
    assert again.code == 2
    assert "--overwrite" in again.err
    assert say(*words, "--out", "net.zarr", "--overwrite", "--untrained", "raw.zarr").code == 0
    assert cj.load("raw.zarr").provenance["control"] == "untrained"


OTHERS = """
import numpy as np
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

x = np.arange(40.0).reshape(10, 4)
perceptron = lambda: make_pipeline(StandardScaler(), MLPClassifier((5, 4), solver="lbfgs", max_iter=300)).fit(x, [0, 1] * 5)

def scripted():
    import torch
    return torch.jit.script(torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.Tanh(), torch.nn.Linear(6, 2)))
"""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:lbfgs failed")
@pytest.mark.parametrize(
    ("made", "copies", "layers"),
    [
        (
            "perceptron",
            ("untrained", "shuffled"),
            ["standardscaler", "mlpclassifier.hidden_1", "mlpclassifier.hidden_2"],
        ),
        ("scripted", ("shuffled",), ["0", "1"]),
    ],
)
def test_other_frameworks_come_in_by_the_same_door(say, folder, made, copies, layers):
    (folder / "others.py").write_text(OTHERS)
    more = [word for kind in copies for word in (f"--{kind}", f"{kind}.npz")]
    said = say("record", f"others.py:{made}", "--stimuli", "x.npy", "--out", "net.npz", *more)
    assert said.code == 0, said.err
    for name in ("net", *copies):
        found = cj.load(f"{name}.npz")
        assert list(found.layers) == [*layers, "outputs"]
        assert found.provenance.get("control") == (None if name == "net" else name)
