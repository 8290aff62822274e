"""How often drop-in is right: pairs whose true churn, error and identity error are known, at, inside and outside each margin.

Each line is one cell. It gives what is set to a multiple of its margin (all else is inside), the number of rows, and the classes
or kind of error. It says whether rows depend on each other (20 to a cluster, their scores correlated at .3), and how many pairs
are answered yes, no or undecided. `wrong` counts each yes beyond a margin and each no inside it, with its 95 % interval. At a
margin, where neither is right, it is the larger of the two answers. `few` marks cells whose changed class has too few rows to
show its margin: by the rule, a yes does not need that class, and is not wrong there. `oracle` is the share that a normal test
with the true variance would decide where rows are independent. No method can do much better.

    python benchmarks/drop_in.py [--quick] [--seeds N] > benchmarks/drop_in.txt
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from scipy.stats import norm
from shares import wilson

from conjugacy.results import Margins
from conjugacy.verdict.drop_in import AsTheyStand, judge_drop_in

FACTORS = (0.0, 0.5, 1.0, 1.5, 2.0, 4.0)
WRONG_BEFORE = 0.25  # of A's decisions
TOGETHER, ALIKE = 20, 0.3
MARGINS = Margins()
SCALES = np.array([1.0, 3e6, 0.01])


@dataclass(frozen=True)
class Cell:
    """What is simulated."""

    what: str
    factor: float
    rows: int
    kind: str
    clustered: bool


def clusters_of(cell: Cell) -> np.ndarray:
    """Which rows depend on each other."""
    rows = np.arange(cell.rows)
    return rows // TOGETHER if cell.clustered else rows


def happens(rate: np.ndarray, cell: Cell, rng: np.random.Generator) -> np.ndarray:
    """Whether something of this rate happens on each row; in clusters, each has a rate of its own (beta, correlation .3)."""
    if not cell.clustered:
        return rng.random(cell.rows) < rate
    level = rng.standard_normal(int(np.ceil(cell.rows / TOGETHER)))[clusters_of(cell)]
    score = np.sqrt(ALIKE) * level + np.sqrt(1 - ALIKE) * rng.standard_normal(cell.rows)
    return score < norm.ppf(np.clip(rate, 0, 1))


def classes(cell: Cell, rng: np.random.Generator) -> AsTheyStand:
    """Two classifiers with known rates of flips from right to wrong and back."""
    k = int(cell.kind)
    wanted = rng.integers(0, k, cell.rows)
    right = rng.random(cell.rows) >= WRONG_BEFORE
    other = (wanted + rng.integers(1, k, cell.rows)) % k
    lost, won = flips(cell, wanted == 0, k)
    flip = happens(np.where(right, lost / (1 - WRONG_BEFORE), won / WRONG_BEFORE), cell, rng)
    a, b = np.where(right, wanted, other), np.where(right ^ flip, wanted, other)
    targets = None if cell.what == "churn" else wanted
    rows = np.arange(cell.rows)
    return AsTheyStand(a[:, None], b[:, None], ("labels", "labels"), targets, clusters_of(cell), rows, rows)


def flips(cell: Cell, first: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Rates, over all rows of a kind, of flips from right to wrong and from wrong to right."""
    none = np.zeros(len(first))
    if cell.what == "churn":
        return none + cell.factor * MARGINS.churn / 2, none + cell.factor * MARGINS.churn / 2
    if cell.what == "error":
        return none + cell.factor * MARGINS.error, none
    rise = cell.factor * MARGINS.class_error  # of the first class; the others gain what it loses
    return np.where(first, rise, 0.0), np.where(first, 0.0, rise / (k - 1))


def numbers(cell: Cell, rng: np.random.Generator) -> AsTheyStand:
    """Three outputs, the second of which is off by a known fraction of its variance."""
    a = rng.standard_normal((cell.rows, 3))
    share = MARGINS.tolerance * np.array([0.1, cell.factor, 0.1])
    error = errors(cell, rng) * np.sqrt(share)
    rows = np.arange(cell.rows)
    return AsTheyStand(a * SCALES, (a + error) * SCALES, ("regression",) * 2, None, clusters_of(cell), rows, rows)


def errors(cell: Cell, rng: np.random.Generator) -> np.ndarray:
    """Errors of unit variance."""
    draw = {
        "normal": lambda n: rng.standard_normal((n, 3)),
        "t3": lambda n: rng.standard_t(3, (n, 3)) / np.sqrt(3),
        "uneven": lambda n: rng.standard_normal((n, 3)) * np.exp(rng.standard_normal((n, 1)) - 1),
    }[cell.kind]
    if not cell.clustered:
        return draw(cell.rows)
    whole = draw(int(np.ceil(cell.rows / TOGETHER)))[clusters_of(cell)]
    return np.sqrt(ALIKE) * whole + np.sqrt(1 - ALIKE) * draw(cell.rows)


