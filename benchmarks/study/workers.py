"""What it costs to spread a study over two Dask workers: CPU of the tiles against one process, and how busy both are.

Verdicts and CKA of 48 networks. Overhead is the CPU seconds of all tiles on the workers over those in one process; busy is each
worker's time inside tiles over the time from the first tile's begin to the last one's end. Goals: 15 %, 85 %. Two cores that
share caches, or are two threads of one core, are each slower than one alone. So the control is the same study in two independent
processes at once. The speed-up is given as if each worker had a core to itself. It is the CPU seconds of all tiles over those of
the worker that did more, times the share of time in which that worker was busy. The time of a tile is taken from the run in one
process, so that other work does not count. Goal: 1.8.

    python benchmarks/study/workers.py [--quick] [--networks 48] [--without-control]
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

import conjugacy as cj
from conjugacy.study.work import run as runs
from conjugacy.study.work.tiles import Spent

STIMULI = 300


def networks(count: int) -> dict[str, np.ndarray]:
    """Return networks of four classes."""
    z = np.random.default_rng(0).uniform(-1, 1, (STIMULI, 6))
    found: dict[str, np.ndarray] = {}
    for i in range(count):
        rng, own = np.random.default_rng([1, i]), z[:, i % 4 : i % 4 + 3]
        hidden = np.tanh(own @ rng.standard_normal((3, 40)))
        found[f"net{i:03d}"] = np.tanh(hidden @ rng.standard_normal((40, 40)) / 6.0)
    return found


def spent(nets: dict[str, np.ndarray], measures: tuple[str, ...], store: Path, **how: Any) -> dict[Any, Spent]:
    """Return what every tile took, by its place."""
    found: dict[Any, Spent] = {}
    original = runs.run_all

    def listening(where: Any, function: Any, tasks: Any, done: Any) -> None:
        def told(task: Any, result: Any) -> None:
            if hasattr(result, "spent"):
                found[task.start] = result.spent
            done(task, result)

        original(where, function, tasks, told)

    with patch.object(runs, "run_all", listening):
        cj.pairwise(nets, measures=measures, store=store, **how)
    return found


def alone(job: tuple[int, tuple[str, ...], str]) -> float:
    """Return the CPU seconds in tiles of one process."""
    count, measures, store = job
    return sum(one.cpu for one in spent(networks(count), measures, Path(store)).values())


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="16 networks, CKA and CCA alone")
    parser.add_argument("--without-control", action="store_true", help="leave the two processes out")
    parser.add_argument("--networks", type=int, default=48)
    options = parser.parse_args()
    count = 16 if options.quick else options.networks
    measures = ("cka", "cca") if options.quick else ("verdict", "cka")
    with tempfile.TemporaryDirectory() as place:
        one_by_one = spent(networks(count), measures, Path(place, "serial"))
        serial = sum(s.cpu for s in one_by_one.values())
        side_by_side = [serial]
        if not options.without_control:
            with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
                side_by_side = list(pool.map(alone, [(count, measures, f"{place}/{i}") for i in range(2)]))
        by_place = spent(networks(count), measures, Path(place, "dask"), executor="dask", workers=2)
        both = list(by_place.values())
    control, cpu = sum(side_by_side) / len(side_by_side), sum(s.cpu for s in both)
    print(f"serial: {serial:.1f} CPU s in tiles")
    if not options.without_control:
        print(
            f"two processes at once, each the whole: {control:.1f} CPU s each, {100 * (control / serial - 1):.1f} % more"
        )
    print(
        f"2 Dask workers: {len(both)} tiles, {cpu:.1f} CPU s in all, {100 * (cpu / serial - 1):.1f} % over serial, "
        f"{100 * (cpu / control - 1):.1f} % over the control"
    )
    begin, end = min(s.began for s in both), max(s.ended for s in both)
    inside: dict[int, float] = defaultdict(float)
    share: dict[int, float] = defaultdict(float)
    for start, s in by_place.items():
        inside[s.process] += s.ended - s.began
        share[s.process] += one_by_one[start].cpu
    for i, (_, seconds) in enumerate(sorted(inside.items())):
        print(f"worker {i + 1}: busy {100 * seconds / (end - begin):.1f} % of {end - begin:.1f} s")
    most = max(share, key=share.__getitem__)
    faster = serial / share[most] * inside[most] / (end - begin)
    print(f"each on a core of its own: {faster:.2f} times as fast as one process")


if __name__ == "__main__":
    main()
