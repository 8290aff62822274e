"""How few rows can show that two relu networks are equivalent: the smooth rung against the best regression there is.

python benchmarks/relu_limit.py [--quick] [--seeds N]

Two random relu networks of the same five inputs determine each other; with few rows no map can be fitted well enough to show
it. The best regression knows what no comparison knows: the true inputs of every row and the kind of network. Its kernel is that
of infinitely wide networks of this architecture (Cho and Saul, 2009). Both are judged by leaving one row out. Where even the
best leaves more than the tolerance, no estimator can confirm the pair, and "undecided" is all that can be said.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent / "calibration"))
from worlds import make

from conjugacy.numerics.regression import kernel_factors, kernel_losses
from conjugacy.transformations import Layer, judge
from conjugacy.verdict.relation import ladder_answer

INPUTS, TOLERANCE = 5, 0.05


def rectified(covariance: np.ndarray) -> np.ndarray:
    """Return the covariance of relu units from that of what they receive (arc-cosine kernel of order 1, halved)."""
    norm = np.sqrt(np.diag(covariance))
    cosine = np.clip(covariance / np.outer(norm, norm), -1.0, 1.0)
    angle = np.arccos(cosine)
    return np.outer(norm, norm) * (np.sin(angle) + (np.pi - angle) * cosine) / (2 * np.pi)


def best(latent: np.ndarray, target: Layer) -> float:
    """Return what the kernel of such networks on the true inputs leaves of the target, one row left out at a time."""
    covariance = rectified(rectified(latent @ latent.T / INPUTS + 0.09) + 0.09)
    kernel = covariance / np.diag(covariance).mean() + 10.0
    losses = kernel_losses(kernel_factors(kernel), target.z, np.arange(len(latent)))
    return float(losses.min() / (target.z**2).sum())


def main() -> None:
    """Print what both leave unexplained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two seeds, 300 and 500 rows")
    parser.add_argument("--seeds", type=int, default=10)
    given = parser.parse_args()
    seeds, sizes = (2, (300, 500)) if given.quick else (given.seeds, (300, 500, 700, 1000, 1500))
    print(f"relu networks of {INPUTS} inputs, medians over {seeds} seeds of what is left of B; tolerance {TOLERANCE}")
    print(f"{'rows':>6}{'smooth rung':>14}{'best there is':>16}{'decided':>10}{'best under the tolerance':>28}")
    for m in sizes:
        ours, bound, decided = [], [], 0
        for seed in range(seeds):
            world = make("same relu", INPUTS, 500 + seed)
            a, b = (Layer(x) for x in world.draw(m, seed))
            ladder = judge(a, b, np.arange(m), tolerance=TOLERANCE)
            decided += ladder_answer(ladder) == "equivalent"
            ours.append(ladder.a_to_b.unexplained("smooth"))
            # the same draw of the inputs that the world made its rows from
            bound.append(best(world.draw_latent(m, np.random.default_rng([seed, 17])), b))
        under = f"{sum(u < TOLERANCE for u in bound)} of {seeds}"
        print(
            f"{m:>6}{np.median(ours):>14.3f}{np.median(bound):>16.3f}{f'{decided} of {seeds}':>10}{under:>28}",
            flush=True,
        )


if __name__ == "__main__":
    main()
