"""The direct test on what can be recorded: a few of the units, through noise, in few trials.

python benchmarks/dynamics/partial.py [--quick] [--seeds N] [--first SEED] [--trials 16 40 100 200] [--only SYSTEM]

Six systems, of which 2, 10 or 20 of 20 units are seen, with noise of 0, .2 and .4 of a unit's spread. A pair is two views of one
system, of two laws from the same starts (with the same drive), or (`noisy`) of two runs of one law with private noise. Each
answer is appended to partial.csv and kept; partial.txt is the table of its cells. `wrong` is 'different' or 'one way' of equal
systems, 'different' of private noise, and 'equivalent' or 'one way' of different ones.
"""

from __future__ import annotations

import argparse
import csv
import itertools
from collections import defaultdict
from pathlib import Path

from partial_systems import KINDS, SYSTEMS, pair

import conjugacy as cj
from conjugacy.comparison.matched_dynamics import matched_verdict

HERE = Path(__file__).parent
UNITS, NOISE, TRIALS = (20, 10, 2), (0.0, 0.2, 0.4), (16, 40, 100, 200)
Key = tuple[str, str, int, float, int, int]
RIGHT = {"equal": ("equivalent",), "different": ("different",), "noisy": ("equivalent", "undecided")}


def main() -> None:
    """Work out what is missing and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one seed, 40 trials, without noise; nothing is kept")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=5000, help="first seed")
    parser.add_argument("--trials", type=int, nargs="*", default=TRIALS)
    parser.add_argument("--only", nargs="*", default=SYSTEMS, choices=SYSTEMS)
    parser.add_argument("--kinds", nargs="*", default=KINDS, choices=KINDS)
    given = parser.parse_args()
    kept = HERE / "partial.csv"
    if given.quick:
        asked = itertools.product([given.first], [40], (20, 2), [0.0], KINDS, SYSTEMS)
        found = {key: answer_of(*key) for key in (order(*parts) for parts in asked)}
        print(table(found))
        return
    found = read(kept)
    seeds = range(given.first, given.first + given.seeds)
    for parts in itertools.product(seeds, given.trials, UNITS, NOISE, given.kinds, given.only):
        key = order(*parts)
        if key not in found:
            found[key] = answer_of(*key)
            with kept.open("a", newline="") as file:
                csv.writer(file).writerow([*key, found[key]])
    text = table(found)
    (HERE / "partial.txt").write_text(text + "\n", "utf-8")
    print(text)


def order(seed: int, trials: int, units: int, noise: float, kind: str, system: str) -> Key:
    """Return the parts of a pair in the order of the file."""
    return system, kind, units, noise, trials, seed


def answer_of(system: str, kind: str, units: int, noise: float, trials: int, seed: int) -> str:
    """Judge one pair."""
    seen = pair(system, units, noise, trials, kind, seed)
    a, b = (cj.Trajectories(x, drive=seen.drive) for x in (seen.a, seen.b))
    return matched_verdict(a, b, seed).answer


def read(path: Path) -> dict[Key, str]:
    """Return what is known."""
    if not path.exists():
        return {}
    with path.open(newline="") as file:
        return {(s, k, int(u), float(n), int(t), int(i)): answer for s, k, u, n, t, i, answer in csv.reader(file)}


def table(found: dict[Key, str]) -> str:
    """Return the cells: right / wrong / open by system, units, noise and trials, and their sums."""
    cells: dict[tuple[str, int, int, float, str], list[str]] = defaultdict(list)
    drawn: dict[tuple[str, int, int, float], set[int]] = defaultdict(set)
    for (system, kind, units, noise, trials, seed), answer in found.items():
        drawn[kind, trials, units, noise].add(seed)
        for name in (system, "all systems"):
            cells[kind, trials, units, noise, name].append(answer)
    lines = [
        f"{'pairs':10}{'trials':>7}{'units':>6}{'noise':>6}{'seeds':>6}  "
        + "".join(f"{s:>14}" for s in (*SYSTEMS, "all systems"))
    ]
    for kind, trials, units, noise in sorted(
        {key[:4] for key in cells}, key=lambda k: (KINDS.index(k[0]), k[1], -k[2], k[3])
    ):
        shown = [counts(kind, cells.get((kind, trials, units, noise, s), [])) for s in (*SYSTEMS, "all systems")]
        row = f"{kind:10}{trials:>7}{units:>6}{noise:>6.1f}{len(drawn[kind, trials, units, noise]):>6}  "
        lines.append(row + "".join(f"{x:>14}" for x in shown))
    seeds = sorted({key[-1] for key in found})
    lines.append(
        f"right / wrong / undecided; {len(found)} pairs, seeds {seeds[0]} to {seeds[-1]}" if seeds else "nothing yet"
    )
    return "\n".join(lines)


def counts(kind: str, answers: list[str]) -> str:
    """Return right / wrong / open; private noise in the law leaves nothing but 'different' wrong."""
    right, ways = sum(x in RIGHT[kind] for x in answers), ("a_determines_b", "b_determines_a")
    taken = {"equal": ("different", *ways), "different": ("equivalent", *ways), "noisy": ("different",)}[kind]
    wrong = sum(x in taken for x in answers)
    return f"{right}/{wrong}/{len(answers) - right - wrong}"


if __name__ == "__main__":
    main()
