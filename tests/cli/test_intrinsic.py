"""`conjugacy record --bursts`, `--jacobians --world` and `conjugacy compare --match intrinsic`: one world, two instruments."""

from __future__ import annotations

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

WORLD = """
import numpy as np
import torch

def tilted(s):
    return np.stack([2 * s[:, 0] + s[:, 1], s[:, 1] - s[:, 0]], axis=1)

def polar(s):
    r = np.exp(0.7 * s[:, 0])
    return np.stack([r * np.cos(1.5 * s[:, 1]), r * np.sin(1.5 * s[:, 1]), 0.5 * s[:, 0] * s[:, 1]], axis=1)

class Net(torch.nn.Module):
    def __init__(self, inputs, world):
        super().__init__()
        torch.manual_seed(inputs)
        self.hidden = torch.nn.Sequential(torch.nn.Linear(inputs, 9), torch.nn.Tanh())
        self.world = world
        self.double()

    def forward(self, x):
        self.hidden(x)
        s, t = self.world(x)
        return torch.stack([torch.sin(3 * s) * torch.cos(2 * t), s * t], dim=1)

def first():
    return Net(2, lambda x: ((x[:, 0] - x[:, 1]) / 3, (x[:, 0] + 2 * x[:, 1]) / 3))

def second():
    return Net(3, lambda x: (torch.log(x[:, 0] ** 2 + x[:, 1] ** 2) / 1.4, torch.atan2(x[:, 1], x[:, 0]) / 1.5))
"""


@pytest.fixture
def places(folder, rng):
    (folder / "world.py").write_text(WORLD, encoding="utf-8")
    common = 0.1 + 0.8 * rng.random((6, 2))
    for name in "ab":
        s = np.concatenate([common, rng.random((120, 2))]) * [1.3, 1.0]
        ids = np.array([*(f"both {i}" for i in range(6)), *(f"{name} {i}" for i in range(120))])
        np.savez(folder / f"{name}.npz", stimuli=s, ids=ids)
    return folder


def record(say, name, network, world, *more):
    said = say(
        "record", f"world.py:{network}", "--stimuli", f"{name}.npz", "--layer", "hidden", "--out", f"net-{name}.npz", *more,
        *(["--world", f"world.py:{world}"] if world else []), "--overwrite",
    )  # fmt: skip
    assert said.code == 0, said.err


@pytest.mark.slow
def test_from_worlds_to_a_page(say, places):
    record(say, "a", "first", "tilted", "--jacobians")
    record(say, "b", "second", "polar", "--bursts", "200", "--burst-sd", "0.01")
    said = say("compare", "net-a.npz", "net-b.npz", "--match", "intrinsic", "--json", "--report", "page.html")
    assert said.code == 0, said.err
    found = json.loads(said.out)
    assert found["function"]["answer"] == "equivalent", found["function"]["reasons"]
    assert (found["n_common"], found["resolved"]) == (6, True)
    page = (places / "page.html").read_text(encoding="utf-8")
    assert "derivatives by the world" in page
    assert "bursts of 200 points in the world, of size 0.01" in page
    assert "inputs of one space" not in page


@pytest.mark.slow
def test_bursts_of_a_file_and_the_networks_own_input(say, places, rng):
    space: dict = {}
    exec(WORLD, space)
    for name, world in (("a", "tilted"), ("b", "polar")):
        with np.load(places / f"{name}.npz") as file:
            known = dict(file)
        burst = known["stimuli"][:, None] + 0.01 * rng.standard_normal((126, 100, 2))
        inputs = space[world](burst.reshape(-1, 2)).reshape(126, 100, -1)
        np.save(places / f"bursts-{name}.npy", inputs)
        np.savez(places / f"{name}.npz", stimuli=space[world](known["stimuli"]), ids=known["ids"])
    common = places / "common.csv"
    common.write_text("\n".join(f"both {i}" for i in range(6)), encoding="utf-8")
    record(say, "a", "first", None, "--bursts", "bursts-a.npy", "--burst-sd", "0.01")
    record(say, "b", "second", None, "--bursts", "bursts-b.npy", "--burst-sd", "0.01", "--moved", "hidden")
    said = say("compare", "net-a.npz", "net-b.npz", "--match", "intrinsic", "--common", common, "--json")
    assert json.loads(said.out)["function"]["answer"] == "equivalent"
    record(say, "b", "second", None, "--jacobians")  # by its own three inputs: another world
    said = say("compare", "net-a.npz", "net-b.npz", "--match", "intrinsic")
    assert "same task        undecided" in said.out
    assert "inputs of one" in said.out
    # conditions are compared with what was said, matched or not; what could not be told is refused before the work
    words = ["compare", "net-a.npz", "net-b.npz", "--match", "intrinsic", "--require"]
    said = say(*words, "representation=equivalent", "--require", "rung<=affine")
    assert (said.code, said.err.count("--require open")) == (3, 2)
    assert say(*words, "cka>0.9").code == 2


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["--moved", "hidden"], "--bursts or --jacobians"),
        (["--bursts", "none.npy", "--burst-sd", "0.1"], "does not exist"),
        (["--bursts", "20"], "burst_sd"),
        (["--jacobians", "--world", "world.py:polarr"], "polar"),
        (["--jacobians", "--world", "polar"], "FILE.py:CALLABLE"),
    ],
)
def test_mistakes_are_explained(say, places, words, error):
    said = say("record", "world.py:first", "--stimuli", "a.npz", "--layer", "hidden", "--out", "n.npz", *words)
    assert said.code == 2
    assert error in said.err
