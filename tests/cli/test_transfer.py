"""`conjugacy transfer`: what it prints, writes, and with which code it leaves."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from conjugacy.transformations import Transformation

ROWS = 200
NETS = """
import numpy as np

def one():
    return lambda x: {"hidden": x @ np.eye(4), "outputs": x[:, :2]}
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Recordings of a network, of another one that knows the same, and of one that knows nothing of it; probes."""
    rng = np.random.default_rng(0)
    z = rng.normal(size=(ROWS, 4))
    wanted = (z[:, 0] > 0).astype(int)
    for name, hidden in (("a", z), ("b", z @ rng.normal(size=(4, 5))), ("other", rng.normal(size=(ROWS, 5)))):
        np.savez(tmp_path / f"{name}.npz", hidden=hidden, stimuli=np.arange(ROWS))
    for name in ("few_a", "few_b"):
        np.savez(tmp_path / f"{name}.npz", hidden=z, stimuli=np.arange(ROWS), groups=np.arange(ROWS) % 4)
    np.save(tmp_path / "wanted.npy", wanted)
    np.savez(tmp_path / "probe.npz", weight=np.array([[1.0, 0, 0, 0]]), bias=np.zeros(1))
    np.savez(tmp_path / "wide.npz", weight=np.ones((1, 9)))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["probe.npz", "a.npz", "b.npz", "--targets", "wanted.npy"], 0, "carried"),
        (["probe.npz", "a.npz", "other.npz", "--out", "none.safetensors"], 1, "refused"),
        (["probe.npz", "few_a.npz", "few_b.npz"], 3, "undecided"),
        (["wide.npz", "a.npz", "b.npz"], 2, "weights of 9 units"),
        (["missing.npz", "a.npz", "b.npz"], 2, "missing.npz"),
        (["probe.npz", "a.npz", "b.npz", "--map", "round"], 2, "round"),
        (["probe.npz", "a.npz", "nets.py:one"], 2, "--stimuli"),
    ],
)
def test_what_it_says_and_leaves_with(say, place, words, code, said):
    done = say("transfer", *words)
    assert done.code == code
    assert said in (done.err if code == 2 else done.out)
    assert not (place / "none.safetensors").exists()


def test_json_alone_and_what_was_carried(say, place):
    done = say("transfer", "probe.npz", "a.npz", "b.npz", "--json", "--out", "carried.safetensors")
    assert json.loads(done.out)["transfer"] == "carried"
    with np.load("a.npz") as a, np.load("b.npz") as b:
        told = Transformation.load("carried.safetensors")(b["hidden"])[:, 0]
        np.testing.assert_allclose(told, a["hidden"][:, 0], atol=1e-2)


def test_the_program_itself_leaves_with_the_code(place):
    words = [sys.executable, "-m", "conjugacy", "transfer", "probe.npz", "a.npz", "other.npz"]
    assert subprocess.run(words, capture_output=True, check=False).returncode == 1
