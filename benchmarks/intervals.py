"""How often the true unexplained fraction lies above its interval, and what a careful interval costs.

python benchmarks/intervals.py [--quick] [--blocks N]

A layer has 12 units of five inputs. The other has 14 linear combinations of them, with so much noise that an affine map leaves
two thirds of the tolerance unexplained. The truth is what the fitted map leaves of 10 000 fresh rows. The interval in use is
shown with the percentile bootstrap. Pairs run in blocks of 20; blocks with a line in `intervals.csv` are skipped. Families whose
squared errors have no variance are listed apart: a sample cannot show what none of its rows shows.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from conjugacy.numerics.ratio_interval import log_ratio_interval
from conjugacy.numerics.resample import ratio_interval, remembered_counts
from conjugacy.transformations import Layer
from conjugacy.transformations.direction import judge_direction
from conjugacy.transformations.rungs.affine import fit_one_way
from conjugacy.transformations.standard import BOOTSTRAP_DRAWS

TABLE = Path(__file__).with_suffix(".csv")
TOLERANCE, LEFT, PER_BLOCK, FRESH = 0.05, 0.05 / 1.5, 20, 10_000
BLOCKS = {100: 20, 300: 20, 1000: 10, 3000: 5}
FIELDS: tuple[str, ...] = ("family", "m", "block", "above", "above_percentile", "below", "holds", "holds_percentile")
Noise = Callable[[np.ndarray, int, np.random.Generator], np.ndarray]


def own(rng: np.random.Generator, m: int, units: int) -> np.ndarray:
    """Return noise of every unit by itself."""
    return rng.standard_normal((m, units))


def shared(rng: np.random.Generator, m: int, units: int) -> np.ndarray:
    """Return one number per row for all units."""
    return np.repeat(rng.standard_normal((m, 1)), units, axis=1)


def sized(size: Callable[[np.ndarray, np.random.Generator], np.ndarray], of: Callable[..., np.ndarray] = own) -> Noise:
    """Return noise whose size varies by row, its mean square 1."""

    def draw(z: np.ndarray, units: int, rng: np.random.Generator) -> np.ndarray:
        return of(rng, len(z), units) * size(z, rng)[:, None]

    return draw


def tails(freedom: float) -> Callable[[np.ndarray, np.random.Generator], np.ndarray]:
    """Return the sizes that make normal noise Student's t, of variance 1 where it has one."""
    return lambda z, rng: np.sqrt((freedom - 2.0) / rng.chisquare(freedom, len(z)))


FINITE: dict[str, Noise] = {
    "own": lambda z, units, rng: own(rng, len(z), units),
    "shared": lambda z, units, rng: shared(rng, len(z), units),
    "size lognormal": sized(lambda z, rng: np.exp(0.8 * rng.standard_normal(len(z)) - 0.64)),
    "size of one input": sized(lambda z, rng: np.abs(z[:, 0]), shared),
    "size exponential in an input": sized(lambda z, rng: np.exp(0.7 * z[:, 0] - 0.49)),
    "four times on a tenth": sized(lambda z, rng: np.where(rng.random(len(z)) < 0.1, 4.0, 1.0) / np.sqrt(2.5)),
    "shared, size exponential": sized(lambda z, rng: np.sqrt(rng.exponential(1.0, len(z))), shared),
    "shared, t5": sized(tails(5.0), shared),
}
ENDLESS: dict[str, Noise] = {
    "own t3": lambda z, units, rng: rng.standard_t(3.0, (len(z), units)) / np.sqrt(3.0),
    "size t3": sized(tails(3.0)),
    "shared t3": sized(tails(3.0), shared),
    "shared t2.5": sized(tails(2.5), shared),
    "ten times on a fiftieth": sized(lambda z, rng: np.where(rng.random(len(z)) < 0.02, 10.0, 0.5) / np.sqrt(2.245)),
}
FAMILIES = FINITE | ENDLESS