def truth(cell: Cell) -> str:
    """Return what is right: yes, no, or at the margin."""
    return "yes" if cell.factor < 1 else "no" if cell.factor > 1 else "margin"


def few(cell: Cell) -> bool:
    """Tell whether even no change at all would not show the class to be inside its margin."""
    if cell.what != "class":
        return False
    k = int(cell.kind)
    hang = 1 + (TOGETHER - 1) / k if cell.clustered else 1  # rows of the class in a cluster, as one of them sees it
    return (1 - MARGINS.class_error) ** (cell.rows / k / hang) > 0.02


def oracle(cell: Cell) -> float | None:
    """Return the share that a normal test with the true variance decides; None where the variance is not written down."""
    margin = {"churn": MARGINS.churn, "error": MARGINS.error, "class": MARGINS.class_error}.get(cell.what)
    if margin is None or cell.factor == 1 or cell.clustered:
        return None
    true = cell.factor * margin
    rows = cell.rows / (int(cell.kind) if cell.what == "class" else 1)
    noise = np.sqrt(max(true * (1 - true), 1 / rows) / rows)
    return float(norm.cdf(abs(true - margin) / noise - 1.96))


def cells(*, quick: bool) -> Iterator[Cell]:
    """Yield all that is simulated."""
    for clustered in (False, True):
        for rows in (300, 2000):
            for what in ("churn", "error", "class"):
                for k in ("10",) if quick else ("2", "10", "50"):
                    yield from (Cell(what, f, rows, k, clustered) for f in FACTORS)
            for kind in ("t3",) if quick else ("normal", "t3", "uneven"):
                yield from (Cell("numbers", f, rows, kind, clustered) for f in FACTORS)


def answers(cell: Cell, repeats: int) -> dict[str, int]:
    """Count how often each answer is given."""
    make: Callable[[Cell, np.random.Generator], AsTheyStand] = numbers if cell.what == "numbers" else classes
    found = {"yes": 0, "no": 0, "undecided": 0}
    for seed in range(repeats):
        rng = np.random.default_rng([seed, crc32(repr(cell).encode())])
        found[judge_drop_in(make(cell, rng)).answer] += 1
    return found


def main() -> None:
    """Print the table, and what has to hold of it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true")
    options.add_argument("--seeds", type=int, default=None, help="pairs of each cell; four times as many at a margin")
    given = options.parse_args()
    seeds = given.seeds or (40 if given.quick else 100)
    head = f"{'what':8} {'x':>4} {'rows':>5} {'kind':>7} {'clusters':>8} {'pairs':>6}"
    print(f"{head} {'yes':>6} {'no':>6} {'open':>6} {'oracle':>6}  wrong")
    away, margin, largest, decided = [0, 0], [0, 0, 0], (0.0, "", ""), []
    started = time.process_time()
    for cell in cells(quick=given.quick):
        right = truth(cell)
        repeats = 4 * seeds if right == "margin" else seeds
        found = answers(cell, repeats)
        wrong = max(found["yes"], found["no"]) if right == "margin" else found["no" if right == "yes" else "yes"]
        wrong = found["no"] if few(cell) and right != "no" else 0 if few(cell) else wrong
        low, high = wilson(wrong, repeats)
        could = oracle(cell)
        shares = " ".join(f"{found[a] / repeats:6.3f}" for a in ("yes", "no", "undecided"))
        name = f"{cell.what:8} {cell.factor:4} {cell.rows:5} {cell.kind:>7} {'yes' if cell.clustered else 'no':>8}"
        told = f"{100 * wrong / repeats:.1f} % [{100 * low:.1f}, {100 * high:.1f}]{', few' if few(cell) else ''}"
        print(f"{name} {repeats:6} {shares} {'' if could is None else f'{could:.2f}':>6}  {told}", flush=True)
        if right != "margin":
            away = [away[0] + wrong, away[1] + repeats]
            if cell.rows == 2000:
                decided.append((1 - found["undecided"] / repeats, could, cell))
        else:
            margin = [margin[0] + found["yes"] * (not few(cell)), margin[1] + found["no"], margin[2] + repeats]
            largest = max(largest, (wrong / repeats, told, name))
    print(f"\naway from the margin: {away[0]} wrong of {away[1]}")
    print(
        f"at the margin, of {margin[2]}: {margin[0]} yes and {margin[1]} no; in one cell at most {largest[1]} ({largest[2]})"
    )
    able = [d for d, could, _ in decided if could is not None and could >= 0.975]
    print(
        f"decided at 2000 rows, away from the margin: {100 * np.mean([d for d, _, _ in decided]):.0f} % of all, "
        f"{100 * np.mean(able):.0f} % in the {len(able)} cells where the oracle decides 97.5 %"
    )
    print(f"{time.process_time() - started:.0f} CPU seconds")


if __name__ == "__main__":
    main()
