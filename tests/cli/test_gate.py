"""`conjugacy gate`: what it prints, writes, and with which code it leaves."""

from __future__ import annotations

import json
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest

NETS = """
import torch

def old():
    net = torch.nn.Linear(4, 3)
    torch.nn.init.eye_(net.weight)
    torch.nn.init.zeros_(net.bias)
    return net

def plain():
    return lambda x: x[:, :3] * 2 + 0.001
"""
ROWS = 600


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Recordings of a classifier, of a copy, and of one whose second class is lost; labels, stimuli, networks, seeds."""
    rng = np.random.default_rng(0)
    wanted = rng.integers(0, 3, ROWS)
    scores = rng.normal(size=(ROWS, 3)) * 0.3 + 4 * np.eye(3)[wanted]
    lost = scores - np.array([0.0, 9.0, 0.0])
    hidden = rng.normal(size=(ROWS, 5))
    for name, outputs in (("old", scores), ("copy", scores + 0.001), ("lost", lost)):
        arrays = {"hidden": hidden, "outputs": outputs, "targets": wanted, "stimuli": np.arange(ROWS)}
        np.savez(tmp_path / f"{name}.npz", **arrays)
    (tmp_path / "seeds").mkdir()
    for seed in range(2):
        np.savez(tmp_path / "seeds" / f"s{seed}.npz", outputs=scores + seed / 100, targets=wanted)
    np.savez(tmp_path / "few.npz", outputs=scores[:20], targets=wanted[:20])
    (tmp_path / "by.txt").write_text("\n".join("north" if i % 3 else "south" for i in range(ROWS)))
    x = np.hstack([scores, hidden[:, :1]])
    np.savez(tmp_path / "x.npz", x=x, targets=wanted, region=np.arange(ROWS) % 2)
    (tmp_path / "nets.py").write_text(NETS)
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "config.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "code", "first"),
    [
        (["old.npz", "copy.npz"], 0, "gate       passed     1 condition: 1 ok"),
        (["old.npz", "lost.npz"], 1, "gate       failed     1 condition: 1 failed"),
        (["few.npz", "few.npz", "--require", "churn<0.01"], 3, "gate       undecided  1 condition: 1 undecided"),
        (
            ["old.npz", "lost.npz", "--fail-on", "churn>0.9", "--require", "same-task!=yes|no"],
            3,
            "gate       undecided",
        ),
        (["old.npz", "lost.npz", "--churn", ".6", "--error", ".6", "--class-error", ".9"], 1, "gate       failed"),
        (["old.npz", "seeds"], 0, "gate       passed     2 of 2 pairs pass"),
        (["seeds", "lost.npz"], 1, "gate       failed     0 of 2 pairs pass"),
    ],
)
def test_exit_codes(say, place, words, code, first):
    said = say("gate", *words)
    assert said.out.startswith(first)
    assert said.code == code


def test_json_stands_alone_and_all_files_are_written(say, place):
    (place / "summary.md").write_text("before\n")
    files = ["--junit", "gate.xml", "--markdown", "summary.md"]
    said = say("gate", "old.npz", "lost.npz", "--by", "by.txt", "--fail-on", "class-error>0.5", "--json", *files)
    record = json.loads(said.out)
    assert (said.code, record["exit_code"], record["gate"]) == (1, 1, "failed")
    assert [one["text"] for one in record["conditions"]] == ["class-error>0.5"]
    assert ElementTree.parse(place / "gate.xml").getroot().get("failures") == "1"
    summary = (place / "summary.md").read_text()
    assert summary.startswith("before\n### ❌ Gate failed")


def test_subgroups_and_layers(say, place):
    said = say("gate", "old.npz", "lost.npz", "--by", "by.txt")
    assert said.code == 1
    assert "north (400 rows): no" in said.out
    wanted = ["--require", "cka>0.99", "--layer", "hidden", "--layer", "hidden:outputs"]
    said = say("gate", "old.npz", "copy.npz", *wanted)
    assert said.code == 1
    assert "the first layer that differs: hidden:outputs" in said.out


def test_networks_that_are_run(say, place):
    pytest.importorskip("torch")
    said = say("gate", "nets.py:old", "nets.py:plain", "--stimuli", "x.npz", "--by", "region", "--json")
    record = json.loads(said.out)
    assert said.code == 3  # neither region has rows enough to show an error margin
    assert "no subgroup has rows enough" in record["conditions"][0]["why"]
    assert [one["label"] for one in record["subgroups"]] == ["0", "1"]
    assert record["networks"] == ["nets.py:old", "nets.py:plain"]
    assert record["drop_in"]["error_change"]["value"] == 0.0


def test_targets_and_the_output_are_named(say, place):
    with np.load("old.npz") as stored:
        x = dict(stored)
    np.savetxt("wanted.txt", (x["targets"] + 1) % 3, fmt="%d")
    two = {"outputs.scores": x["outputs"], "outputs.boxes": x["hidden"]}
    np.savez("two.npz", **two)
    np.savez("other.npz", **{**two, "outputs.boxes": x["hidden"][::-1]})
    found = [
        json.loads(say("gate", "old.npz", "lost.npz", "--json", *words).out)["drop_in"]["error_change"]["before"]
        for words in ([], ["--targets", "wanted.txt"], ["--targets", "targets", "--stimuli", "x.npz"])
    ]
    assert found == [0.0, 1.0, 0.0]
    assert say("gate", "two.npz", "other.npz").code == 1
    assert say("gate", "two.npz", "other.npz", "--output", "scores", "--output-kind", "logits").code == 0
    named = ["--output", "scores", "--targets", "wanted.txt"]
    words = ["--require", "churn<0.05", "--require", "error-change<0.05", *named]
    assert say("compare", "two.npz", "other.npz", "--output-kind", "logits", *words).code == 0


def test_empty_lines_are_rows_without_a_label(say, place):
    (place / "by.txt").write_text(
        "\n".join("" if i < 9 else "south" if i % 3 else "north" for i in range(ROWS)) + "\n\n\n"
    )
    said = say("gate", "old.npz", "copy.npz", "--by", "by.txt")
    assert said.code in (0, 3)
    assert "9 rows have no label" in said.out


@pytest.mark.slow
def test_the_page(say, place):
    said = say("gate", "old.npz", "lost.npz", "--report", "page.html")
    assert said.code == 1
    assert (place / "page.html").read_text().startswith("<!doctype html>")


def test_the_page_is_of_all_that_the_gate_was_given(say, place, monkeypatch):
    pages = []
    monkeypatch.setattr("conjugacy.comparison.Comparison.report", lambda self, path: pages.append(self))
    with np.load("old.npz") as stored:
        x = dict(stored)
    np.savetxt("wanted.txt", (x["targets"] + 1) % 3, fmt="%d")
    np.savez("two.npz", **{"outputs.scores": x["outputs"], "outputs.boxes": x["hidden"]})
    margins = ["--churn", "0.2", "--error", "0.3", "--class-error", "0.4", "--threshold", "0.6", "--tolerance", "0.07"]
    words = ["--output", "scores", "--output-kind", "logits", "--targets", "wanted.txt", "--require", "same-task=yes"]
    assert say("gate", "two.npz", "two.npz", *words, *margins, "--report", "page.html").code in (0, 3)
    (page,) = pages
    wanted = {"churn": 0.2, "error": 0.3, "class_error": 0.4, "threshold": 0.6, "tolerance": 0.07}
    assert page.settings["margins"] == wanted
    assert (page.settings["output"], page.tolerance) == ("scores", 0.07)
    assert page.drop_in.margins.churn == 0.2  # judged again, where no condition asked for it
    assert page.drop_in.error_change.before == 1.0  # against the targets that were given


WRONG = {
    "missing file": (["old.npz", "c.npz"], "there is no file"),
    "unknown word": (["old.npz", "copy.npz", "--require", "dropin=yes"], "did you mean 'drop-in'"),
    "unknown answer": (["old.npz", "copy.npz", "--fail-on", "same-task=nope"], "known: 'yes', 'no', 'one way'"),
    "no stimuli": (["nets.py:old", "copy.npz"], "--stimuli"),
    "no stimuli for a saved folder": (["saved", "copy.npz"], "a folder of Hugging Face is run on stimuli"),
    "no such onnx": (["net.onnx", "copy.npz", "--stimuli", "x.npz"], "'net.onnx' does not exist"),
    "weights of a file": (["old.npz", "copy.npz", "--weights-b", "w.pt"], "a recording is given"),
    "no such callable": (["nets.py:olt", "old.npz", "--stimuli", "x.npz"], "did you mean 'old'"),
    "margin": (["old.npz", "copy.npz", "--churn", "5"], "churn: got 5.0, expected a share"),
    "by": (["old.npz", "copy.npz", "--by", "region"], "with --stimuli the name of an array"),
    "by another array": (["old.npz", "copy.npz", "--by", "regoin", "--stimuli", "x.npz"], "did you mean 'region'"),
    "by too few": (["old.npz", "few.npz", "--by", "by.txt"], "20"),
    "no conditions about layers": (
        ["old.npz", "copy.npz", "--layer", "hidden", "--require", "churn<0.1"],
        "no condition is about layers",
    ),
    "page of many": (["seeds", "copy.npz", "--report", "page.html"], "the page is of one pair"),
    "no place": (["old.npz", "copy.npz", "--junit", "no/gate.xml"], "--junit no/gate.xml: there is no folder"),
    "place is a folder": (["old.npz", "copy.npz", "--markdown", "seeds"], "--markdown seeds: is a folder"),
    "empty folder": (["old.npz", "empty"], "holds no recordings"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input_exits_with_2_and_one_message(say, place, case):
    (place / "empty").mkdir()
    before = sorted(p.name for p in place.iterdir())
    words, sign = WRONG[case]
    said = say("gate", *words)
    assert (said.code, said.out) == (2, "")
    assert sign in said.err
    assert said.err.count("conjugacy:") == 1
    assert sorted(p.name for p in place.iterdir() if p.name != "__pycache__") == before


@pytest.mark.parametrize("words", [["--require", "drop-in=maybe"], ["--junit", "no/gate.xml"], ["--weights-a", "w.pt"]])
def test_what_is_asked_for_is_checked_before_anything_is_read(say, place, monkeypatch, words):
    for name in ("load", "record"):
        monkeypatch.setattr(f"conjugacy.cli.networks.{name}", lambda *a, **k: pytest.fail("read before the check"))
    assert say("gate", "old.npz", "copy.npz", *words).code == 2


@pytest.mark.slow
def test_torch_is_not_loaded_for_recordings(place):
    code = "import sys; from conjugacy.cli import app; sys.argv = ['conjugacy', 'gate', 'old.npz', 'copy.npz']\n"
    code += "try:\n    app.main()\nexcept SystemExit as left:\n    sys.exit(left.code or ('torch' in sys.modules) * 9)"
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0
