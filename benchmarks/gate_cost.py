"""What a gate costs after the networks have run, in CPU seconds on one BLAS thread.

python benchmarks/gate_cost.py [--quick] [--repeats N]

There are two recordings with targets, of a classifier and of its copy with 2 % of the decisions changed: by default 2000 rows of
10 outputs, and larger ones. Rows have 10 subgroups; the layer has 64 units. Times are medians of the repeats within one process.
The whole command is timed in its own process, with the start of Python, imports and reading of both files.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import conjugacy as cj

SIZES = ((2000, 10), (2000, 1000), (20000, 10), (20000, 100))
ASKED: dict[str, dict[str, Any]] = {
    "drop-in=yes": {},
    "by 10 subgroups": {"by": 10},
    "same-task=yes": {"require": "same-task=yes"},
    "5 numbers": {"require": ["churn<0.05", "agreement>0.9", "error-change<0.02", "class-error<0.2", "kl<0.5"]},
    "cka of a layer": {"require": "cka>0.9"},
}
ON_LAYERS = {"representation=equivalent": {"require": "representation=equivalent"}}  # fits maps
COMMAND = [sys.executable, "-m", "conjugacy.cli", "gate", "a.npz", "b.npz"]


def pair(m: int, q: int) -> tuple[cj.Recording, cj.Recording]:
    """Return a classifier and its copy."""
    rng = np.random.default_rng(0)
    wanted = rng.integers(0, q, m)
    scores = rng.normal(size=(m, q)) + 6 * np.eye(q)[wanted]
    other = scores + 0.05 * rng.normal(size=scores.shape)
    other[: m // 50] = other[: m // 50, ::-1]
    hidden = np.tanh(rng.normal(size=(m, 8)) @ rng.normal(size=(8, 64)))

    def made(outputs: np.ndarray, name: str, turn: np.ndarray) -> cj.Recording:
        layers = {"hidden": hidden @ turn, "outputs": outputs}
        return cj.Recording.from_arrays(layers, stimuli=np.arange(m), targets=wanted, name=name, output_kind="logits")

    turn = np.linalg.qr(rng.normal(size=(64, 64)))[0]
    return made(scores, "a", np.eye(64)), made(other, "b", turn)


def seconds(a: cj.Recording, b: cj.Recording, asked: dict[str, Any], repeats: int) -> tuple[float, str]:
    """Return the median of the CPU seconds, and how the gate comes out."""
    times: list[float] = []
    given = {k: np.arange(len(a.first.values)) % v if k == "by" else v for k, v in asked.items()}
    outcome = ""
    for _ in range(repeats):
        start = time.process_time()
        outcome = cj.gate(a, b, **given).outcome
        times.append(time.process_time() - start)
    return float(np.median(times)), outcome


def whole_command(a: cj.Recording, b: cj.Recording) -> float:
    """Return the CPU seconds of the command in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        for recording in (a, b):
            arrays = {name: layer.values for name, layer in recording.layers.items()}
            np.savez(Path(folder) / f"{recording.name}.npz", **arrays, targets=recording.targets)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(COMMAND, cwd=folder, env=os.environ, capture_output=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Time all sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2000 x 10 only")
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    print(f"{'rows x outputs':>16}  {'condition':<28}{'CPU seconds':>12}  outcome")
    for m, q in SIZES[:1] if given.quick else SIZES:
        a, b = pair(m, q)
        cj.gate(a, b)  # imports are counted with the command
        for name, asked in (ASKED | (ON_LAYERS if (m, q) == SIZES[0] else {})).items():
            cost, outcome = seconds(a, b, asked, given.repeats)
            print(f"{m:>8} x {q:<5}  {name:<28}{cost:>12.3f}  {outcome}", flush=True)
        print(f"{m:>8} x {q:<5}  {'the whole command':<28}{whole_command(a, b):>12.3f}", flush=True)


if __name__ == "__main__":
    main()
