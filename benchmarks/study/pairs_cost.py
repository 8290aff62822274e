"""What all pairs of many networks cost: CKA with Procrustes, and CCA, beside plain numpy and netrep.

One job is N networks of 1000 stimuli x d units, tanh of 20 shared latents with noise, all N (N - 1) / 2 pairs, preparation
included. CPU seconds on one BLAS thread, the median of three runs (netrep: one), imports excluded; peak is the resident memory
of a fresh process that does our part of the job alone. Plain numpy is what one would write by hand: products in feature space,
stacked, whose squares give CKA and whose singular values, without vectors, Procrustes; one QR a network for CCA. It is written in
two ways, one network against a stack of all later ones, and all columns of all networks with themselves at once; ratios are to
the faster one. netrep runs where installed.

    python benchmarks/study/pairs_cost.py [--quick]
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from itertools import combinations
from statistics import median
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from conjugacy.measure import Measure, get_measure
from conjugacy.numerics.products import products_kept

STIMULI, LATENTS, NOISE = 1000, 20, 0.1
JOBS = ((20, 64), (50, 64), (20, 256), (50, 256))
MANY, BLOCK = 1000, 200  # networks of 64 units: what is asked for, and what is measured
VARIANCES = (0.95, 0.9)
BOTH = ("cka", "procrustes")
Table = dict[str, np.ndarray]


def networks(count: int, units: int) -> list[np.ndarray]:
    """Return layers that share their latents."""
    rng = np.random.default_rng(0)
    z = rng.standard_normal((STIMULI, LATENTS)) / np.sqrt(LATENTS)
    layers = [np.tanh(2.0 * z @ rng.standard_normal((LATENTS, units))) for _ in range(count)]
    return [x + NOISE * rng.standard_normal(x.shape) for x in layers]


def ours(data: list[np.ndarray], names: tuple[str, ...]) -> tuple[Table, Table]:
    """Return values of all pairs i < j, in the order of combinations, and bounds of the loss where there are any."""
    measures: list[Measure] = [get_measure(name) for name in names]
    prepared = {m.preparation: m for m in measures}
    sides = {key: [m.prepare(x) for x in data] for key, m in prepared.items()}
    values: dict[str, list[float]] = {name: [] for name in names}
    losses: dict[str, list[float]] = {name: [] for name in names}
    for i in range(len(data) - 1):
        with products_kept():
            for name, m in zip(names, measures, strict=True):
                a, b = sides[m.preparation][i], sides[m.preparation][i + 1 :]
                scores = m.compare_all([a] * len(b), b)
                values[name] += [s.value for s in scores]
                losses[name] += [s.details.get("loss", 0.0) for s in scores]
    return {k: np.array(v) for k, v in values.items()}, {k: np.array(v) for k, v in losses.items()}


def plain(data: list[np.ndarray]) -> Table:
    """Return biased CKA and Procrustes of all pairs, one network against all later ones stacked."""
    stack = np.stack([x - x.mean(axis=0) for x in data])
    stack /= np.linalg.norm(stack, axis=(1, 2), keepdims=True)
    own = [float(np.linalg.norm(x.T @ x)) for x in stack]
    cka: list[float] = []
    angles: list[float] = []
    for i in range(len(data) - 1):
        row = stack[i].T @ stack[i + 1 :]
        cka += [float(np.vdot(p, p)) / own[i] / own[j] for j, p in enumerate(row, i + 1)]
        cosines = np.linalg.svd(row, compute_uv=False).sum(axis=1)
        angles += np.arccos(np.minimum(cosines, 1.0)).tolist()
    return {"cka": np.array(cka), "procrustes": np.array(angles)}


def plain_at_once(data: list[np.ndarray]) -> Table:
    """Return the same from one product of all columns of all networks with themselves."""
    units = data[0].shape[1]
    x = np.hstack([(x - x.mean(axis=0)) / np.linalg.norm(x - x.mean(axis=0)) for x in data])
    blocks = (x.T @ x).reshape(len(data), units, len(data), units)
    own = [float(np.linalg.norm(blocks[i, :, i])) for i in range(len(data))]
    cka: list[float] = []
    angles: list[float] = []
    for i in range(len(data) - 1):
        row = blocks[i].transpose(1, 0, 2)[i + 1 :]
        cka += [float(np.linalg.norm(p)) ** 2 / own[i] / own[j] for j, p in enumerate(row, i + 1)]
        cosines = np.linalg.svd(row, compute_uv=False).sum(axis=1)
        angles += np.arccos(np.minimum(cosines, 1.0)).tolist()
    return {"cka": np.array(cka), "procrustes": np.array(angles)}


def plain_cca(data: list[np.ndarray]) -> Table:
    """Return the mean canonical correlation of all pairs."""
    q = [np.linalg.qr(x - x.mean(axis=0))[0] for x in data]
    return {"cca": np.array([np.linalg.svd(a.T @ b, compute_uv=False).mean() for a, b in combinations(q, 2)])}


def netrep(data: list[np.ndarray], alpha: float) -> Table:
    """Return the angles of all pairs by netrep."""
    from netrep.metrics import LinearMetric  # pyright: ignore[reportMissingImports, reportUnknownVariableType]

    metric = LinearMetric(alpha=alpha)
    return {"procrustes": np.array([metric.fit_score(x, y) for x, y in combinations(data, 2)])}


def cost(job: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """Return the median of CPU seconds, and what the last run gave."""
    seconds, found = [], None
    for _ in range(runs):
        start = time.process_time()
        found = job()
        seconds.append(time.process_time() - start)
    return median(seconds), found


def peak(count: int, units: int, names: tuple[str, ...]) -> float:
    """Return the largest resident memory of a process of its own, MB."""
    command = [sys.executable, __file__, "--alone", str(count), str(units), *names]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout) / 1024


def gap(x: Table, y: Table, key: str) -> float:
    """Return the largest difference."""
    return float(np.abs(x[key] - y[key]).max())


def line(job: str, what: str, seconds: float, against: float | None, said: str) -> None:
    """Print one row."""
    ratio = "" if against is None else f"{seconds / against:.2f} x plain"
    print(f"{job:14} {what:34} {seconds:8.2f} s  {ratio:13} {said}".rstrip(), flush=True)


def leading_coordinates(
    job: str, data: list[np.ndarray], variance: float, full: Table, against: tuple[float, float], runs: int
) -> None:
    """Print the row of leading principal coordinates: what they save, what they lose, and what they are said to lose at most."""
    cut = tuple(f"{name}:variance={variance}" for name in BOTH)
    seconds, (less, losses) = cost(lambda: ours(data, cut), runs)
    parts = [
        f"{name} off by {np.abs(less[c] - full[name]).max():.4f}, bound {losses[c].max():.4f}"
        for name, c in zip(BOTH, cut, strict=True)
    ]
    width = get_measure(cut[0]).prepare(data[0]).x.shape[1]
    said = f"{against[0] / seconds:.1f} x faster than all units; " + "; ".join(parts)
    line(job, f"  variance={variance} ({width} coordinates)", seconds, against[1], said)


def one_job(count: int, units: int, runs: int) -> None:
    """Print all rows of one size."""
    data, job = networks(count, units), f"{count} x {units}"
    base, hand = cost(lambda: plain(data), runs)
    line(job, "CKA + Procrustes, plain numpy", base, None, "one against a stack")
    at_once, _ = cost(lambda: plain_at_once(data), runs)
    line(job, "CKA + Procrustes, plain numpy", at_once, None, "all at once")
    base = min(base, at_once)
    biased = ("cka:debiased=false", "procrustes")
    seconds, (values, _) = cost(lambda: ours(data, biased), runs)
    apart = f"off by {gap({'cka': values[biased[0]]}, hand, 'cka'):.0e} and {gap(values, hand, 'procrustes'):.0e}"
    line(job, "CKA + Procrustes, conjugacy", seconds, base, apart)
    full, _ = ours(data, BOTH)
    for variance in VARIANCES:
        leading_coordinates(job, data, variance, full, (seconds, base), runs)
    base_cca, hand_cca = cost(lambda: plain_cca(data), runs)
    line(job, "CCA, plain numpy", base_cca, None, "")
    seconds_cca, (values, _) = cost(lambda: ours(data, ("cca",)), runs)
    line(job, "CCA, conjugacy", seconds_cca, base_cca, f"off by {gap(values, hand_cca, 'cca'):.0e}")
    if find_spec("netrep") is not None:
        for alpha, name, mine in ((1.0, "Procrustes alone", seconds), (0.0, "CCA (alpha = 0)", seconds_cca)):
            theirs, angles = cost(lambda alpha=alpha: netrep(data, alpha), 1)
            said = f"{theirs / mine:.1f} x conjugacy's"
            said += f"; off by {gap(angles, hand, 'procrustes'):.0e}" if alpha else ""
            line(job, f"{name}, netrep", theirs, base if alpha else base_cca, said)


def many(block: int) -> None:
    """Print what a thousand networks would take, from a block of them."""
    data = networks(block, 64)
    seconds, _ = cost(lambda: ours(data, BOTH), 1)
    factor = MANY * (MANY - 1) / (block * (block - 1))
    said = (
        f"{seconds / (block * (block - 1) / 2) * 1e3:.3f} ms a pair; {MANY} networks: {seconds * factor / 60:.1f} min"
    )
    line(f"{block} x 64", "CKA + Procrustes, conjugacy", seconds, None, said)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few networks, one run")
    parser.add_argument("--alone", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    with threadpool_limits(1):
        if given.alone:
            count, units, *names = given.alone
            ours(networks(int(count), int(units)), tuple(names))
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
            return
        if find_spec("netrep") is None:
            print("netrep is not installed: its rows are left out")
        jobs = ((6, 64), (6, 256)) if given.quick else JOBS
        for count, units in jobs:  # first: a child's peak counts what its parent held when it started
            print(
                f"{f'{count} x {units}':14} {'CKA + Procrustes, conjugacy':34} peak {peak(count, units, BOTH):6.0f} MB",
                flush=True,
            )
        ours(networks(3, 64), (*BOTH, "cca"))  # whatever is slow the first time
        for count, units in jobs:
            one_job(count, units, 1 if given.quick else 3)
        many(20 if given.quick else BLOCK)


if __name__ == "__main__":
    main()
