"""How often the ladder is wrong: pairs of networks whose relation is known, judged at several numbers of rows.

python benchmarks/calibration/run.py [--quick] [--part I/N]

Each pair is one line of `pairs.csv`. Pairs that have a line are skipped, so a run that was stopped continues. `--quick` runs the
first seed of every kind at 300 rows into a separate table, and says how long it took. Several parts
(`--part 0/2`, `--part 1/2`) may run at once. `summary.py` turns the table into `docs/calibration.md`.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import summary
from scipy.linalg import cho_factor, cho_solve
from worlds import ELEVEN, KINDS, LONG, TRUTH_ROWS, World, make

from conjugacy.numerics.regression import ridge_fold_residuals
from conjugacy.transformations import Direction, Ladder, Layer, judge
from conjugacy.transformations.division import Division
from conjugacy.transformations.kernel import kernel_matrix
from conjugacy.transformations.kernel_regression import LANDMARKS, KernelRegression
from conjugacy.transformations.rungs import rung_named
from conjugacy.transformations.way import Way
from conjugacy.verdict.relation import ladder_answer

HERE = Path(__file__).parent
TABLE = HERE / "pairs.csv"
TOLERANCE = 0.05
FRESH_ROWS = 5000
FIELDS = ("kind", "d", "m", "seed", "answer", "rung", "exact", "u_ab", "low_ab", "high_ab", "power_ab", "true_ab", "fresh_ab",
          "u_ba", "low_ba", "high_ba", "power_ba", "true_ba", "fresh_ba", "p", "source", "rung_true", "seconds")  # fmt: skip


def cells() -> Iterator[tuple[str, int, int, tuple[int, ...]]]:
    """Yield kind, latent dimensions, seed and the numbers of rows."""
    for seed in range(20):
        for kind in KINDS:
            for d in (2, 5, 8):
                sizes = (300,) + ((1000,) if d < 8 and seed < 10 else ())
                yield kind, d, seed, sizes + ((3000,) if d == 5 and seed < 5 and kind in LONG else ())


@dataclass(frozen=True, eq=False)
class InTurn(Way):
    """Rows go to the folds in turn."""

    @cached_property
    def folds(self) -> np.ndarray:
        """Every tenth row together."""
        return np.arange(TRUTH_ROWS) % 10


@dataclass(frozen=True)
class Truth:
    """What many rows say of a world; computed only where the construction does not say it."""

    world: World
    seed: int

    @cached_property
    def networks(self) -> tuple[Layer, Layer]:
        """Both networks on many rows."""
        a, b = self.world.draw(TRUTH_ROWS, 1_000_000 + self.seed)
        return Layer(a), Layer(b)

    @cached_property
    def left(self) -> tuple[tuple[np.ndarray, np.ndarray], str]:
        """What each direction leaves unexplained of every unit, and where that comes from."""
        known = self.world.by_construction()
        if known[0] is not None and known[1] is not None:
            return (known[0], known[1]), "construction"
        a, b = self.networks
        found = [
            k if k is not None else self._estimate(s, t) for k, (s, t) in zip(known, ((a, b), (b, a)), strict=True)
        ]
        return (found[0], found[1]), "rows"

    @cached_property
    def _folds(self) -> np.ndarray:
        return np.arange(TRUTH_ROWS) % 10

    def _estimate(self, source: Layer, target: Layer) -> np.ndarray:
        """Return an upper bound: the affine map settles it where it leaves little, else the kernel map."""
        strength = 1e-8  # with so many rows there is nothing to shrink
        found = _by_unit(ridge_fold_residuals(source.ridge, target.z, self._folds, strength), target)
        if found.mean() < TOLERANCE / 1.5:
            return found
        return np.minimum(found, _many_rows(source, target))

    def of_rung(self, rung: str, units: tuple[np.ndarray, np.ndarray]) -> float | None:
        """Return what a rung leaves in its worse direction on many rows; None for the smooth one (see `left`), or none."""
        family = rung_named(rung) if rung else None
        if family is None or family.power_check:
            return None
        (a, b), rows = self.networks, np.arange(TRUTH_ROWS)
        ends = ((a, b, units[1]), (b, a, units[0]))
        return max(float(_by_unit(family.residuals(InTurn(s, t, rows, 0)), t)[u].mean()) for s, t, u in ends)


def _many_rows(source: Layer, target: Layer) -> np.ndarray:
    """Return what a kernel map leaves of every unit: fitted through 2000 landmarks on four fifths, judged on the rest."""
    folds = np.arange(TRUTH_ROWS) % 10
    bandwidth, strength = KernelRegression(Division(source, folds, np.arange(TRUTH_ROWS)), target.sketch).choice
    train, test = slice(0, 4 * TRUTH_ROWS // 5), slice(4 * TRUTH_ROWS // 5, None)
    scale2, landmarks = source.scale2(bandwidth), source.points[:LANDMARKS]
    features = kernel_matrix(source.points[train], landmarks, scale2)
    gram = features.T @ features + strength * kernel_matrix(landmarks, landmarks, scale2)
    gram[np.diag_indices_from(gram)] += 1e-14 * np.trace(gram)
    weights = cho_solve(cho_factor(gram, lower=True, overwrite_a=True), features.T @ target.z[train])
    return _by_unit(target.z[test] - kernel_matrix(source.points[test], landmarks, scale2) @ weights, target)


def _by_unit(residuals: np.ndarray, target: Layer) -> np.ndarray:
    """Return the unexplained fraction of every unit, nothing for those that are constant."""
    found = np.zeros(target.n)
    found[target.live] = (residuals**2).mean(axis=0)
    return found


def judged(world: World, m: int, seed: int, truth: Truth) -> dict[str, object]:
    """Return one line of the table; what is true is said of the units that were judged."""
    a, b = world.draw(m, seed)
    start = time.process_time()
    ladder = judge(Layer(a), Layer(b), np.arange(m), tolerance=TOLERANCE)
    answer, rung, exact = ladder_answer(ladder), ladder.rung, ladder.exact_rung
    seconds = time.process_time() - start
    fresh = world.draw(FRESH_ROWS, 2_000_000 + seed)
    units = tuple(np.flatnonzero(network.live)[network.judged] for network in (ladder.a, ladder.b))
    (left_ab, left_ba), source = truth.left
    true_ab, true_ba = float(left_ab[units[1]].mean()), float(left_ba[units[0]].mean())
    line: dict[str, object] = {"answer": answer, "rung": rung or "", "exact": exact or "", "p": ladder.p_independent}
    line |= {"source": source, "rung_true": truth.of_rung(rung or "", units), "seconds": round(seconds, 3)}
    line |= _one(ladder, ladder.a_to_b, "ab", true_ab, _fresh(ladder, fresh, back=False))
    return line | _one(ladder, ladder.b_to_a, "ba", true_ba, _fresh(ladder, fresh, back=True))


def _one(ladder: Ladder, direction: Direction, name: str, true: float, fresh: float) -> dict[str, object]:
    value, power = ladder.standard.estimate(direction, "smooth"), ladder.standard.power(direction)
    numbers = {
        "u": value.unexplained,
        "low": value.low,
        "high": value.high,
        "power": power.high,
        "true": true,
        "fresh": fresh,
    }
    return {f"{key}_{name}": number for key, number in numbers.items()}


def _fresh(ladder: Ladder, fresh: tuple[np.ndarray, np.ndarray], *, back: bool) -> float:
    """Return what the fitted smooth map leaves unexplained on rows that had no part in anything."""
    found = ladder.transformation("smooth")
    source, target = fresh[::-1] if back else fresh
    network = ladder.a if back else ladder.b
    error = (((found.inverse if back else found)(source) - target) / np.where(network.live, network.std, 1.0)) ** 2
    spread = ((target - network.mean) / np.where(network.live, network.std, 1.0)) ** 2
    units = np.flatnonzero(network.live)[network.judged]
    return float(error[:, units].sum() / spread[:, units].sum())


def done(table: Path) -> set[tuple[str, int, int, int]]:
    """Return the pairs whose lines are there; a line cut short by a stop is taken off."""
    if not table.exists():
        return set()
    lines = table.read_text().splitlines(keepends=True)
    whole = [line for line in lines if line.endswith("\n") and line.count(",") == len(FIELDS) - 1]
    if whole != lines:
        table.write_text("".join(whole))
    return {(r["kind"], int(r["d"]), int(r["m"]), int(r["seed"])) for r in csv.DictReader(whole)}


def run(table: Path, chosen: list[tuple[str, int, int, tuple[int, ...]]]) -> None:
    """Run what is missing and append it line by line."""
    have = done(table)
    with table.open("a", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        if not have:
            writer.writeheader()
        for number, (kind, d, seed, sizes) in enumerate(chosen):
            missing = [m for m in sizes if (kind, d, m, seed) not in have]
            if not missing:
                continue
            world = make(kind, d, seed)
            truth = Truth(world, seed)
            for m in missing:
                line = {"kind": kind, "d": d, "m": m, "seed": seed, **judged(world, m, seed, truth)}
                writer.writerow({k: f"{v:.5g}" if isinstance(v, float) else v for k, v in line.items()})
                file.flush()
            print(f"{number + 1} of {len(chosen)}: {kind}, d = {d}, seed {seed}", file=sys.stderr)


def main() -> None:
    """Run all pairs, or the quick part, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="300 rows, d = 2 and 5, one seed of every kind")
    parser.add_argument("--part", default="0/1", help="I/N: every N-th cell, from I on, into a table of its own")
    given = parser.parse_args()
    if given.quick:
        with tempfile.TemporaryDirectory() as folder:
            start, table = time.process_time(), Path(folder) / "pairs.csv"
            run(table, [(kind, d, 100, (300,)) for kind in KINDS for d in (2, 5)])
            print(summary.text(summary.read([table]), set(ELEVEN)))
            print(f"{time.process_time() - start:.0f} CPU s")
        return
    part, parts = (int(x) for x in given.part.split("/"))
    run(TABLE if parts == 1 else HERE / f"pairs-{part}.csv", list(cells())[part::parts])
    if parts == 1:
        print(summary.text(summary.read([TABLE]), set(ELEVEN)))


if __name__ == "__main__":
    main()
