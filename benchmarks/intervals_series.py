"""How often the truth lies above the interval of a series whose errors have a longer or shorter memory.

python benchmarks/intervals_series.py [--quick] [--seeds N]

The mean error per row is known. Errors are squares of normal numbers with a memory (`AR rho`), squares of numbers of whose
variance a tenth has a memory (`weak rho`), and sizes that change slowly (`slow size rho`). Runs of rows are resampled, as for
the ladder of a series. With fewer than ten runs there is no interval ("open"). `limit` marks cells with fewer rows than twenty
times the memory, -1 / log rho. There are then too few blocks of states as well, and twice as many runs are needed.

`--few` prints another table, of open cells alone: how often the truth lies above the upper end of few runs.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
from scipy.signal import lfilter
from shares import share

from conjugacy.numerics.ratio_interval import log_ratio_interval, upper_of_few
from conjugacy.numerics.resample import cluster_sums, remembered_counts
from conjugacy.numerics.runs import FEWEST, runs_of
from conjugacy.transformations.standard import UNSURE

ROWS, DRAWS = (100, 300, 1000, 3000), 1000
Rng = np.random.Generator


def remembering(m: int, rho: float, rng: Rng) -> np.ndarray:
    """Return m numbers of variance one with a memory, stationary."""
    steps = np.sqrt(1 - rho**2) * rng.standard_normal(m)
    steps[0] /= np.sqrt(1 - rho**2)
    return lfilter([1.0], [1.0, -rho], steps)


def weak(m: int, rho: float, rng: Rng) -> np.ndarray:
    """Return squares of numbers a tenth of whose variance is remembered."""
    return (np.sqrt(0.9) * rng.standard_normal(m) + np.sqrt(0.1) * remembering(m, rho, rng)) ** 2


def slow_size(m: int, rho: float, rng: Rng) -> np.ndarray:
    """Return errors whose size changes slowly, of mean one."""
    return rng.chisquare(3, m) / 3 * np.exp(remembering(m, rho, rng) - 0.5)


KINDS: dict[str, tuple[Callable[[int, Rng], np.ndarray], float]] = {
    "independent": (lambda m, rng: rng.chisquare(1, m), 0.0),
    **{f"AR {r:g}": (lambda m, rng, r=r: remembering(m, r, rng) ** 2, r**2) for r in (0.5, 0.8, 0.9, 0.97)},
    **{f"weak {r:g}": (lambda m, rng, r=r: weak(m, r, rng), 0.0) for r in (0.9, 0.97)},
    **{f"slow size {r:g}": (lambda m, rng, r=r: slow_size(m, r, rng), r) for r in (0.8, 0.95)},
}
"""How errors are drawn, and how much of one is left in the next."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="20 draws of 100 and 300 rows")
    parser.add_argument("--seeds", type=int, default=400)
    parser.add_argument("--few", action="store_true", help="the upper end of few runs")
    given = parser.parse_args()
    if given.few:
        few(given.seeds)
        return
    print(f"{'errors':16} {'m':>5} {'open':>24} {'truth above':>26} {'truth below':>26} {'upper end':>10}  limit")
    for m in ROWS[:2] if given.quick else ROWS:
        for name, (draw, memory) in KINDS.items():
            limit = "limit" if memory and m < -20 / np.log(memory) else ""
            clear, seeds = UNSURE * FEWEST if limit else FEWEST, range(20 if given.quick else given.seeds)
            ends = [one(draw(m, np.random.default_rng([seed, m])), clear) for seed in seeds]
            told = np.array([end for end in ends if end is not None]).reshape(-1, 2)
            above, below = int((told[:, 1] < 1).sum()), int((told[:, 0] > 1).sum())
            high = np.median(told[:, 1]) if len(told) else np.nan
            shares = [
                share(k, n) for k, n in ((len(ends) - len(told), len(ends)), (above, len(told)), (below, len(told)))
            ]
            print(f"{name:16} {m:5d} {shares[0]:>24} {shares[1]:>26} {shares[2]:>26} {high:10.2f}  {limit}", flush=True)


def few(seeds: int) -> None:
    """Print how often the truth lies above the upper end of few runs: with half as many degrees of freedom, and as many."""
    print(f"{'errors':16} {'m':>5} {'runs':>5} {'truth above':>26} {'with all of them':>26} {'upper end':>10}")
    for m in (60, 100, 200, 300, 1000):
        for name in ("AR 0.8", "AR 0.9", "AR 0.97", "slow size 0.8", "slow size 0.95"):
            found = [_few(KINDS[name][0](m, np.random.default_rng([seed, m]))) for seed in range(seeds)]
            told = np.array([one for one in found if one is not None]).reshape(-1, 3)
            if len(told) >= 20:
                shares = [share(int((told[:, i] < 1).sum()), len(told)) for i in (1, 2)]
                print(
                    f"{name:16} {m:5d} {told[:, 0].mean():5.1f} {shares[0]:>26} {shares[1]:>26} {np.median(told[:, 1]):10.2f}"
                )


def _few(errors: np.ndarray) -> tuple[int, float, float] | None:
    """Return the number of runs, where they are few, and the upper ends with half as many degrees of freedom, and as many."""
    count = int(runs_of(np.arange(len(errors)), errors - errors.mean(), UNSURE * FEWEST).max()) + 1
    if count >= FEWEST:
        return None
    return count, errors.mean() * upper_of_few(count / UNSURE), errors.mean() * upper_of_few(count)


def one(errors: np.ndarray, clear: int) -> tuple[float, float] | None:
    """Return the interval of the mean of errors, whose truth is one; None where it is open."""
    totals = np.ones(len(errors))
    runs = runs_of(np.arange(len(errors)), errors - errors.mean(), clear)
    count = int(runs.max()) + 1
    if count < FEWEST:
        return None
    return log_ratio_interval(
        remembered_counts(count, DRAWS, 0), cluster_sums(errors, runs), cluster_sums(totals, runs)
    )


if __name__ == "__main__":
    main()
