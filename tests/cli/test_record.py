"""`conjugacy record`: a network from the user's file to a recording."""

from __future__ import annotations

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
    "no untrained copy": (["nets.py:plain", "--untrained", "raw.npz"], "torch module"),
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
