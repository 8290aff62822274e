"""The command line as its users meet it: answers, exit codes, errors that read like help, nothing half-written."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest

from conjugacy.cli.app import app
from conjugacy.cli.terminal import run

NETS = """
import torch

def make(width=12, seed=0):
    torch.manual_seed(seed)
    return torch.nn.Sequential(torch.nn.Linear(3, width), torch.nn.Tanh(), torch.nn.Linear(width, 2))

def wider():
    return make(16, 1)

class Boom(torch.nn.Module):
    def forward(self, x):
        if x[0, 0] == 0:
            raise ValueError("out of luck")
        return x

def boom():
    return Boom()

def broken():
    raise RuntimeError("no such thing")
"""


@pytest.fixture
def call(capsys, monkeypatch, tmp_path):
    """Run a command in an empty folder; give exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)

    def command(*args):
        code = run(lambda: app([str(a) for a in args], standalone_mode=False))
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return command


@pytest.fixture
def files(tmp_path, rng, short_curves):
    (tmp_path / "nets.py").write_text(NETS)
    np.save(tmp_path / "x.npy", rng.standard_normal((120, 3)))
    a = rng.standard_normal((120, 4))
    np.savez(tmp_path / "a.npz", hidden=a, outputs=a[:, :2], stimuli=np.arange(120))
    np.savez(tmp_path / "b.npz", hidden=2 * a[:, ::-1], outputs=a[:, :2], stimuli=np.arange(120))
    return tmp_path


def refused(outcome, *words):
    code, out, err = outcome
    assert code == 2
    assert out == ""
    complaints = [line for line in err.splitlines() if not line.startswith("[")]
    assert len(complaints) == 1
    for word in words:
        assert word in complaints[0]


def test_record_then_compare(call, files):
    assert call("record", "nets.py:make", "--stimuli", "x.npy", "--out", "n.npz", "--untrained", "n0.npz")[0] == 0
    assert call("record", "nets.py:wider", "--stimuli", "x.npy", "--out", "w.safetensors", "--layer", "1")[0] == 0
    code, out, _ = call("compare", "n.npz", "w.safetensors", "--untrained-a", "n0.npz", "--report", "r.html")
    assert code == 0
    assert out.splitlines()[0] == "A = n, B = w"
    assert (files / "r.html").read_text().startswith("<!doctype html>")


def test_json_stands_alone_on_standard_output(call, files):
    code, out, err = call("compare", "a.npz", "b.npz", "--json", "--measure", "cka", "--measure", "cka:debiased=false")
    record = json.loads(out)
    assert code == 0
    assert record["function"]["rung"] == "identity"
    assert record["representation"]["rung"] == "permutation"
    assert [m["measure"] for m in record["measures"]] == ["cka", "cka:debiased=false"]
    assert "comparing outputs" in err


def test_fail_on(call, files):
    assert call("compare", "a.npz", "b.npz", "--fail-on", "function=equivalent")[0] == 1
    assert call("compare", "a.npz", "b.npz", "--fail-on", "function!=equivalent")[0] == 0
    refused(call("compare", "a.npz", "b.npz", "--fail-on", "function=equal"), "did you mean 'equivalent'")
    refused(call("compare", "a.npz", "b.npz", "--fail-on", "functions"), "expected NAME=ANSWER")


def test_groups_from_a_file(call, files):
    (files / "groups.csv").write_text("\n".join(f"g{i // 4}" for i in range(120)))
    out = call("compare", "a.npz", "b.npz", "--groups", "groups.csv", "--json")[1]
    assert json.loads(out)["settings"]["independent_groups"] == 30
    (files / "groups.csv").write_text("g1\ng2")
    refused(call("compare", "a.npz", "b.npz", "--groups", "groups.csv"), "2 labels", "120 rows")


def test_wrong_input_is_told_in_one_sentence_and_nothing_is_written(call, files, rng):
    x = rng.standard_normal((120, 4))
    bad = x.copy()
    bad[7, 2] = np.nan
    np.savez(files / "nan.npz", hidden=bad)
    np.savez(files / "short.npz", hidden=x[:50])
    np.savez(files / "dead.npz", hidden=np.ones((120, 3)))
    np.savez(files / "scalar.npz", hidden=np.array(3.0))
    np.savez(files / "object.npz", hidden=np.array([{"a": 1}] * 120, dtype=object))
    np.savez(files / "plain.npz", hidden=x)
    (files / "empty.npz").write_bytes(b"")
    (files / "truncated.npz").write_bytes((files / "a.npz").read_bytes()[:600])
    report = ("--report", "r.html")
    refused(call("compare", "nan.npz", "b.npz", *report), "NaN", "(7, 2)")
    refused(call("compare", "plain.npz", "short.npz", *report), "120 rows", "50")
    refused(call("compare", "dead.npz", "b.npz", *report), "no unit varies")
    refused(call("compare", "scalar.npz", "b.npz", *report), "scalar.npz")
    refused(call("compare", "object.npz", "b.npz", *report), "object.npz")
    refused(call("compare", "empty.npz", "b.npz", *report), "empty.npz")
    refused(call("compare", "truncated.npz", "b.npz", *report), "truncated.npz")
    refused(call("compare", "nothing.npz", "b.npz", *report), "no file")
    refused(call("compare", "a.npz", "b.npz", "--layer", "hiden:hidden", *report), "did you mean 'hidden'")
    refused(call("compare", "a.npz", "b.npz", "--tolerance", "7", *report), "tolerance")
    refused(call("compare", "a.npz", "b.npz", "--measure", "ckaa", *report), "did you mean 'cka'")
    refused(call("compare", "a.npz", "b.npz", "--match", "intrinsic", *report), "match")
    refused(call("compare", "a.npz", "b.npz", "--report", "no/r.html"), "no folder")
    refused(call("compare", "a.npz"), "--help")
    assert not (files / "r.html").exists()


