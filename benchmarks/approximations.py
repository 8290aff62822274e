"""How far each approximation of the ladder moves the answer away from the exact one on the same rows.

python benchmarks/approximations.py [--seeds N] [--out FILE]

The pairs are those of the calibration, whose relation is known by construction, on 400 rows: 20 kinds, 2 and 4 latent
coordinates, N seeds (5 seeds make 200 pairs). Approximations normally start above some number of rows or units; here their bounds
are lowered so that they start on 400 rows. `exact` uses none. `moved` is the largest change of an unexplained fraction over rungs
and directions (relative for fractions over 1), where the rung applies with the approximation too: the median and the largest over
pairs. `changed` counts pairs with another answer. `right to wrong` counts directions of the smooth rung that the approximation
gets wrong and the exact ladder does not. Pairs that are already in the file are skipped.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent / "calibration"))
from worlds import KINDS, make

from conjugacy.numerics import resample
from conjugacy.numerics.alignment import assignment
from conjugacy.transformations import (
    Ladder,
    Layer,
    compact,
    judge,
    kernel_regression,
    layer,
    more_rows,
    part,
    standard,
    way,
)
from conjugacy.transformations.rungs import permutation, rotation
from conjugacy.verdict.relation import ladder_answer

ROWS, TOLERANCE = 400, 0.05
CHOICE = tuple((module, "CHOICE_ROWS") for module in (layer, part, kernel_regression))
WIDE = tuple((module, "WIDE") for module in (compact, way, rotation, permutation, more_rows))
EXACT: dict[tuple[Any, str], Any] = {
    **dict.fromkeys(CHOICE, ROWS),
    **dict.fromkeys(WIDE, 10**6),
    (standard, "MARGIN"): np.inf,
}
APPROXIMATIONS: dict[str, dict[tuple[Any, str], Any]] = {
    "choices on half of the rows": dict.fromkeys(CHOICE, ROWS // 2),
    "power checks bounded": {**dict.fromkeys(CHOICE, ROWS // 2), (standard, "MARGIN"): standard.MARGIN},
    "single precision": {**dict.fromkeys(CHOICE, ROWS // 2), (part, "SINGLE_ROWS"): 100},
    "landmarks, half of the rows": {
        (kernel_regression, "EXACT_ROWS"): 100,
        (kernel_regression, "EXACT_IN_SINGLE"): 100,
        (kernel_regression, "LANDMARKS"): ROWS // 2,
    },
    "few coordinates, two folds at a time": dict.fromkeys(WIDE, 20),
    "best partners, a third of the units": {(assignment, "MANY"): 20, (assignment, "PARTNERS"): 12},
    "a bootstrap of 200 groups": {(resample, "MOST_DRAWN"): ROWS // 2},
    "judged on half of the rows": {},
}
FIELDS = ("kind", "d", "seed", "approximation", "moved", "exact", "found", "right_to_wrong")


@contextmanager
def changed(values: dict[tuple[Any, str], Any]) -> Iterator[None]:
    """Give modules other bounds for a while."""
    before = {(module, name): getattr(module, name) for module, name in values}
    for (module, name), value in values.items():
        setattr(module, name, value)
    try:
        yield
    finally:
        for (module, name), value in before.items():
            setattr(module, name, value)


def climbed(a: np.ndarray, b: np.ndarray) -> tuple[str, tuple[str, str], dict[tuple[str, int], float]]:
    """Return the answer, the states of the smooth rung, and what every rung leaves in every direction."""
    ladder: Ladder = judge(Layer(a), Layer(b), np.arange(len(a)), tolerance=TOLERANCE)
    answer = ladder_answer(ladder)
    states = ladder.state(ladder.a_to_b, "smooth"), ladder.state(ladder.b_to_a, "smooth")
    left = {
        (rung, i): ladder.standard.estimate(way, rung).unexplained or 0.0
        for i, way in enumerate(ladder.directions)
        for rung in way.errors
    }
    return answer, states, left


def is_wrong(state: str, truth: np.ndarray | None) -> bool:
    """Return whether a state contradicts the construction."""
    if truth is None:
        return False
    return (state == "holds" and truth.mean() > TOLERANCE) or (state == "fails" and truth.mean() < TOLERANCE)


def pair(kind: str, d: int, seed: int) -> list[dict[str, Any]]:
    """Return the lines of one pair."""
    world = make(kind, d, seed)
    a, b = world.draw(ROWS, seed)
    truths, lines = world.by_construction(), list[dict[str, Any]]()
    with changed(EXACT):
        answer, states, left = climbed(a, b)
    half = np.sort(np.random.default_rng(seed).permutation(ROWS)[: ROWS // 2])
    for name, values in APPROXIMATIONS.items():
        rows = half if not values else slice(None)
        with changed({**EXACT, **values}):
            other, others, found = climbed(a[rows], b[rows])
        wrong = [
            not is_wrong(x, truth) and is_wrong(y, truth) for x, y, truth in zip(states, others, truths, strict=True)
        ]
        moved = max(abs(left[key] - found[key]) / max(1.0, left[key]) for key in left.keys() & found.keys())
        lines.append(dict(zip(FIELDS, (kind, d, seed, name, f"{moved:.3g}", answer, other, sum(wrong)), strict=True)))
    return lines


def table(lines: list[dict[str, Any]]) -> None:
    """Print one line for every approximation."""
    print(f"{'approximation':<40}{'pairs':>7}{'moved, median':>15}{'largest':>10}{'changed':>9}{'right to wrong':>16}")
    for name in APPROXIMATIONS:
        own = [line for line in lines if line["approximation"] == name]
        if not own:
            continue
        moved = np.array([float(line["moved"]) for line in own])
        changes = sum(line["exact"] != line["found"] for line in own)
        wrong = sum(int(line["right_to_wrong"]) for line in own)
        print(f"{name:<40}{len(own):>7}{np.median(moved):>15.1e}{moved.max():>10.1e}{changes:>9}{wrong:>16}")


def main() -> None:
    """Go through the pairs that are missing, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".csv"))
    given = parser.parse_args()
    lines = list(csv.DictReader(given.out.open(newline=""))) if given.out.exists() else []
    done = {(line["kind"], int(line["d"]), int(line["seed"])) for line in lines}
    for seed in range(given.seeds):
        for d in (2, 4):
            for kind in KINDS:
                if (kind, d, seed) in done:
                    continue
                new, fresh = pair(kind, d, seed), not given.out.exists()
                with given.out.open("a", newline="") as file:
                    writer = csv.DictWriter(file, FIELDS)
                    writer.writerows([dict(zip(FIELDS, FIELDS, strict=True)), *new] if fresh else new)
                lines += new
    table(lines)


if __name__ == "__main__":
    main()