def one(family: str, m: int, seed: int) -> dict[str, int]:
    """Return what one pair counts for."""
    rng = np.random.default_rng([seed, m, list(FAMILIES).index(family)])
    first, second = rng.standard_normal((5, 12)) / np.sqrt(5.0), rng.standard_normal((12, 14)) / np.sqrt(12.0)
    spread = np.sqrt(LEFT * (1.0 - 13.0 / m)) * (np.tanh(rng.standard_normal((2000, 5)) @ first) @ second).std(axis=0)

    def draw(rows: int) -> tuple[np.ndarray, np.ndarray]:
        z = rng.standard_normal((rows, 5))
        a = np.tanh(z @ first)
        return a, a @ second + spread * FAMILIES[family](z, 14, rng)

    a, b = draw(m)
    target = Layer(b)
    direction = judge_direction(Layer(a), target, np.arange(m), with_nulls=False)
    errors, totals, counts = direction.errors["affine"].rows, direction.totals, remembered_counts(m, BOOTSTRAP_DRAWS, 2)
    low, high = log_ratio_interval(counts, errors, totals)
    _, old = ratio_interval(counts, errors, totals)
    fresh = draw(FRESH)
    missed = ((fit_one_way(direction.fits).apply(fresh[0]) - fresh[1]) / target.std) ** 2
    true = float(missed.sum() / (((fresh[1] - target.mean) / target.std) ** 2).sum())
    return {
        "above": true > high,
        "above_percentile": true > old,
        "below": true < low,
        "holds": high < TOLERANCE,
        "holds_percentile": old < TOLERANCE,
    }


def run(table: Path, blocks: dict[int, int]) -> list[dict[str, str]]:
    """Run what is missing, a block a line, and return all lines."""
    have = set[tuple[str, int, int]]()
    if table.exists():
        have = {(r["family"], int(r["m"]), int(r["block"])) for r in csv.DictReader(table.open())}
    with table.open("a", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        if not have:
            writer.writeheader()
        for m, count in blocks.items():
            for block in range(count):
                for family in FAMILIES:
                    if (family, m, block) in have:
                        continue
                    found = [one(family, m, PER_BLOCK * block + i) for i in range(PER_BLOCK)]
                    sums = {key: sum(x[key] for x in found) for key in found[0]}
                    writer.writerow({"family": family, "m": m, "block": block, **sums})
                    file.flush()
    return list(csv.DictReader(table.open()))


def text(lines: list[dict[str, str]]) -> str:
    """Return the table."""
    out = [
        "% of pairs; above, below: where the truth lies; holds: at two thirds of the tolerance; (percentile bootstrap)",
        "",
    ]
    sizes = sorted({int(r["m"]) for r in lines})
    for m in sizes:
        out.append(f"m = {m:<4}                       pairs   above          below   holds")
        for group in (FINITE, ENDLESS):
            means = [0.0, 0.0]
            for family in group:
                own = [r for r in lines if r["family"] == family and int(r["m"]) == m]
                pairs = PER_BLOCK * len(own)
                share = {key: 100 * sum(int(r[key]) for r in own) / max(1, pairs) for key in FIELDS[3:]}
                means = [means[0] + share["above"] / len(group), means[1] + share["above_percentile"] / len(group)]
                out.append(
                    f"{family:<30}{pairs:>6}{share['above']:>7.1f} ({share['above_percentile']:4.1f}){share['below']:>9.1f}"
                    f"{share['holds']:>8.1f} ({share['holds_percentile']:5.1f})"
                )
            out += [
                f"{'mean' if group is FINITE else 'mean, squared errors without variance':<36}{means[0]:>7.1f} ({means[1]:4.1f})",
                "",
            ]
    return "\n".join(out)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one block at 100 and 300 rows, into a table of its own")
    parser.add_argument(
        "--blocks", type=int, default=10_000, help="at most so many blocks per family and number of rows"
    )
    given = parser.parse_args()
    if given.quick:
        with tempfile.TemporaryDirectory() as folder:
            print(text(run(Path(folder) / "intervals.csv", {100: 1, 300: 1})))
        return
    print(text(run(TABLE, {m: min(count, given.blocks) for m, count in BLOCKS.items()})))


if __name__ == "__main__":
    main()
