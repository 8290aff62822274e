"""A folder with what the commands need, and the commands as a function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import typer.main

from conjugacy.cli import app as cli

NETS = """
import torch

def good():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.Tanh(), torch.nn.Linear(6, 2))

def plain():
    return lambda x: x[:, :2]

def broken():
    raise RuntimeError("no such data set")

class Late(torch.nn.Module):
    def forward(self, x):
        if x[0, 0] != 0:
            raise RuntimeError("boom in the middle")
        return x

late = Late
number = 3
"""


typer.main.get_command = cache(typer.main.get_command)  # of one program, which every test runs several times


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """Run one command line through the program's own door."""

    def run(*words: object) -> Said:
        monkeypatch.setattr("sys.argv", ["conjugacy", *map(str, words)])
        with pytest.raises(SystemExit) as left:
            cli.main()
        said = capsys.readouterr()
        return Said(int(left.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short_curves: None) -> Path:
    """Two recordings of the same features up to a rotation, an unrelated one, stimuli and networks."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(120, 3))
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    np.savez(tmp_path / "a.npz", hidden=x, outputs=x[:, :2])
    np.savez(tmp_path / "b.npz", hidden=x @ turn + 1, outputs=x[:, :2] * 2)
    np.savez(tmp_path / "short.npz", hidden=x[:50], outputs=x[:50, :2])
    np.save(tmp_path / "x.npy", np.arange(40.0).reshape(10, 4))
    (tmp_path / "nets.py").write_text(NETS)
    monkeypatch.chdir(tmp_path)
    return tmp_path
