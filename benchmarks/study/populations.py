"""Populations of networks whose classes are known by construction: what the verdict says of every pair, and how they group.

A class is a set of latents that all its networks carry, whole: each network is an injective function of them. No class's latents
contain another's (an antichain), so no network of one class determines one of another, and classes that share a latent are partly
related. Within a class networks differ in width, depth, activation function, weights, gains, offsets and, every third, noise.

    python benchmarks/study/populations.py [--quick] [--seeds 10 11 12 13 14] [--out DIR]

Pairs are appended to DIR as they come, so a run that was stopped continues.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

import conjugacy as cj
from conjugacy.study import Study
from conjugacy.study.sorting.classes import sort_networks
from conjugacy.study.table import study_of

ROWS = 400
LATENTS = 7
CLASSES = ((0,), (1, 2), (1, 3), (2, 3), (4, 6), (1, 4, 5), (2, 4, 5), (3, 4, 5))
EACH = 12
ALONE = ((0,), (1, 2), (1, 4, 5))  # one class only: 24 networks that carry these
CONTRAST = ("cka", "procrustes")
FIELDS = ("a", "b", "answer", "rung", "value", "low", "high", "p", "cpu", *CONTRAST)
ACTIVATIONS = {
    "tanh": np.tanh,
    "rectifier": lambda x: np.maximum(x, 0.0),
    "softplus": lambda x: np.logaddexp(0.0, 2.0 * x) / 2.0,
}


def network(latents: np.ndarray, rng: np.random.Generator, noisy: bool) -> np.ndarray:
    """Return the last hidden layer of a random network of the latents (m, d), seen through an instrument of its own."""
    n, depth = int(rng.integers(24, 73)), int(rng.integers(1, 4))
    act = ACTIVATIONS[str(rng.choice(list(ACTIVATIONS)))]
    h = latents / latents.std(axis=0)
    for _ in range(depth):
        h = act(h @ rng.standard_normal((h.shape[1], n)) / np.sqrt(h.shape[1]) + 0.3 * rng.standard_normal(n))
        h = (h - h.mean()) / h.std()
    h = h * np.exp(0.5 * rng.standard_normal(n)) + rng.standard_normal(n)
    return h + 0.05 * h.std(axis=0) * rng.standard_normal(h.shape) if noisy else h


def population(seed: int, classes: tuple[tuple[int, ...], ...], each: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Return the networks in random order, and the class of each."""
    assert not any(set(a) <= set(b) for a, b in itertools.permutations(classes, 2))
    rng = np.random.default_rng(seed)
    latents = rng.uniform(-1.0, 1.0, (ROWS, LATENTS))
    truth = rng.permutation(np.repeat(np.arange(len(classes)), each))
    return [network(latents[:, classes[c]], rng, i % 3 == 0) for i, c in enumerate(truth)], truth


def run(name: str, networks: list[np.ndarray], out: Path) -> None:
    """Compare every pair that is not yet in the file."""
    file = out / f"{name}.csv"
    if file.exists() and not (text := file.read_text()).endswith("\n"):
        file.write_text(text[: text.rfind("\n") + 1])  # the run was stopped within a line
    done = {(int(row["a"]), int(row["b"])) for row in read(file)}
    wanted = [pair for pair in itertools.combinations(range(len(networks)), 2) if pair not in done]
    if not wanted:
        return
    measures = {key: cj.get_measure(key) for key in ("verdict", *CONTRAST)}
    prepared = {key: [m.prepare(x) for x in networks] for key, m in measures.items()}
    with file.open("a", newline="") as stream:
        writer = csv.writer(stream)
        if not done:
            writer.writerow(FIELDS)
        for i, j in wanted:
            start = time.process_time()
            score = measures["verdict"].compare(prepared["verdict"][i], prepared["verdict"][j])
            cpu = time.process_time() - start
            low, high = score.interval or (np.nan, np.nan)
            others = [measures[key].compare(prepared[key][i], prepared[key][j]).distance() for key in CONTRAST]
            said = score.details
            writer.writerow([i, j, said["answer"], said["rung"], score.value, low, high, said["p"], cpu, *others])
            stream.flush()


