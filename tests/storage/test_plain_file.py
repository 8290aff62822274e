"""Pipes are refused before they are opened, at every door that reads files; JSON that is nested beyond all depth too."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.activations import load
from conjugacy.activations.models import load_labels, load_targets
from conjugacy.activations.stimuli import load_stimuli
from conjugacy.errors import ConjugacyError, FormatError

DOORS: dict[str, Callable[[Path], Any]] = {
    **{f"a{ending}": load for ending in (".npz", ".safetensors", ".h5", ".zarr")},
    "map.safetensors": cj.Transformation.load,
    "ab.safetensors": cj.Comparison.load,
    "ids.txt": load_labels,
    "t.csv": load_targets,
    "x.npy": load_stimuli,
    "store": cj.Study.open,
}


@pytest.mark.parametrize("name", DOORS)
def test_a_pipe_is_refused(name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / name)
    keeper = os.open(tmp_path / name, os.O_RDWR | os.O_NONBLOCK)  # who opens it all the same does not wait for ever
    try:
        with pytest.raises(ConjugacyError):
            DOORS[name](tmp_path / name)
    finally:
        os.close(keeper)


@pytest.mark.parametrize("door", [cj.Transformation.load, cj.Comparison.load])
def test_a_folder_is_told_as_one(door: Callable[[Path], Any], tmp_path: Path) -> None:
    (tmp_path / "a.safetensors").mkdir()
    with pytest.raises(FormatError, match="is a folder; expected a file"):
        door(tmp_path / "a.safetensors")


def test_numbers_of_a_map_that_are_nested_without_end_are_refused(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(40, 2))
    path = cj.compare(x, x + 1).transformation("affine").save(tmp_path / "map.safetensors")
    raw = path.read_bytes()
    length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + length])
    header["__metadata__"]["held_out"] = "[" * 100_000
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + raw[8 + length :])
    with pytest.raises(FormatError, match="what the map left unexplained cannot be read"):
        cj.Transformation.load(path)
