"""Thousands of networks sorted by representatives: what it costs, what it finds, and that it goes on where it was killed.

Each class has its own three coordinates of the stimuli. A network is a random two-layer tanh network of these, 200 stimuli x 16
units, with its own gains and offsets; every third has 2 % noise. 5000 networks of 40 classes are sorted from files to classes
(`pairwise(representatives=3)`) within `--memory`. The first process is killed once six tiles are written; another goes on.
Printed: CPU seconds of both, peak memory, pairs compared, the adjusted Rand index against the classes by construction, the
audit, and networks that are alone. Wrong joins are networks in a class that mostly holds another kind. `--all N` also compares
all pairs of N networks. Recall is the share of pairs that both partitions put together, among those that all pairs put together.

    python benchmarks/study/representatives.py [--quick] [--networks 5000] [--all 120] [--first] [--memory "1.5 GB"] [--out DIR]

Results are kept in DIR; the same command continues there. With `--first` all pairs are compared by first fits alone, and so are
representatives.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

import conjugacy as cj

STIMULI, UNITS, CLASSES, NEAR = 200, 16, 40, 3


@cache
def coordinates(classes: int) -> np.ndarray:
    """Return the stimuli's coordinates in every class, (200, classes, 3)."""
    return np.random.default_rng(0).standard_normal((STIMULI, classes, 3))


def network(i: int, classes: int) -> np.ndarray:
    """Return the i-th network's answers, (200, 16)."""
    rng, z = np.random.default_rng([1, i]), coordinates(classes)[:, i % classes]
    hidden = np.tanh(0.4 * z @ rng.standard_normal((3, 32)) + 0.5 * rng.standard_normal(32))
    x = np.tanh(hidden @ rng.standard_normal((32, UNITS)) / np.sqrt(32) + 0.3 * rng.standard_normal(UNITS))
    x = x * np.exp(0.5 * rng.standard_normal(UNITS)) + rng.standard_normal(UNITS)
    return x + (0.02 if i % 3 == 0 else 0.0) * x.std(axis=0) * rng.standard_normal(x.shape)


