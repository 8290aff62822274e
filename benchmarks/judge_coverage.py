"""How often the interval of `Measure.judge` holds the truth: related networks of known noise, fresh stimuli each time.

Truth is the mean of the measure over 200 other sets of as many stimuli. Columns: its value; the share of intervals (95 %) that
hold it; the share of sets without an interval; the intervals' mean width over 3.92 standard deviations of the value.

    python benchmarks/judge_coverage.py > benchmarks/judge_coverage.txt
"""

from __future__ import annotations

import numpy as np

import conjugacy as cj

STIMULI = 60
SETS = 40
DRAWS = 40
TRUTH_SETS = 200
NOISES = (0.1, 1.0)
MIX = np.random.default_rng(1).standard_normal((3, 4))


def networks(seed: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Two views of three coordinates, with noise of their own."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((STIMULI, 3))
    return z + noise * rng.standard_normal((STIMULI, 3)), z @ MIX + noise * rng.standard_normal((STIMULI, 4))


def line(name: str, noise: float) -> str:
    """Measure one row of the table."""
    measure = cj.get_measure(name)
    values = np.array([measure(*networks(seed, noise)).value for seed in range(10_000, 10_000 + TRUTH_SETS)])
    found = [measure.judge(*networks(seed, noise), draws=DRAWS, seed=seed).interval for seed in range(SETS)]
    given = np.array([one for one in found if one is not None])
    if not given.size:
        return f"{name:12} {noise:5.1f} {values.mean():7.3f}  no intervals"
    inside = ((given[:, 0] - 1e-12 <= values.mean()) & (values.mean() <= given[:, 1] + 1e-12)).mean()
    width = np.ptp(given, axis=1).mean() / (3.92 * values.std())
    return f"{name:12} {noise:5.1f} {values.mean():7.3f} {inside:8.2f} {1 - len(given) / SETS:6.2f} {width:6.2f}"


def main() -> None:
    """Print the table."""
    print(f"{STIMULI} stimuli, {SETS} sets, {DRAWS} halves")
    print(f"{'measure':12} {'noise':>5} {'truth':>7} {'covered':>8} {'none':>6} {'width':>6}")
    for name in ("mutual_knn", "cycle_knn", "cka"):
        for noise in NOISES:
            print(line(name, noise), flush=True)


if __name__ == "__main__":
    main()
