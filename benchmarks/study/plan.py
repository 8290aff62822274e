"""A plan for 100 000 networks: which pairs the sorting by representatives would compare, and what that costs.

    python benchmarks/study/plan.py [--quick] [--log representatives-out/log5000.jsonl]

The rounds are those of `conjugacy.study.work.representatives`; only answers and sketches are simulated. An answer is the class by
construction. A sketch has a part that networks of one class share and a part of its own. Two of one class then have a mean
inner product of `alike`, as measured on 300 networks of `representatives.py`. Costs are CPU seconds of one core: fitted to
the log of a run of `representatives.py` where one is given (preparing and sketching a network, and the mean pair), else those of
the committed table. Pairs that are equivalent cost less than those that are not, by a ratio that is measured here on 40 pairs.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from representatives import CLASSES, NEAR, UNITS, network
from threadpoolctl import threadpool_limits

import conjugacy as cj
from conjugacy.numerics.grouping.sketches import NUMBERS, neighbour_sketch
from conjugacy.study.work.representatives import FAILS, HOLDS, Joining

SIZES = ((1000, 40), (5000, 40), (20_000, 200), (100_000, 1000))


@dataclass
class Simulated(Joining):
    """The same rounds, with answers that are known."""

    truth: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    seen: set[int] = field(default_factory=set[int])
    equal: int = 0
    other: int = 0
    rounds: int = 0

    def _compare(self, pairs: Iterable[tuple[int, int]]) -> None:
        self.rounds += 1
        for i, j in pairs:
            key = min(i, j) * len(self.truth) + max(i, j)
            if i != j and key not in self.seen:
                self.seen.add(key)
                same = bool(self.truth[i] == self.truth[j])
                self.equal, self.other = self.equal + same, self.other + (not same)

    def _columns(self, networks: Iterable[int]) -> dict[str, int]:
        return {}

    def _state(self, i: int, j: int) -> int:
        return HOLDS if self.truth[i] == self.truth[j] else FAILS

    def _link(self, i: int, j: int) -> float:
        return float(self.truth[i] == self.truth[j])


def simulated(count: int, classes: int, alike: tuple[float, float]) -> Simulated:
    """Return the rounds over so many networks; `alike` is the inner product within a class, mean and spread."""
    rng = np.random.default_rng(0)
    truth = np.arange(count) % classes
    shared = rng.standard_normal((classes, NUMBERS)) / np.sqrt(NUMBERS)
    # two networks with shares s and t of what their class has in common have s t in the mean
    share = np.sqrt(np.clip(rng.normal(alike[0], alike[1], (count, 1)), 0.02, 0.98))
    sketches = share * shared[truth]
    sketches += np.sqrt(1.0 - share**2) * rng.standard_normal((count, NUMBERS)) / np.sqrt(NUMBERS)
    sketches /= np.linalg.norm(sketches, axis=1, keepdims=True)
    ledger: Any = SimpleNamespace(rows=[str(i) for i in range(count)], cols=[], near=NEAR, seed=0)
    run: Any = SimpleNamespace(ledger=ledger, tell=str)
    found = Simulated(run, sketches=sketches, truth=truth)
    found._divide(list(range(count)))  # pyright: ignore[reportPrivateUsage] - the rounds are what is simulated
    found._mend()  # pyright: ignore[reportPrivateUsage]
    return found


def likeness() -> tuple[float, float]:
    """Return the mean inner product of the sketches of two networks of one class, and its spread over networks."""
    sketches = np.array([neighbour_sketch(network(i, 10)) for i in range(300)])
    within = [sketches[c::10] @ sketches[c::10].T for c in range(10)]
    means = np.concatenate([(w.sum(axis=1) - 1.0) / (len(w) - 1) for w in within])
    return float(means.mean()), float(means.std())


def costs() -> dict[str, float]:
    """Return CPU seconds of preparing, sketching, an equivalent pair and another, measured now."""
    measure: Any = cj.get_measure("verdict")
    data = [network(i, 5) for i in range(10)]
    measure(data[0], data[5])
    found: dict[str, float] = {}
    start = time.process_time()
    prepared = [measure.prepare(x) for x in data]
    found["prepare"] = (time.process_time() - start) / len(data)
    start = time.process_time()
    for x in data:
        neighbour_sketch(x)
    found["sketch"] = (time.process_time() - start) / len(data)
    for name, same in (("equal", True), ("other", False)):
        pairs = [(i, j) for i, j in combinations(range(10), 2) if (i % 5 == j % 5) == same][:20]
        start = time.process_time()
        for i, j in pairs:
            measure.compare(prepared[i], prepared[j])
        found[name] = (time.process_time() - start) / len(pairs)
    return found


def fitted(log: Path, cost: dict[str, float], pairs: Simulated, count: int) -> dict[str, float]:
    """Return costs that add up to what a run took: preparation as logged, pairs scaled together."""
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    sketched = next(line["cpu"] for line in lines if "sketched" in line["said"])
    ends = [a["cpu"] for a, b in pairwise(lines) if b["said"] in ("begins", "killed")]
    total = sum(ends) + lines[-1]["cpu"]
    print(f"the run of {count} networks took {total:.0f} CPU s, {sketched:.0f} of it before the first sketch")
    rest = total - sketched - count * cost["sketch"]
    scale = rest / (pairs.equal * cost["equal"] + pairs.other * cost["other"])
    print(f"a pair there took {scale:.2f} times what it takes alone: reading prepared networks, tables")
    return {**cost, "prepare": sketched / count, "equal": scale * cost["equal"], "other": scale * cost["other"]}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="up to 5000 networks")
    parser.add_argument("--log", type=Path, help="of a run of representatives.py over 5000 networks")
    given = parser.parse_args()
    with threadpool_limits(1):
        alike, cost = likeness(), costs()
        print(
            f"sketches of one class: inner product {alike[0]:.2f}, spread over networks {alike[1]:.2f}; {UNITS} units"
        )
        if given.log:
            cost = fitted(given.log, cost, simulated(5000, CLASSES, alike), 5000)
        print("CPU ms: " + ", ".join(f"{name} {1e3 * seconds:.1f}" for name, seconds in cost.items()))
        for count, classes in SIZES[:2] if given.quick else SIZES:
            start = time.process_time()
            found = simulated(count, classes, alike)
            few = count * (cost["prepare"] + cost["sketch"]) + found.equal * cost["equal"] + found.other * cost["other"]
            inside = count * (count / classes - 1) / 2
            whole = inside * cost["equal"] + (count * (count - 1) / 2 - inside) * cost["other"]
            print(
                f"{count:6d} networks, {classes:4d} classes: {found.equal} equivalent and {found.other} other pairs in "
                f"{found.rounds} passes, {len(found.classes)} classes found; {few / 3600:.2f} CPU h, all pairs "
                f"{whole / 3600:.0f} CPU h; simulated in {time.process_time() - start:.0f} CPU s",
                flush=True,
            )


if __name__ == "__main__":
    main()
