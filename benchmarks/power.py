"""How often networks are told apart because the estimator cannot see what they share, and how many true "fails" stay.

python benchmarks/power.py [--quick] [--seeds N] [--rows M ...]

Each direction of each pair of `power_worlds.py` whose truth is known by construction is a line of `power.csv`. Pairs that have
lines are skipped. "before": the smooth rung fails beyond the tolerance and the first power check, a rough function
along the source's loud directions. "now": also beyond the same along the directions that predict the target, and only where more
rows would bring nothing (`transformations/more_rows.py`).
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from power_worlds import KINDS

from conjugacy.transformations import Direction, Ladder, Layer, judge

TABLE = Path(__file__).with_suffix(".csv")
TOLERANCE = 0.05
SEEDS = {100: 20, 300: 10, 1000: 3}
FIELDS: tuple[str, ...] = (
    "kind", "m", "seed", "way", "truth", "state", "before", "u", "low", "power", "power_there", "ratio", "ratio_known",
    "seconds",
)  # fmt: skip


def judged(kind: str, m: int, seed: int) -> Iterator[dict[str, object]]:
    """Yield a line for every direction whose truth is known."""
    a, b, *truths = KINDS[kind](m, np.random.default_rng([seed, m, zlib.crc32(kind.encode())]))
    ladder = judge(Layer(a), Layer(b), np.arange(m), tolerance=TOLERANCE)
    for way, direction, truth in zip(("ab", "ba"), ladder.directions, truths, strict=True):
        if truth != "-":
            line = {"kind": kind, "m": m, "seed": seed, "way": way, "truth": truth}
            yield line | _one(ladder, direction)


def _one(ladder: Ladder, direction: Direction) -> dict[str, object]:
    standard = ladder.standard
    value, power = standard.estimate(direction, "smooth"), standard.power(direction)
    line: dict[str, object] = {"u": value.unexplained, "low": value.low, "power": power.high}
    start = time.process_time()
    line["state"] = standard.state(direction, "smooth")
    line["seconds"] = time.process_time() - start
    more_rows = standard.more_rows(direction, "smooth")
    line["before"] = line["state"]
    if more_rows is not None:
        line["before"] = "fails"
        line |= {
            "power_there": standard.power_there(direction).high,
            "ratio": more_rows.pair.ratio,
            "ratio_known": more_rows.known.ratio,
        }
    return line


def run(table: Path, seeds: dict[int, int]) -> list[dict[str, str]]:
    """Run what is missing and return all lines."""
    have = set[tuple[str, int, int]]()
    if table.exists():
        have = {(r["kind"], int(r["m"]), int(r["seed"])) for r in csv.DictReader(table.open())}
    with table.open("a", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        if not have:
            writer.writeheader()
        for seed in range(max(seeds.values())):
            for m in (m for m, count in seeds.items() if seed < count):
                for kind in KINDS:
                    if (kind, m, seed) in have:
                        continue
                    lines = list(judged(kind, m, seed))
                    for line in lines:
                        writer.writerow({k: f"{v:.4g}" if isinstance(v, float) else v for k, v in line.items()})
                    file.flush()
    return list(csv.DictReader(table.open()))


def text(lines: Sequence[dict[str, str]]) -> str:
    """Return the table."""
    out: list[str] = []
    for m in sorted({int(r["m"]) for r in lines}):
        own = [r for r in lines if int(r["m"]) == m]
        out.append(f"m = {m:<4}  truth: holds      directions   called fails: now  before   undecided   median u, %")
        out += [_row(kind, chosen) for kind, chosen in _by_kind(own, "holds")]
        out += [_row("all", [r for r in own if r["truth"] == "holds"]), ""]
        out.append(
            f"m = {m:<4}  truth: fails      directions   called fails: now  before   kept, %     CPU s of the check"
        )
        out += [_row(kind, chosen, kept=True) for kind, chosen in _by_kind(own, "fails")]
        out += [_row("all", [r for r in own if r["truth"] == "fails"], kept=True), ""]
    return "\n".join(out)


def _by_kind(lines: Sequence[dict[str, str]], truth: str) -> Iterator[tuple[str, list[dict[str, str]]]]:
    for kind in KINDS:
        chosen = [r for r in lines if r["kind"] == kind and r["truth"] == truth]
        if chosen:
            yield kind, chosen


def _row(name: str, lines: Sequence[dict[str, str]], *, kept: bool = False) -> str:
    now, before = (sum(r[key] == "fails" for r in lines) for key in ("state", "before"))
    start = f"{name:<30}{len(lines):>10}{now:>20}{before:>8}"
    if kept:
        seconds = [float(r["seconds"]) for r in lines if r["before"] == "fails"]
        share = "-" if not before else f"{100 * now / before:.1f}"
        return f"{start}{share:>10}{np.median(seconds) if seconds else 0.0:>16.2f}"
    undecided = sum(r["state"] == "undecided" for r in lines)
    return f"{start}{undecided:>10}{100 * np.median([float(r['u']) for r in lines]):>16.1f}"


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one seed at 100 rows, into a table of its own")
    parser.add_argument("--seeds", type=int, default=10_000, help="at most so many seeds")
    parser.add_argument("--rows", type=int, nargs="*", default=list(SEEDS))
    given = parser.parse_args()
    if given.quick:
        with tempfile.TemporaryDirectory() as folder:
            print(text(run(Path(folder) / "power.csv", {100: 1})))
        return
    print(text(run(TABLE, {m: min(SEEDS[m], given.seeds) for m in given.rows})))


if __name__ == "__main__":
    main()
