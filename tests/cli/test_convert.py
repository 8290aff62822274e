"""`convert` says what it understood, writes a recording where one is asked for, and names what to choose."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.io

import conjugacy as cj
from conjugacy.cli.app import main

RATES = np.random.default_rng(0).normal(size=(5, 40, 12))


@pytest.fixture
def session(tmp_path: Path) -> Path:
    path = tmp_path / "a.mat"
    names = ["left", "right", "up"] * 4
    scipy.io.savemat(path, {"rates": RATES, "target": names, "block": np.arange(12) // 6, "lfp": np.ones((50, 3))})
    return path


def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.argv", ["conjugacy", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    told = capsys.readouterr()
    return int(left.value.code or 0), told.out, told.err


def test_what_was_understood_is_told_and_written(
    session: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = session.with_suffix(".npz")
    how = ("--layer", "rates", "--axes", "rates=ntk", "--dt", "0.01")
    roles = ("--role", "conditions=target", "--role", "conditions=block")
    code, said, _ = call(monkeypatch, capsys, "convert", str(session), *how, *roles)
    assert code == 0
    assert not out.exists()
    assert "'target' and 'block' together hold the conditions: 6 different for 12" in said
    assert "not used: lfp" in said
    code, _, _ = call(monkeypatch, capsys, "convert", str(session), *how, *roles, "--out", str(out))
    assert code == 0
    layer = cj.load(out).layer("rates")
    assert isinstance(layer, cj.Trajectories)
    assert layer.conditions is not None
    assert np.allclose(layer.values[3], RATES[:, :, 3].T)
    assert layer.conditions.tolist()[3] == "left/0"
    code, _, err = call(monkeypatch, capsys, "convert", str(session), *how, "--out", str(out))
    assert code == 2
    assert "exists" in err


def test_what_is_open_is_named(
    session: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = call(monkeypatch, capsys, "compare", str(session), str(session))
    assert code == 2
    assert "'rates' (5 x 40 x 12); 'lfp' (50 x 3); say which" in err
    code, _, err = call(monkeypatch, capsys, "convert", str(session), "--role", "target")
    assert code == 2
    assert "expected ROLE=ARRAY" in err


def test_files_are_compared_where_they_can_be_read_in_one_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], short_curves: None
) -> None:
    values = np.random.default_rng(1).normal(size=(80, 4))
    np.save(tmp_path / "a.npy", values)
    gaps = values[:, ::-1].copy()
    gaps[3, 1] = np.nan
    scipy.io.savemat(tmp_path / "b.mat", {"h": gaps})
    paths = str(tmp_path / "a.npy"), str(tmp_path / "b.mat")
    code, _, err = call(monkeypatch, capsys, "compare", *paths)
    assert code == 2
    assert "1 of 4 units has NaN (unit 1; in 1 of 80 stimuli: 3)" in err
    code, said, _ = call(monkeypatch, capsys, "compare", *paths, "--missing", "drop-trials")
    assert code == 0
    assert "permutation" in said
