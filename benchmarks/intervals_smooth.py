"""How often a fitted smooth map leaves more of fresh rows than its interval says, where intervals are hardest.

python benchmarks/intervals_smooth.py [--quick] [--seeds N]

The pairs are those of the calibration whose maps are rough or far from most rows; 5000 fresh rows give the truth. The interval in
use is shown with the percentile bootstrap. "wrong holds" means that the interval lies under the tolerance and the truth does not.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent / "calibration"))
from worlds import make

from conjugacy.transformations import Direction, Layer, Transformation, judge

KINDS = ("same", "same relu", "same sparse", "same heavy-tailed", "same low-rank", "private noise")
ROWS, FRESH, TOLERANCE, D = (100, 200, 300), 5000, 0.05, 2


def fresh_error(found: Transformation, target: Layer, source: np.ndarray, wanted: np.ndarray) -> float:
    """Return what a map leaves of fresh rows of the judged units."""
    units = np.flatnonzero(target.live)[target.judged]
    scale = target.std[units]
    missed = ((found(source) - wanted)[:, units] / scale) ** 2
    return float(missed.sum() / (((wanted - target.mean)[:, units] / scale) ** 2).sum())


def pair(kind: str, m: int, seed: int) -> list[tuple[bool, bool, bool, bool, bool, bool]]:
    """Return, per direction: above, above by percentiles, holds, holds by percentiles, and both wrongly."""
    world = make(kind, D, seed)
    a, b = world.draw(m, seed)
    fresh = world.draw(FRESH, 2_000_000 + seed)
    ladder = judge(Layer(a), Layer(b), np.arange(m), tolerance=TOLERANCE)
    there = ladder.transformation("smooth")
    ways: list[tuple[Direction, Layer, Transformation, tuple[np.ndarray, np.ndarray]]] = [
        (ladder.a_to_b, ladder.b, there, fresh),
        (ladder.b_to_a, ladder.a, there.inverse, fresh[::-1]),
    ]
    out: list[tuple[bool, bool, bool, bool, bool, bool]] = []
    for direction, target, found, rows in ways:
        errors, totals = direction.errors["smooth"].rows, direction.totals
        high = ladder.standard.estimate(direction, "smooth").high or 0.0  # of the second fit, where that is taken
        old = ladder.standard.resampled(errors, totals).high or 0.0
        true = fresh_error(found, target, *rows)
        holds, held = high < TOLERANCE, old < TOLERANCE
        out.append((true > high, true > old, holds, held, holds and true > TOLERANCE, held and true > TOLERANCE))
    return out


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three seeds")
    parser.add_argument("--seeds", type=int, default=25)
    given = parser.parse_args()
    seeds = 3 if given.quick else given.seeds
    print(f"d = {D}, {2 * seeds} directions a cell; % (by percentiles)\n")
    print(f"{'kind':<20}{'m':>5}{'truth above':>18}{'holds':>18}{'wrong holds':>18}")
    for kind in KINDS:
        for m in ROWS:
            found = 100 * np.mean([line for seed in range(100, 100 + seeds) for line in pair(kind, m, seed)], axis=0)
            cells = "".join(f"{found[i]:>11.0f} ({found[i + 1]:3.0f})" for i in (0, 2, 4))
            print(f"{kind:<20}{m:>5}{cells}", flush=True)


if __name__ == "__main__":
    main()
