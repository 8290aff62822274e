"""What diffusion maps cost: CPU seconds and memory beside pyDiffMap, up to a million states; landmarks; isometric coordinates.

python benchmarks/embeddings/speed.py [--quick]

One BLAS thread. Each row runs in its own process; imports and data are excluded. Memory is the peak of the process, and what the
fit adds to it. Only this benchmark needs pyDiffMap 0.2.0.1: `pip install --no-deps pydiffmap && pip install six numexpr`.
Without it its columns stay empty. It gets the same states, neighbours, alpha and number of modes, and chooses its own bandwidth.
datafold 2.0.2 needs a separate environment, `pip install datafold==2.0.2 "scipy<1.12" "numpy<1.27" "scikit-learn<1.3"` under
Python 3.11: `pcm = PCManifold(x); pcm.optimize_parameters()`, then `DiffusionMaps(GaussianKernel(pcm.kernel.epsilon),
n_eigenpairs=11).fit(pcm)`. Its 77 s and 697 MB at 20 000 states of the roll (wall time, on a loaded machine) were measured that
way, not here.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
from sklearn.neighbors import NearestNeighbors

from conjugacy.embeddings import DiffusionMap, LocalMetric, isometric_coordinates
from conjugacy.numerics.neighbours.of_states import nearest_states

MODES = 10
Numbers = dict[str, float | str]


def roll(m: int) -> np.ndarray:
    """Return a Swiss roll in 3-D."""
    rng = np.random.default_rng(0)
    t, height = 1.5 * np.pi * (1 + 2 * rng.random(m)), 21 * rng.random(m)
    return np.stack([t * np.cos(t), height, t * np.sin(t)], axis=1)


def layer(m: int, d: int, n: int) -> np.ndarray:
    """Return n units of a random tanh network of d inputs, uniform in a cube."""
    rng = np.random.default_rng(1)
    inner = np.tanh(rng.random((m, d)) @ rng.standard_normal((d, 64)) * 1.5 + rng.standard_normal(64))
    return inner @ (rng.standard_normal((64, n)) / 8)


def rectangle(m: int) -> np.ndarray:
    """Return states of the rectangle 1 x 0.6."""
    return np.random.default_rng(2).random((m, 2)) * [1.0, 0.6]


def gaussian(m: int) -> np.ndarray:
    """Return states that fill all of 16 dimensions."""
    return np.random.default_rng(3).standard_normal((m, 16))


DATA: dict[str, Callable[[int], np.ndarray]] = {
    "roll 3-D": roll,
    "layer 2-D in 16": lambda m: layer(m, 2, 16),
    "layer 4-D in 16": lambda m: layer(m, 4, 16),
    "normal 16-D": gaussian,
    "rectangle": rectangle,
}


def closed_gap(found: DiffusionMap, s: np.ndarray) -> float:
    """Return the largest distance of the first modes from the closed ones of the rectangle, by groups of like rates."""
    wave = [(a, b) for a in range(4) for b in range(4) if a + b]
    wave.sort(key=lambda ab: ab[0] ** 2 + (ab[1] / 0.6) ** 2)
    closed = np.stack([np.cos(np.pi * a * s[:, 0]) * np.cos(np.pi * b * s[:, 1] / 0.6) for a, b in wave[:5]], axis=1)
    root = np.sqrt(found.weights_ / found.weights_.sum())[:, None]
    worst = 0.0
    for group in ([0], [1], [2, 3]):  # rates 1, 2.78, and 3.78 with 4, in pi^2
        q = np.linalg.qr(root * closed[:, group])[0]
        v = np.linalg.qr(root * found.embedding_[:, group])[0]
        worst = max(worst, float(np.sqrt(1 - np.linalg.svd(q.T @ v, compute_uv=False)[-1] ** 2)))
    return worst


def peak() -> float:
    """Return the process's peak memory in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def fit(what: str, data: str, m: int, k: int, landmarks: int) -> Numbers:
    """Fit once."""
    x = DATA[data](m)
    if what == "pydiffmap":
        from pydiffmap.diffusion_map import DiffusionMap as Theirs

        theirs = Theirs.from_sklearn(n_evecs=MODES, k=k, epsilon="bgh", alpha=1.0)
        before, began = peak(), time.process_time()
        theirs.fit_transform(x)
        return {"cpu": time.process_time() - began, "mb": peak(), "grown": peak() - before}
    if what == "isometric":
        metric = LocalMetric.from_jacobians(np.tile(np.eye(2), (m, 1, 1)))
        before, began = peak(), time.process_time()
        laid = isometric_coordinates(x, metric, n_neighbors=k)
        cpu = time.process_time() - began
        return {"cpu": cpu, "mb": peak(), "grown": peak() - before, "solver": laid.status.name, "error": laid.stress}
    ours = DiffusionMap(MODES, n_neighbors=k, landmarks=landmarks or None)
    before, began = peak(), time.process_time()
    ours.fit(x)
    out: Numbers = {"cpu": time.process_time() - began, "mb": peak(), "grown": peak() - before}
    out |= {"residual": ours.residual_, "relative": ours.relative_residual_, "solver": ours.solver_}
    out["status"] = ours.status_.name
    began = time.process_time()
    if not landmarks:
        found = nearest_states(x, k)[1]
        out["neighbours"] = time.process_time() - began
        some = np.random.default_rng(0).choice(m, 200, replace=False)
        exact = NearestNeighbors(algorithm="brute").fit(x).kneighbors(x[some], k + 1, return_distance=False)
        out["recall"] = float(np.mean([np.isin(a[a != i], found[i]).mean() for a, i in zip(exact, some, strict=True)]))
    if data == "rectangle":
        out["error"] = closed_gap(ours, x)
    return out


