"""Judge the pairs of the table again by the code at hand, and say which answers changed; what is true is known from the table.

python benchmarks/calibration/again.py [--rows 300 1000] [--quick]

`again.txt` holds what it printed. `--quick` judges one line in fifty.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter

import numpy as np
from run import TABLE, TOLERANCE
from worlds import make

from conjugacy.transformations import Layer, judge
from conjugacy.verdict.relation import ladder_answer

EVERY = 50


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="*", default=[300, 1000])
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    with TABLE.open(newline="") as file:
        lines = [line for line in csv.DictReader(file) if int(line["m"]) in given.rows]
    for m in given.rows:
        chosen = [line for line in lines if int(line["m"]) == m][:: EVERY if given.quick else 1]
        changed: Counter[tuple[str, str]] = Counter()
        for line in chosen:
            kind, d, seed = line["kind"], int(line["d"]), int(line["seed"])
            a, b = make(kind, d, seed).draw(m, seed)
            answer = ladder_answer(judge(Layer(a), Layer(b), np.arange(m), tolerance=TOLERANCE))
            if answer != line["answer"]:
                changed[line["answer"], answer] += 1
                left = f"left {float(line['true_ab']):.4f} and {float(line['true_ba']):.4f}"
                print(f"{m} rows, {kind}, d = {d}, seed {seed}: {line['answer']} -> {answer}; {left}", flush=True)
        for (before, now), count in changed.most_common():
            print(f"{m} rows: {count} of {len(chosen)} {before} -> {now}")


if __name__ == "__main__":
    main()
