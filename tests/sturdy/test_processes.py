"""A comparison in other interpreters: the same record, whatever the hash seed; the same answers, whatever the threads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

CODE = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
import conjugacy as cj
from constructed import pair

rng = np.random.default_rng(3)
ids = np.array([f"image {i}" for i in rng.permutation(60)])
nets = []
for x, names in zip(pair("misses_half", 1, m=60), (("one", "two"), ("two", "one")), strict=True):
    layers = {name: cj.Activations(part, stimuli=ids) for name, part in zip(names, (x, x[:, ::2]), strict=True)}
    nets.append(cj.Recording(layers, provenance={"seed": 1}))
measures = [n for n in cj.measure_names() if cj.get_measure(n).traits.data == "activations"]
print(cj.compare(*nets, measures=measures).to_json())
"""


def start(hash_seed: int, threads: int) -> subprocess.Popen[bytes]:
    count = {f"{library}_NUM_THREADS": str(threads) for library in ("OMP", "OPENBLAS", "MKL")}
    return subprocess.Popen(
        [sys.executable, "-c", CODE, str(Path(__file__).parents[1])],
        env={**os.environ, **count, "PYTHONHASHSEED": str(hash_seed)},
        stdout=subprocess.PIPE,
    )


@pytest.fixture(scope="module")
def texts() -> tuple[bytes, bytes, bytes]:
    started = [start(1, 1), start(2, 1), start(3, 2)]
    said = [process.communicate(timeout=120)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0]
    return said[0], said[1], said[2]


@pytest.mark.slow
def test_equal_threads_give_the_same_record_bit_for_bit(texts: tuple[bytes, bytes, bytes]) -> None:
    one, two, _ = texts
    assert len(one) > 1000
    assert one == two


@pytest.mark.slow
def test_other_threads_give_the_same_answers_and_numbers_up_to_rounding(texts: tuple[bytes, bytes, bytes]) -> None:
    one, _, other = (json.loads(text) for text in texts)
    for axis in ("function", "representation", "dynamics"):
        assert (other[axis]["answer"], other[axis]["rung"]) == (one[axis]["answer"], one[axis]["rung"])
    mine, theirs = numbers(one["representation"]["rungs"]), numbers(other["representation"]["rungs"])
    assert len(mine) > 20
    np.testing.assert_allclose(theirs, mine, rtol=1e-6, atol=1e-9)


def numbers(value: Any) -> list[float]:
    """Return every number in a record, in order."""
    if isinstance(value, dict):
        return [x for part in value.values() for x in numbers(part)]
    if isinstance(value, list):
        return [x for part in value for x in numbers(part)]
    return [float(value)] if isinstance(value, int | float) else []
