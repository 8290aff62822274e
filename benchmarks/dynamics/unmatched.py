"""Systems without matched trials: how pairs are ranked and decided, over six suites whose truth is known.

python benchmarks/dynamics/unmatched.py [--quick] [--seeds N] [--first SEED] [--only SUITE]

The answers for a suite and a seed are kept in `unmatched/*.csv`, so a run that was stopped continues. At the end the tables are
printed. `--quick` runs two small suites at one seed and keeps nothing. Pairs are not independent, so intervals come from a
bootstrap over systems within their groups.
"""

from __future__ import annotations

import argparse
import csv
import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import combinations
from pathlib import Path

import unmatched_tables
from suites import SUITES, Member, Suite, rings

import conjugacy as cj
from conjugacy.dynamics.unmatched import Halves, compare_unmatched, prepared
from conjugacy.verdict.decide_unmatched import STRETCH, decide_unmatched

KEPT = Path(__file__).parent / "unmatched"
FIRST = 10  # thresholds were chosen on seed 0, weights of the curves on 0 and 1
MEASURES = {
    "dynamics": "dynamics",
    "DSA": "dsa:delays=10,rank=12,effort=fast",
    "DSA, Wasserstein": "dsa_wasserstein:delays=10,rank=12",
    "kernel EDMD, Wasserstein": "kernel_edmd_wasserstein",
    # these two are for units in common, which no two systems here have; ConjTest+ needs trials in common too and is left out
    "SGOT": "sgot",
    "ConjTest": "conjtest",
}
RINGS = (12, 48, 96)  # trials, beside the suite's 24
Row = dict[str, str]


def pairs(members: list[Member]) -> list[tuple[int, int]]:
    """Return all pairs of systems."""
    return list(combinations(range(len(members)), 2))


def decided(members: list[Member]) -> list[Row]:
    """Return the answer on every pair."""
    began = time.process_time()
    halves = [Halves.of(prepared(one.trials), seed=i) for i, one in enumerate(members)]
    seconds = (time.process_time() - began) / len(members)
    rows = []
    for i, j in pairs(members):
        found = compare_unmatched(halves[i], halves[j], STRETCH)
        numbers = {
            "distance": found.distance, "floor": max(found.floors), "p_different": found.p_different, "p_same": found.p_same,
            "seconds": seconds,
        }  # fmt: skip
        rows.append({"answer": decide_unmatched(found)[0], **{key: f"{value:.4g}" for key, value in numbers.items()}})
    return rows


def measured(spec: str, members: list[Member]) -> list[Row]:
    """Return a measure of every pair."""
    measure = cj.get_measure(spec)
    began = time.process_time()
    ready = [measure.prepare(one.trials) for one in members]
    seconds = (time.process_time() - began) / len(members)
    values = [measure.compare(ready[i], ready[j]).value for i, j in pairs(members)]
    return [{"value": f"{value:.6g}", "seconds": f"{seconds:.3g}"} for value in values]


def cell(suite: str, seed: int, make: Suite, judge: Callable[[list[Member]], list[Row]]) -> list[Row]:
    """Return a suite's rows at one seed."""
    members = make(seed)
    given = [
        {
            "suite": suite,
            "seed": str(seed),
            "a": str(i),
            "b": str(j),
            "group_a": members[i].group,
            "group_b": members[j].group,
        }
        for i, j in pairs(members)
    ]
    return [{**who, **row} for who, row in zip(given, judge(members), strict=True)]


def kept(path: Path) -> list[Row]:
    """Return the rows of a table, none where there is none."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def keep(path: Path, rows: list[Row]) -> None:
    """Write a table whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(handle, "w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    Path(name).replace(path)


def main() -> None:
    """Work out what is missing, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="reversal and chaos at one seed, nothing kept")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=FIRST, help="first seed")
    parser.add_argument("--only", help="one suite")
    parser.add_argument("--kept", type=Path, default=KEPT, help="folder of the tables")
    given = parser.parse_args()
    wanted: dict[str, Suite] = {**SUITES, **{f"rings, {k} trials": partial(rings, trials=k) for k in RINGS}}
    judges: dict[str, Callable[[list[Member]], list[Row]]] = {
        "decisions": decided,
        **{name: partial(measured, spec) for name, spec in MEASURES.items()},
    }
    names = ["reversal", "chaos"] if given.quick else [given.only] if given.only else list(wanted)
    seeds = [str(given.first + i) for i in range(1 if given.quick else given.seeds)]
    tables: dict[str, list[Row]] = {}
    for judge, work in judges.items():
        path = given.kept / f"{judge.replace(', ', '_').replace(' ', '_').lower()}.csv"
        rows = [] if given.quick else kept(path)
        there = {(row["suite"], row["seed"]) for row in rows}
        for name in names:
            for seed in seeds:
                if (name, seed) in there or ("trials" in name and judge not in ("decisions", "dynamics")):
                    continue
                rows += cell(name, int(seed), wanted[name], work)
                if not given.quick:
                    keep(path, rows)
        tables[judge] = [row for row in rows if row["suite"] in names and row["seed"] in seeds]
    print("\n".join(unmatched_tables.text(tables, [name for name in names if name in SUITES], RINGS)))


if __name__ == "__main__":
    main()
