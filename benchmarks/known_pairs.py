"""How often the ladder is right on pairs whose relation is known by construction (tests/constructed.py).

Prints one table: per kind and number of latent dimensions the share of right, undecided and wrong answers over seeds, with the
95 % interval of wrong ones (Wilson), and the CPU seconds of a pair. Run it alone: python benchmarks/known_pairs.py [--quick]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from constructed import EQUIVALENT, NEITHER, ONE_WAY, pair

from conjugacy.transformations import Network, judge
from conjugacy.verdict.decide import ladder_answer

TRUTH = dict.fromkeys(EQUIVALENT, "equivalent") | ONE_WAY | NEITHER


def wilson(wrong: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share."""
    z, p = 1.96, wrong / n
    centre, half = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, (centre - half) / (1 + z * z / n)), (centre + half) / (1 + z * z / n)


def main() -> None:
    """Run all cells and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="d = 2 only, 4 seeds")
    parser.add_argument("--seeds", type=int, default=None)
    parser.add_argument("--rows", type=int, default=300)
    chosen = parser.parse_args()
    seeds = chosen.seeds or (4 if chosen.quick else 20)
    print(f"{chosen.rows} rows, seeds 100 to {99 + seeds}, tolerance 5 %")
    print(f"{'kind':<15}{'d':>3}  {'truth':<16}{'right':>7}{'undecided':>11}{'wrong':>7}   CPU s a pair")
    total = np.zeros(3, dtype=int)
    for d in (2,) if chosen.quick else (2, 5, 8):
        for kind, truth in TRUTH.items():
            start, counts = time.process_time(), np.zeros(3, dtype=int)
            for seed in range(100, 100 + seeds):
                a, b = pair(kind, seed, m=chosen.rows, d=d)
                answer = ladder_answer(judge(Network(a), Network(b), np.arange(chosen.rows), tolerance=0.05))
                counts[0 if answer == truth else 1 if answer == "undecided" else 2] += 1
            total += counts
            seconds = (time.process_time() - start) / seeds
            print(
                f"{kind:<15}{d:>3}  {truth:<16}{counts[0]:>7}{counts[1]:>11}{counts[2]:>7}   {seconds:.2f}", flush=True
            )
    low, high = wilson(int(total[2]), int(total.sum()))
    share = f"wrong {100 * total[2] / total.sum():.1f} % [{100 * low:.1f}, {100 * high:.1f}]"
    print(f"{'all':<34}{total[0]:>7}{total[1]:>11}{total[2]:>7}   {share}")


if __name__ == "__main__":
    main()