def write_networks(folder: Path, count: int, classes: int) -> None:
    """Write recordings that are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        file = folder / f"net{i:05d}.npz"
        if file.exists():
            continue
        x = network(i, classes)
        np.savez(folder / "new.npz", hidden=x.astype(np.float32), stimuli=np.arange(STIMULI))
        (folder / "new.npz").rename(file)


def work(runs: Path, store: Path, memory: str, log: Path, measure: str) -> None:
    """Sort, and append to a log what it took: a line for every sentence, with CPU seconds so far."""
    with threadpool_limits(1), log.open("a") as stream:

        def tell(sentence: str) -> None:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            stream.write(json.dumps({"cpu": time.process_time(), "peak": peak, "said": sentence}) + "\n")
            stream.flush()

        tell("begins")
        study = cj.pairwise(runs, measures=measure, representatives=NEAR, store=store, memory=memory, progress=tell)
        tell("done")
        del study


def killed_once(command: list[str], log: Path, store: Path) -> None:
    """Run until networks begin to join classes, kill, and run to the end; only what is still to do, where that has happened."""
    first = subprocess.Popen(command)
    while first.poll() is None:
        time.sleep(1.0)
        text = log.read_text() if log.exists() else ""
        if "killed" not in text and '"said": "' in text and _tiles(store) >= 6:
            first.send_signal(signal.SIGKILL)
            first.wait()
            with log.open("a") as stream:
                stream.write(json.dumps({"cpu": 0.0, "peak": 0.0, "said": "killed"}) + "\n")
            first = subprocess.Popen(command)
    if first.returncode:
        raise SystemExit(first.returncode)


def _tiles(store: Path) -> int:
    return sum(len(files) for _, _, files in os.walk(store / "results.zarr" / "status" / "c"))


def spent(log: Path) -> tuple[list[float], float, list[str]]:
    """Return CPU seconds of every process, the largest peak in MB, and what was said."""
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    processes: list[float] = []
    for line in lines:
        if line["said"] == "begins":
            processes.append(0.0)
        if line["said"] != "killed":
            processes[-1] = line["cpu"]
    return processes, max(line["peak"] for line in lines), [line["said"] for line in lines]


def report(study: cj.Study, classes: int) -> None:
    """Print what was found, against the classes by construction."""
    found = study.classes()
    kind = {name: int(name[3:]) % classes for name in found}
    print(f"{len(found.groups)} classes of {classes}; {len(found.unsorted)} networks not sorted")
    labels = [kind[name] for name in found], [found[name] for name in found]
    print(f"adjusted Rand index {adjusted_rand_score(*labels):.4f}")
    wrong = sum(len(g.members) - Counter(kind[n] for n in g.members).most_common(1)[0][1] for g in found.groups)
    alone = sum(len(g.members) == 1 for g in found.groups)
    print(f"wrong joins {wrong} of {len(found)}; networks alone {alone}")
    for note in study.notes:
        print("-", note)


def against_all(runs: Path, out: Path, count: int, memory: str, measure: str) -> None:
    """Print how a partition by representatives lies to that of all pairs, of the first networks."""
    files = sorted(runs.glob("net*.npz"))[:count]
    name = f"{count}{'-first' if measure != 'verdict' else ''}"
    with threadpool_limits(1):
        start = time.process_time()
        few = cj.pairwise(files, measures=measure, representatives=NEAR, store=out / f"few{name}", memory=memory)
        middle = time.process_time()
        whole = cj.pairwise(files, measures=measure, store=out / f"all{name}", memory=memory)
        end = time.process_time()
    a, b = few.classes(), whole.classes()
    together = [np.array([[c[x] == c[y] for y in few.networks[0]] for x in few.networks[0]]) for c in (a, b)]
    pairs = np.triu(np.ones((count, count), bool), 1)
    both = (together[0] & together[1] & pairs).sum()
    print(
        f"{count} networks, all pairs and by representatives: {end - middle:.0f} and {middle - start:.0f} CPU s in this run"
    )
    wrong = (together[0] & ~together[1] & pairs).sum()
    index = adjusted_rand_score(*([c[name] for name in few.networks[0]] for c in (a, b)))
    print(f"recall {both / (together[1] & pairs).sum():.4f}, wrong pairs {wrong}, adjusted Rand index {index:.4f}")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="120 networks of 6 classes")
    parser.add_argument("--networks", type=int, default=5000)
    parser.add_argument("--all", type=int, default=0, help="compare all pairs of so many networks too")
    parser.add_argument("--first", action="store_true", help="by first fits alone (verdict:fits=first)")
    parser.add_argument("--memory", default="1.5 GB")
    parser.add_argument("--out", type=Path, default=Path("representatives-out"))
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    measure = "verdict:fits=first" if given.first else "verdict"
    count, classes = (120, 6) if given.quick else (given.networks, CLASSES)
    name = f"{count}-first" if given.first else f"{count}"
    folder = given.out / (f"runs{count}" if count == 5000 or given.quick else f"runs{classes}-{count}")
    store, log = given.out / f"store{name}", given.out / f"log{name}.jsonl"
    if given.alone:
        work(folder, store, given.memory, log, measure)
        return
    write_networks(folder, count, classes)
    if not (log.exists() and '"done"' in log.read_text()):
        killed_once([sys.executable, *sys.argv, "--alone"], log, store)
    processes, peak, said = spent(log)
    print(
        f"{count} networks x {STIMULI} stimuli x {UNITS} units, representatives of the {NEAR} nearest classes, "
        f"memory {given.memory}, {measure}"
    )
    print(
        f"CPU s by process: {', '.join(f'{p:.0f}' for p in processes)}; peak {peak:.0f} MB; killed {said.count('killed')} times"
    )
    report(cj.Study.open(store), classes)
    if given.all:
        against_all(folder, given.out, given.all, given.memory, measure)


if __name__ == "__main__":
    main()
