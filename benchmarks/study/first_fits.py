"""What first fits alone show, of pairs whose relation is known by construction: against the whole measure, and against the truth.

    python benchmarks/study/first_fits.py [--quick] [--every 1] [--part 0/1] [--out DIR]

The pairs are those of `benchmarks/wild/pairs.csv` and of `benchmarks/calibration/pairs.csv`, made again from their seeds. Their
tables hold the answer of the whole measure and its CPU seconds. A line that was written is not computed again; parts
(`--part 0/2`, `--part 1/2`) may run at once. `first_fits.txt` holds what it printed.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from threadpoolctl import threadpool_limits

BENCHMARKS = Path(__file__).parents[1]
sys.path += [str(BENCHMARKS), str(BENCHMARKS / "calibration")]

import worlds  # noqa: E402
from wild import run as wild  # noqa: E402

import conjugacy as cj  # noqa: E402

EVERY = 40  # of so many pairs one is looked at with --quick
FIELDS = (
    "table",
    "kind",
    "d",
    "seed",
    "m",
    "true",
    "whole",
    "whole_seconds",
    "first",
    "a_to_b",
    "b_to_a",
    "low",
    "seconds",
)
Pair = tuple[dict[str, str], object, object]


def pairs(every: int) -> Iterator[Pair]:
    """Return what is known of every pair, and its two networks."""
    families = {family.name: family for family in wild.FAMILIES}
    for line in wild.lines_of(wild.TABLE)[::every]:
        seed = int(line["seed"])
        drawn = families[line["family"]].world(seed, 3000).draw(seed)
        told = {"table": "wild", "kind": line["family"], "d": "", "true": line["true"]}
        yield told | _common(line), *wild.recordings(drawn)
    with (BENCHMARKS / "calibration" / "pairs.csv").open(newline="") as file:
        lines = [line for line in csv.DictReader(file) if 100 <= int(line["m"]) <= 3000]
    for line in lines[::every]:
        seed, m = int(line["seed"]), int(line["m"])
        left = [float(line[way]) <= 0.05 for way in ("true_ab", "true_ba")]
        told = {"table": "calibration", "kind": line["kind"], "d": line["d"]}
        told["true"] = "equivalent" if all(left) else "one way" if any(left) else "neither"
        yield told | _common(line), *worlds.make(line["kind"], int(line["d"]), seed).draw(m, seed)


def _common(line: dict[str, str]) -> dict[str, str]:
    return {"seed": line["seed"], "m": line["m"], "whole": line["answer"], "whole_seconds": line["seconds"]}


def look(every: int, file: Path, part: tuple[int, int]) -> None:
    """Append what first fits say of every pair that has no line."""
    measure = cj.get_measure("verdict:fits=first")
    lines = read(file)
    have = {tuple(line[key] for key in FIELDS[:5]) for line in lines}
    with file.open("w", newline="") as stream:
        writer: csv.DictWriter[str] = csv.DictWriter(stream, FIELDS)
        writer.writeheader()
        writer.writerows(lines)
        for i, (told, a, b) in enumerate(pairs(every)):
            if i % part[1] != part[0] or tuple(told[key] for key in FIELDS[:5]) in have:
                continue
            start = time.process_time()
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    score = measure(a, b)
                said, low = score.details, "" if score.interval is None else f"{score.interval[0]:.4g}"
            except cj.ConjugacyError:
                said, low = {"answer": "refused", "a_to_b": "", "b_to_a": ""}, ""
            told |= {"first": said["answer"], "a_to_b": said["a_to_b"], "b_to_a": said["b_to_a"], "low": low}
            writer.writerow(told | {"seconds": f"{time.process_time() - start:.4g}"})
            stream.flush()


def read(file: Path) -> list[dict[str, str]]:
    """Return the lines that were written whole."""
    if not file.exists():
        return []
    with file.open(newline="") as stream:
        return [line for line in csv.DictReader(stream) if line["seconds"]]


def print_table(name: str, lines: list[dict[str, str]]) -> None:
    """Print what first fits show of the pairs of one table."""
    whole = [line for line in lines if line["whole"] == "equivalent"]
    shown = [line for line in lines if line["first"] == "equivalent"]
    found = sum(line["first"] == "equivalent" for line in whole)
    wrong = Counter(line["true"] for line in shown if line["true"] != "equivalent")
    before = Counter(line["true"] for line in whole if line["true"] != "equivalent")
    print(f"{name}: {len(lines)} pairs")
    print(f"  equivalent by the whole measure: {len(whole)}, of which first fits show {found}; they show {len(shown)}")
    print(
        f"  shown, and not so by construction: {sum(wrong.values())} {dict(wrong)}; by the whole {sum(before.values())}"
    )
    for times in (2, 3, 4):
        beyond = [line for line in lines if float(line["low"] or 0.0) > 0.05 * times]
        same = sum(line["whole"] == "equivalent" for line in beyond)
        print(
            f"  intervals that begin beyond {times} times the tolerance: {len(beyond)}, of which equivalent by the whole: {same}"
        )
    others = Counter(line["first"] for line in lines if line["first"] not in ("equivalent", "undecided"))
    print(f"  other answers: {dict(others)}")
    spent = [sum(float(line[key]) for line in lines) for key in ("whole_seconds", "seconds")]
    print(f"  CPU seconds, preparation included: {spent[0]:.0f} and {spent[1]:.0f}")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"one pair of {EVERY}")
    parser.add_argument("--every", type=int, default=1, help="look at one of so many pairs")
    parser.add_argument("--part", default="0/1", help="which of how many parts is computed, as 0/2")
    parser.add_argument("--out", type=Path, default=Path("first-fits-out"))
    given = parser.parse_args()
    part, parts = (int(number) for number in given.part.split("/"))
    given.out.mkdir(parents=True, exist_ok=True)
    every = EVERY if given.quick else given.every
    name = f"one-of-{every}"
    with threadpool_limits(1):
        look(every, given.out / f"{name}-{part}-{parts}.csv", (part, parts))
    lines = [line for file in sorted(given.out.glob(f"{name}-*.csv")) for line in read(file)]
    for table in ("wild", "calibration"):
        print_table(table, [line for line in lines if line["table"] == table])


if __name__ == "__main__":
    main()
