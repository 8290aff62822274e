"""Whether the intervals of a contrast cover and its test keeps its level, for few networks.

python benchmarks/study/contrast.py [--quick]

Networks are points of R^3. The distance of a pair is that of its points, with independent noise of 5 %. Two groups of equal or
unequal size, drawn from one population, from two that lie apart, or from two of different spread. Expected means come from a
million pairs. Printed, over 1000 studies (100 with --quick): how often 95 % intervals hold the expected mean between, within the
first group, and the difference; the same for the difference when pairs are drawn in place of networks, each as if it were
independent of the others; and how often p is at most .05.
"""

from __future__ import annotations

import argparse

import numpy as np

from conjugacy.study import Study
from conjugacy.study.sorting.contrast import contrast
from conjugacy.study.table import study_of

SIZES = ((4, 4), (6, 6), (12, 12), (6, 30), (30, 30))
POPULATIONS = {"the same": (0.0, 1.0), "apart": (1.0, 1.0), "wider": (0.0, 2.0)}
D, NOISE = 3, 0.05


def points(n: int, shift: float, spread: float, rng: np.random.Generator) -> np.ndarray:
    """Draw networks of one population."""
    return shift * np.eye(D)[0] + spread * rng.normal(size=(n, D))


def expected(shift: float, spread: float) -> dict[str, float]:
    """Return the expected mean distances, from a million pairs."""
    rng = np.random.default_rng(99)
    a, b, c, d = (points(10**6, *which, rng) for which in ((0.0, 1.0), (0.0, 1.0), (shift, spread), (shift, spread)))
    between, first, second = (float(np.linalg.norm(x - y, axis=1).mean()) for x, y in ((a, c), (a, b), (c, d)))
    return {"between": between, "first": first, "difference": between - (first + second) / 2}


def draw(sizes: tuple[int, int], shift: float, spread: float, rng: np.random.Generator) -> tuple[Study, np.ndarray]:
    """Return a study of two groups, and its distances."""
    x = np.concatenate([points(sizes[0], 0.0, 1.0, rng), points(sizes[1], shift, spread, rng)])
    far = np.linalg.norm(x[:, None] - x, axis=2)
    noise = np.triu(1 + NOISE * rng.normal(size=far.shape), 1)
    far *= noise + noise.T
    return study_of([str(i) for i in range(len(x))], values=far, measure="procrustes"), far


def pairs_interval(far: np.ndarray, n: int, rng: np.random.Generator) -> tuple[float, float]:
    """Return the interval of the difference that drawing pairs gives."""
    between = far[:n, n:].ravel()
    within = [part[np.triu_indices(len(part), 1)] for part in (far[:n, :n], far[n:, n:])]
    means = [rng.choice(part, (400, len(part))).mean(axis=1) for part in (between, *within)]
    low, high = np.quantile(means[0] - (means[1] + means[2]) / 2, [0.025, 0.975])
    return float(low), float(high)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    trials = 100 if parser.parse_args().quick else 1000
    print(f"{trials} studies each; share of intervals that hold the expected mean, and of p at most .05\n")
    print("networks   second group  between  within  difference  by pairs  p <= .05")
    for sizes in SIZES:
        for name, population in POPULATIONS.items():
            truth = expected(*population)
            hits = np.zeros(5)
            for seed in range(trials):
                rng = np.random.default_rng([seed, *sizes])
                study, far = draw(sizes, *population, rng)
                names = study.networks[0]
                found = contrast(study, names[: sizes[0]], names[sizes[0] :], draws=400, seed=seed)
                held = (found.between, found.within_first, found.difference)
                hits[:3] += [m.low <= truth[key] <= m.high for m, key in zip(held, truth, strict=True)]
                low, high = pairs_interval(far, sizes[0], rng)
                hits[3] += low <= truth["difference"] <= high
                hits[4] += found.p is not None and found.p <= 0.05
            shares = hits / trials
            print(
                f"{sizes[0]:2d} and {sizes[1]:2d}  {name:12s}  {shares[0]:7.3f}  {shares[1]:6.3f}  {shares[2]:10.3f}"
                f"  {shares[3]:8.3f}  {shares[4]:8.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