def read(file: Path) -> list[dict[str, str]]:
    """Return the pairs that were compared."""
    if not file.exists():
        return []
    with file.open(newline="") as stream:
        return list(csv.DictReader(stream))


def table(rows: list[dict[str, str]], truth: np.ndarray) -> None:
    """Print what was said of pairs of one class and of two."""
    for name, same in (("one class", True), ("two classes", False)):
        chosen = [r for r in rows if (truth[int(r["a"])] == truth[int(r["b"])]) == same]
        if not chosen:
            continue
        said = Counter(r["answer"] for r in chosen)
        wrong = len(chosen) - said["undecided"] - (said["equivalent"] if same else 0)
        wrong = wrong if same else said["equivalent"] + said["a_determines_b"] + said["b_determines_a"]
        cpu = np.array([float(r["cpu"]) for r in chosen])
        print(
            f"  {name:12s} {len(chosen):5d} pairs: {wrong} wrong, {said['undecided']} undecided; "
            + ", ".join(f"{n} {answer}" for answer, n in said.most_common())
            + f"; {cpu.mean():.3f} CPU s a pair"
        )


def studies(rows: list[dict[str, str]], count: int) -> dict[str, Study]:
    """Return the pairs as one study for every measure."""
    names = [f"n{i:02d}" for i in range(count)]
    answers = np.full((count, count), "missing", dtype="U20")
    numbers = {key: np.full((count, count), np.nan) for key in ("value", "p", *CONTRAST)}
    for row in rows:
        i, j = int(row["a"]), int(row["b"])
        answers[i, j] = row["answer"]
        for key, table in numbers.items():
            table[i, j] = float(row[key])
    found = {"verdict": study_of(names, answers, numbers["value"], numbers["p"])}
    found["cka"] = study_of(names, values=np.cos(numbers["cka"] * np.pi / 2), measure="cka")  # its distance is an angle
    return found | {"procrustes": study_of(names, values=numbers["procrustes"], measure="procrustes")}


def groups(rows: list[dict[str, str]], truth: np.ndarray) -> None:
    """Print how the networks are grouped, by maps and by distances, against the truth."""
    found = {key: sort_networks(study) for key, study in studies(rows, len(truth)).items()}
    maps = found["verdict"]
    print(
        f"  by maps      {_ari(truth, [maps[n] for n in maps.networks])}, {maps.kept} of {maps.claims} claims kept, "
        f"{len(maps.relations)} groups said to determine another, {maps.intransitive} intransitive triples"
    )
    if maps.clustering is not None:
        at = np.arange(len(truth))
        alone = np.where(maps.clustering.labels < 0, -1 - at, maps.clustering.labels)  # an outlier is by itself
        print(f"  by distance  {_ari(truth, alone)} (unexplained fraction)")
    for key in CONTRAST:
        print(f"               {_ari(truth, [found[key][n] for n in found[key].networks])} ({key})")


def _ari(truth: np.ndarray, labels: Sequence[Any] | np.ndarray) -> str:
    _, numbers = np.unique(np.asarray(labels), return_inverse=True)
    return f"{numbers.max() + 1:2d} groups, adjusted Rand index {adjusted_rand_score(truth, numbers):.3f}"


def main() -> None:
    """Run the populations, one after the other, and print their tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="one population of 3 networks a class, one of 6 of one class"
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[10, 11, 12, 13, 14])
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("populations"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    seeds, each, alone = (args.seeds[:1], 3, 6) if args.quick else (args.seeds, EACH, 2 * EACH)
    jobs = [(f"alone_{alone}_{len(c)}", 20 + len(c), (c,), alone) for c in ALONE[: 1 if args.quick else None]]
    jobs += [(f"classes_{each}_{seed}", seed, CLASSES, each) for seed in seeds]
    for name, seed, classes, each_class in jobs:
        networks, truth = population(seed, classes, each_class)
        with threadpool_limits(1):
            run(name, networks, args.out)
        rows = read(args.out / f"{name}.csv")
        total = sum(float(r["cpu"]) for r in rows)
        print(f"{len(classes)} classes of {each_class} networks, seed {seed}: {total / 60:.1f} CPU minutes", flush=True)
        table(rows, truth)
        groups(rows, truth)


if __name__ == "__main__":
    main()