def test_wrong_models_and_stimuli(call, files):
    out = ("--stimuli", "x.npy", "--out", "n.npz")
    refused(call("record", "nets.py:mkae", *out), "did you mean 'make'")
    refused(call("record", "nets.py", *out), "FILE.py:CALLABLE")
    refused(call("record", "other.py:make", *out), "does not exist")
    refused(call("record", "nets.py:broken", *out), "no such thing")
    refused(call("record", "nets.py:make", *out, "--layer", "11"), "no layer", "'1'")
    refused(call("record", "nets.py:make", "--stimuli", "y.npy", "--out", "n.npz"), "does not exist")
    refused(call("record", "nets.py:make", *out, "--weights", "w.pt"), "does not exist")
    refused(call("record", "nets.py:make", "--stimuli", "x.npy", "--out", "a.npz"), "exists", "--overwrite")
    refused(call("record", "nets.py:make", "--stimuli", "x.npy", "--out", "n.doc"), ".npz")
    zeros = np.ones((120, 3))
    zeros[100] = 0  # in the middle of recording
    np.save(files / "z.npy", zeros)
    refused(
        call("record", "nets.py:boom", "--stimuli", "z.npy", "--out", "n.npz", "--batch-size", "10"),
        "rows 100 to 109",
        "out of luck",
    )
    assert not (files / "n.npz").exists()


def test_weights_are_loaded_and_hostile_ones_refused(call, files):
    import pickle

    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    state = {
        k: v + 1
        for k, v in torch.nn.Sequential(torch.nn.Linear(3, 12), torch.nn.Tanh(), torch.nn.Linear(12, 2))
        .state_dict()
        .items()
    }
    save_file(state, files / "w.safetensors")
    torch.save(state, files / "w.pt")
    for weights, out in (("w.safetensors", "s.npz"), ("w.pt", "t.npz"), (None, "u.npz")):
        given = () if weights is None else ("--weights", weights)
        assert call("record", "nets.py:make", "--stimuli", "x.npy", "--out", out, *given)[0] == 0
    layers = [np.load(files / f)["outputs"] for f in ("s.npz", "t.npz", "u.npz")]
    np.testing.assert_array_equal(layers[0], layers[1])
    assert not np.allclose(layers[0], layers[2])

    class Evil:
        def __reduce__(self):
            return (os.system, (f"touch {files / 'owned'}",))

    (files / "evil.pt").write_bytes(pickle.dumps(Evil()))
    torch.save({"a": torch.zeros(1)}, files / "misfit.pt")
    out = ("--stimuli", "x.npy", "--out", "n.npz")
    refused(call("record", "nets.py:make", *out, "--weights", "evil.pt"), "refused")
    refused(call("record", "nets.py:make", *out, "--weights", "misfit.pt"), "do not fit")
    assert not (files / "owned").exists()


def test_our_own_fault_and_interruption(call, files, monkeypatch):
    import conjugacy.comparison

    def fail(error):
        def compare(*args, **kwargs):
            raise error

        return compare

    monkeypatch.setattr(conjugacy.comparison, "compare", fail(ZeroDivisionError("oops")))
    code, _, err = call("compare", "a.npz", "b.npz")
    assert code == 70
    assert "our fault" in err
    assert "CONJUGACY_TRACEBACK" in err
    monkeypatch.setattr(conjugacy.comparison, "compare", fail(KeyboardInterrupt()))
    code, _, err = call("compare", "a.npz", "b.npz")
    assert code == 130
    assert "interrupted" in err


def test_measures_and_cite_come_from_the_registry(call):
    import conjugacy as cj

    rows = json.loads(call("measures", "--json")[1])
    assert tuple(row["id"] for row in rows) == cj.measure_names()
    text = call("measures")[1]
    assert all(name in text for name in cj.measure_names())
    assert "Kornblith" in call("cite", "cka")[1]
    refused(call("cite", "nothing"), "no measure")


def test_version_and_help(call):
    import conjugacy

    assert call("--version")[:2] == (0, f"conjugacy {conjugacy.__version__}\n")
    code, out, _ = call("--help")
    assert code == 0
    assert all(command in out for command in ("demo", "record", "compare", "measures", "cite"))


def test_what_is_said_of_rows(call, files):
    out = call("compare", "a.npz", "b.npz", "--rows", "independent", "--json")[1]
    assert json.loads(out)["settings"]["rows"] == "independent"
    for command in (("compare",), ("gate",)):
        refused(call(*command, "a.npz", "b.npz", "--rows", "shuffled"), "'shuffled'", "'series', 'independent'")
