"""What the noise floor changes: noisy networks whose stimuli were shown several times, judged with and without knowing it.

python benchmarks/noise_floor.py [--quick] [--seeds N]

Each pair has 100 stimuli and three repeats; each unit has private noise, a share of its standard deviation. "same": two networks
of the same inputs. "few units": one is a rotation of the other, with as many units as inputs, so that noise does not average
out. "half shared": two networks that share half of their inputs. Repeats carry one id in the first run, so that their spread
gives a floor; in the second run every row has its own id. Answers that are neither right nor undecided are marked.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent / "calibration"))
from worlds import make

import conjugacy as cj

STIMULI, REPEATS = 100, 3
EQUAL = ("equivalent", "undecided")
RIGHT = {"same": EQUAL, "few units": EQUAL, "half shared": ("partly_related", "undecided")}


def answer(kind: str, noise: float, seed: int, *, told: bool) -> str:
    """Return the answer on one pair."""
    rng = np.random.default_rng([seed, 4])
    if kind == "few units":
        x = rng.standard_normal((STIMULI, 5))
        drawn = x, x @ np.linalg.qr(rng.standard_normal((5, 5)))[0]
    else:
        drawn = make(kind, 2, 900 + seed).draw(STIMULI, seed)
    clean = [np.repeat(x, REPEATS, axis=0) for x in drawn]
    noisy = [x + noise * x.std(axis=0) * rng.standard_normal(x.shape) for x in clean]
    ids = np.repeat(np.arange(STIMULI), REPEATS) if told else np.arange(STIMULI * REPEATS)
    pair = [cj.Activations(x, stimuli=ids) for x in noisy]
    return cj.compare(*pair, seed=seed).verdict.representation.answer


def main() -> None:
    """Print the answers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three seeds")
    parser.add_argument("--seeds", type=int, default=20)
    given = parser.parse_args()
    seeds = 3 if given.quick else given.seeds
    print(f"{STIMULI} stimuli, {REPEATS} repeats, {seeds} seeds; wrong answers are marked with !")
    for kind, right in RIGHT.items():
        for noise in (0.1, 0.3, 0.5):
            for told in (True, False):
                counts = Counter(answer(kind, noise, seed, told=told) for seed in range(seeds))
                came = ", ".join(f"{name} {n}{'' if name in right else '!'}" for name, n in counts.most_common())
                print(f"{kind:<12} noise {noise:<4} {'repeats told' if told else 'not told':<13} {came}", flush=True)


if __name__ == "__main__":
    main()
