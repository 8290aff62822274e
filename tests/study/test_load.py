"""Two thousand networks, one in fifty broken, in ten ways: the others are done, each broken one is named, within memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conjugacy.activations import save
from conjugacy.data import Recording
from conjugacy.results import CODES

ROWS, UNITS, MEMORY = 200, 32, 700e6
RUN = """
import sys, conjugacy as cj
study = cj.pairwise(sys.argv[1], measures=["cka"], layers="h", store=sys.argv[2], memory=float(sys.argv[3]))
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def values(number: int) -> np.ndarray:
    rng = np.random.default_rng(number)
    return (rng.normal(size=(ROWS, 5)) @ rng.normal(size=(5, UNITS))).astype(np.float32)


def whole(path: Path, number: int, **more: Any) -> None:
    given = {"h": values(number), **more}
    save(Recording.from_arrays(given, stimuli=[f"s{i}" for i in range(ROWS)]), path)


def cut(path: Path, number: int) -> None:
    whole(path, number)
    path.write_bytes(path.read_bytes()[:900])


def flipped(path: Path, number: int) -> None:
    whole(path, number)
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 255
    path.write_bytes(raw)


def other_rows(path: Path, number: int) -> None:
    save(Recording.from_arrays({"h": values(number)}, stimuli=[f"t{i}" for i in range(ROWS)]), path)


def fewer_rows(path: Path, number: int) -> None:
    save(Recording.from_arrays({"h": values(number)[:150]}, stimuli=[f"s{i}" for i in range(150)]), path)


def no_numbers(path: Path, number: int) -> None:
    held = values(number)
    held[3, 4] = np.nan
    np.savez(path, h=held, stimuli=np.array([f"s{i}" for i in range(ROWS)]))


def objects(path: Path, number: int) -> None:
    np.savez(path, h=np.array([[{}]] * ROWS, dtype=object))


def another_layer(path: Path, number: int) -> None:
    save(Recording.from_arrays({"g": values(number)}, stimuli=[f"s{i}" for i in range(ROWS)]), path)


def odd_meta(path: Path, number: int) -> None:
    np.savez(
        path, h=values(number), stimuli=np.array([f"s{i}" for i in range(ROWS)]), meta=json.dumps({"units": {"h": 5}})
    )


BROKEN: dict[str, Callable[[Path, int], None]] = {
    "empty": lambda path, number: path.write_bytes(b""),
    "no archive": lambda path, number: path.write_bytes(b"no archive" * 50),
    "cut": cut,
    "flipped": flipped,
    "other rows": other_rows,
    "fewer rows": fewer_rows,
    "no numbers": no_numbers,
    "objects": objects,
    "another layer": another_layer,
    "odd meta": odd_meta,
}


def run(folder: Path, store: Path, count: int, broken: int) -> None:
    folder.mkdir()
    kinds = list(BROKEN)
    every = count // broken
    bad: dict[str, str] = {}
    for number in range(count):
        name = f"n{number:05d}"
        if number % every == every - 1:
            bad[name] = kinds[len(bad) % len(kinds)]
            BROKEN[bad[name]](folder / f"{name}.npz", number)
        else:
            whole(folder / f"{name}.npz", number)
    assert len(bad) == broken
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(folder), str(store), str(MEMORY)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    peak = 1024.0 * float(done.stdout.split("VmHWM:")[1].split()[0])
    assert peak < MEMORY

    from conjugacy.study import Study

    study = Study.open(store)
    names = list(study.networks[0])
    status = study.dataset.status.values[:, :, 0, 0]
    good = np.array([name not in bad for name in names])
    assert (status[np.ix_(good, good)] == CODES["ok"]).all()
    assert not np.isin(status[~good], [CODES["ok"], CODES["missing"]]).any()
    unread = {name for name, kind in bad.items() if kind != "another layer"}
    assert set(study.unread) == unread
    assert all(study.unread[name] for name in unread)
    assert sum("could not be prepared" in note for note in study.notes) == 1  # those that have another layer


@pytest.mark.slow
def test_sixty(tmp_path: Path) -> None:
    run(tmp_path / "runs", tmp_path / "s", 60, 10)


@pytest.mark.slow
def test_two_thousand(tmp_path: Path) -> None:
    run(tmp_path / "runs", tmp_path / "s", 2000, 40)