def measured(repeats: int, *task: object) -> Numbers | None:
    """Return the run of median CPU time; None where the package is not there."""
    found: list[Numbers] = []
    for _ in range(repeats):
        call = [sys.executable, __file__, "--fit", *map(str, task)]
        done = subprocess.run(call, capture_output=True, text=True, check=False)
        if done.returncode:
            if task[0] != "pydiffmap":
                sys.exit(done.stderr)
            return None
        found.append(json.loads(done.stdout.splitlines()[-1]))
    return sorted(found, key=lambda one: one["cpu"])[(len(found) - 1) // 2]


def row(data: str, m: int, k: int, landmarks: int, repeats: int) -> Numbers:
    """Print and return one row of ours."""
    one = measured(repeats, "ours", data, m, k, landmarks)
    assert one is not None
    recall = f"{one['recall']:.3f}" if "recall" in one else "-"
    near = f"{one['neighbours']:.1f}" if "neighbours" in one else "-"
    error = f"{one['error']:.2%}" if "error" in one else "-"
    print(
        f"{data:<16} {m:>8} {k:>3} {landmarks or '-':>9} {one['cpu']:>8.1f} {near:>10} {one['mb']:>6.0f} {one['grown']:>6.0f} "
        f"{one['solver']:>9} {one['residual']:>8.0e} {one['relative']:>8.0e} {recall:>6} {error:>7} {one['status']}",
        flush=True,
    )
    return one


def main() -> None:
    """Run all rows, or one fit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few states")
    parser.add_argument("--fit", nargs=5, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.fit:
        what, data, m, k, landmarks = given.fit
        print(json.dumps(fit(what, data, int(m), int(k), int(landmarks))))
        return
    small = 20 if given.quick else 1
    print(
        f"diffusion maps, {MODES} modes; CPU s of the fit, of it in neighbours (run again), MB peak and grown by the fit;"
    )
    print(
        "residual |Sv - wv|, relative |Sv - wv| / (1 - w); recall of neighbours on 200 states; error: sine of the largest angle"
    )
    print("between the first four modes, by groups of like rates, and the closed form of the rectangle")
    print(
        f"{'states':<16} {'m':>8} {'k':>3} {'landmarks':>9} {'CPU s':>8} {'neighbours':>10} {'MB':>6} {'grown':>6} "
        f"{'solver':>9} {'residual':>8} {'relative':>8} {'recall':>6} {'error':>7} status"
    )
    own, theirs = (
        row("roll 3-D", 20_000 // small, 64, 0, 3),
        measured(3, "pydiffmap", "roll 3-D", 20_000 // small, 64, 0),
    )
    if theirs is not None:
        cost = f"{theirs['cpu']:>8.1f} {'':>10} {theirs['mb']:>6.0f} {theirs['grown']:>6.0f}"
        print(f"{'pyDiffMap':<16} {20_000 // small:>8}  64 {'-':>9} {cost}")
        ratios = [float(theirs[key]) / float(own[key]) for key in ("cpu", "mb", "grown")]
        print("pyDiffMap over ours: CPU {:.1f}x, peak {:.2f}x, grown {:.2f}x".format(*ratios), flush=True)
    row("roll 3-D", 100_000 // small, 32, 0, 3)
    row("layer 2-D in 16", 100_000 // small, 32, 0, 3)
    row("layer 4-D in 16", 100_000 // small, 32, 0, 1)
    for m, marks in ((100_000 // small, 5_000 // small), (1_000_000 // small, 20_000 // small)):
        k = 32 if m < 200_000 else 16
        whole = row("rectangle", m, k, 0, 1)
        few = row("rectangle", m, 24, marks, 3)
        print(f"all states over landmarks: CPU {whole['cpu'] / few['cpu']:.1f}x")
    print("isometric coordinates of a rectangle, d = 2, k = 30")
    print(f"{'m':>8} {'CPU s':>8} {'MB':>6} {'grown':>6} {'stress':>8} status")
    for m in (10_000 // small, 50_000 // small):
        one = measured(1, "isometric", "rectangle", m, 30, 0)
        assert one is not None
        print(
            f"{m:>8} {one['cpu']:>8.1f} {one['mb']:>6.0f} {one['grown']:>6.0f} {one['error']:>8.1e} {one['solver']}",
            flush=True,
        )
    print("states that fill 16 dimensions, and a million of the roll")
    row("normal 16-D", 100_000 // small, 32, 0, 1)
    row("roll 3-D", 1_000_000 // small, 16, 0, 1)


if __name__ == "__main__":
    main()
