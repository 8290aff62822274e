"""What DMD and all pairs cost: CPU seconds and memory beside dsa-metric's DMD, 4950 pairs, rank 100.

python benchmarks/dynamics/cost.py [--quick]     (pip install dsa-metric for the ratios)

One BLAS thread. Each fit runs in its own process; memory is how much the peak grows during the fit.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time

import numpy as np

import conjugacy as cj
from conjugacy.dynamics import DMD
from conjugacy.numerics.alignment import FAST, align_pairs, prepare

SHAPE, RANK = (100, 200, 128), 50


def data(shape: tuple[int, int, int]) -> np.ndarray:
    """Return noisy linear trajectories of many units."""
    rng = np.random.default_rng(0)
    trials, points, n = shape
    step = rng.standard_normal((n, n))
    step *= 0.98 / np.abs(np.linalg.eigvals(step)).max()
    x, out = rng.standard_normal((trials, n)), np.empty(shape)
    for t in range(points):
        x = x @ step.T + rng.standard_normal(x.shape)
        out[:, t] = x
    return out


def fit(who: str, shape: tuple[int, int, int], delays: int) -> None:
    """Fit once and print CPU seconds and megabytes: runs in its own process."""
    x = data(shape)
    if who == "dsa-metric":
        import DSA
        import torch

        torch.set_num_threads(1)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.process_time()
        DSA.DMD(torch.tensor(x, dtype=torch.float32), n_delays=delays, rank=RANK, lamb=1e-8).fit()
    else:
        trajectories = cj.Trajectories(x)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.process_time()
        DMD(delays=delays, rank=RANK).fit(trajectories)
    spent = time.process_time() - began
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(json.dumps([spent, grown]))


def measured(who: str, shape: tuple[int, int, int], delays: int, repeats: int = 3) -> tuple[float, float] | None:
    """Return median CPU seconds and megabytes over processes; None where that package is not there."""
    found: list[list[float]] = []
    for _ in range(repeats):
        call = [sys.executable, __file__, "--fit", who, *map(str, (*shape, delays))]
        done = subprocess.run(call, capture_output=True, text=True, check=False)
        if done.returncode:
            return None
        found.append(json.loads(done.stdout.splitlines()[-1]))
    spent, grown = np.median(found, axis=0)
    return float(spent), float(grown)


def fits(quick: bool) -> None:
    """Print the table of fits."""
    shape = (20, 100, 16) if quick else SHAPE
    print(f"DMD of {shape[0]} trials x {shape[1]} points x {shape[2]} units, rank {RANK}")
    print(f"{'delays':>6} {'CPU s':>8} {'MB':>7} {'dsa-metric CPU s':>18} {'MB':>7} {'ratio CPU':>10} {'ratio MB':>9}")
    for delays in (5,) if quick else (10, 20, 50):
        own = measured("own", shape, delays)
        theirs = measured("dsa-metric", shape, delays, 1) if delays <= 20 else None
        if own is None:
            sys.exit("the fit failed")
        right = " " * 17 + "-" if theirs is None else (
            f"{theirs[0]:>18.1f} {theirs[1]:>7.0f} {theirs[0] / own[0]:>9.0f}x {theirs[1] / max(own[1], 1):>8.1f}x"
        )  # fmt: skip
        print(f"{delays:>6} {own[0]:>8.2f} {own[1]:>7.0f} {right}", flush=True)


def all_pairs(count: int, rank: int) -> None:
    """Print what all pairs of fitted systems cost with the fast setting, and what it loses on 200 of them."""
    rng = np.random.default_rng(1)
    systems: list[np.ndarray] = []
    for _ in range(count):
        step = np.linalg.qr(rng.standard_normal((8, 8)))[0] * rng.uniform(0.8, 0.99)
        x, out = rng.standard_normal((10, 8)), np.empty((10, 60, 8))
        for t in range(60):
            x = np.tanh(x @ step.T) + 0.2 * rng.standard_normal(x.shape)
            out[:, t] = x
        systems.append(DMD(delays=4, rank=rank).fit(cj.Trajectories(out)).matrix)
    began = time.process_time()
    fields = prepare(np.stack(systems))
    i, j = np.triu_indices(count, 1)
    fast = np.array([one.distance for one in align_pairs(fields.take(i), fields.take(j), effort=FAST)])
    spent = time.process_time() - began
    some = np.random.default_rng(2).choice(len(i), min(200, len(i)), replace=False)
    full = np.array([one.distance for one in align_pairs(fields.take(i[some]), fields.take(j[some]))])
    loss = fast[some] / full - 1
    print(
        f"all {len(i)} pairs of {count} systems, rank {rank}, fast: {spent:.1f} CPU s; its distance over the default's "
        f"on {len(some)} pairs: median +{np.median(loss):.2%}, 95 % +{np.quantile(loss, 0.95):.2%}, most +{loss.max():.2%}"
    )


def rank_100(count: int) -> None:
    """Print the distance of exact conjugates of rank 100."""
    rng = np.random.default_rng(3)
    a = rng.standard_normal((count, 100, 100))
    q = np.linalg.qr(rng.standard_normal((count, 100, 100)))[0]
    began = time.process_time()
    found = align_pairs(prepare(a), prepare(q @ a @ q.transpose(0, 2, 1)))
    spent = (time.process_time() - began) / count
    print(f"exact conjugates of rank 100: at most {max(one.distance for one in found):.1e}, {spent:.2f} CPU s a pair")


def main() -> None:
    """Run all parts, or one fit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small data")
    parser.add_argument("--fit", nargs=5, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.fit:
        trials, points, n, delays = map(int, given.fit[1:])
        fit(given.fit[0], (trials, points, n), delays)
        return
    fits(given.quick)
    all_pairs(12 if given.quick else 100, 20)
    rank_100(2 if given.quick else 10)


if __name__ == "__main__":
    main()
