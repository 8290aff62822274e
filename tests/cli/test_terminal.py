"""What a terminal would obey never reaches it, whoever named the networks and layers."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.activations import save
from conjugacy.cli import app as cli
from conjugacy.cli.terminal import Progress, complain, note, show, show_json

HOSTILE = "net\x1b[31m\u202e\x07\x9b"


@pytest.mark.parametrize("says", [note, complain, show, Progress()])
def test_control_characters_and_direction_marks_are_left_out(says, capsys):
    says(f"{HOSTILE} is read")
    out = "".join(capsys.readouterr())
    assert "net?[31m??? is read" in out


def test_a_terminal_gets_no_more(monkeypatch):
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "dumb")
    Progress()(HOSTILE)
    assert "net?[31m???" in screen.getvalue()


def test_json_means_the_same(capsys):
    show_json(json.dumps({HOSTILE: "\U000e0001\n ä\ud800"}, ensure_ascii=False))
    out = capsys.readouterr().out
    assert out[:-1].isprintable()
    assert json.loads(out) == {HOSTILE: "\U000e0001\n ä\ud800"}


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_pairwise_of_networks_with_such_names(words, tmp_path, monkeypatch, capsys):
    for i in range(2):
        x = np.random.default_rng(i).normal(size=(30, 3))
        (tmp_path / "nets").mkdir(exist_ok=True)
        np.savez(tmp_path / "nets" / f"{i}{HOSTILE}.npz", **{"h\u202e": x})
    (tmp_path / "nets" / f"2{HOSTILE}.npz").write_bytes(b"no archive")
    store = tmp_path / "store"
    monkeypatch.setattr(
        "sys.argv", ["conjugacy", "pairwise", str(tmp_path / "nets"), "--store", str(store), "--measure", "cka", *words]
    )
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 0
    said = capsys.readouterr()
    assert "is unreadable" in said.err
    for text in said:
        assert all(c.isprintable() or c == "\n" for c in text)
    assert not words or json.loads(said.out)


def test_compare_of_networks_with_such_names(tmp_path, monkeypatch, capsys):
    x = np.random.default_rng(0).normal(size=(60, 3))
    for name in "ab":
        save(cj.Recording.from_arrays({"h\u202e": x}, name=f"{name}{HOSTILE}"), tmp_path / f"{name}.npz")
    monkeypatch.setattr(
        "sys.argv", ["conjugacy", "compare", str(tmp_path / "a.npz"), str(tmp_path / "b.npz"), "--json"]
    )
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["networks"][0].startswith("a")
    assert all(c.isprintable() or c == "\n" for c in said.out + said.err)
