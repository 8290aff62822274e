"""Vector-field Procrustes against dsa-metric: which finds the smaller distance, and in how much less time.

python benchmarks/dynamics/against_dsa_metric.py [--quick] [--pairs N]     (pip install dsa-metric)

Pairs of linear systems: conjugates with noise, unrelated random ones of four kinds, and DMD fits of Lorenz, van der Pol and ring
trajectories. dsa-metric runs with the settings of its DSA class (1500 steps, rate .005). Both distances are recomputed in float64
from the returned matrix: ours may be the larger one by no more than 1e-4 of it. One BLAS thread; CPU seconds, ratios of medians.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator

import numpy as np
from systems import course, lorenz, matched_cases, seen, van_der_pol

import conjugacy as cj
from conjugacy.dynamics import DMD
from conjugacy.numerics.alignment import FAST, align_vector_fields

WORSE = 1e-4
KINDS = ("gaussian", "non-normal", "near one", "normal")


def matrix(kind: str, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw a system of a kind."""
    noise = rng.standard_normal((n, n))
    if kind == "gaussian":
        return noise / np.sqrt(n)
    if kind == "non-normal":
        return np.triu(noise, 1) + np.diag(rng.uniform(-0.9, 0.9, n))
    turn = np.linalg.qr(noise)[0]
    blocks = np.zeros((n, n))
    for i in range(0, n - 1, 2):
        slow = kind == "near one"
        size, angle = rng.uniform(0.95 if slow else 0.5, 1.0), rng.uniform(0.0, 0.3 if slow else np.pi)
        c, s = size * np.cos(angle), size * np.sin(angle)
        blocks[i : i + 2, i : i + 2] = [[c, -s], [s, c]]
    if kind == "near one":
        blocks += 0.02 * np.triu(rng.standard_normal((n, n)), 1)
    return turn @ blocks @ turn.T


def pairs(n: int, count: int, seed: int) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Give noisy conjugates, unrelated systems, and systems fitted to trajectories."""
    for i in range(count):
        rng = np.random.default_rng([seed, n, i])
        kind = KINDS[i % 4]
        a = matrix(kind, n, rng)
        if i % 3 == 0:
            q = np.linalg.qr(rng.standard_normal((n, n)))[0]
            level = (0.01, 0.1)[i % 2]
            noise = rng.standard_normal((n, n)) * level * np.linalg.norm(a) / n
            yield f"conjugate + {100 * level:g} %", a, q @ a @ q.T + noise
        elif i % 3 == 1:
            yield "unrelated", a, matrix(KINDS[(i // 4) % 4], n, rng)
        else:
            yield "fitted to trajectories", *fitted(n, i, rng)


def fitted(n: int, i: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return DMD matrices of rank n of two systems seen through instruments."""
    found: list[np.ndarray] = []
    for k in range(2):
        which = (i // 3 + k * (i % 2)) % 3
        if which == 0:
            x = seen(course(lorenz(28.0 + 20 * k), rng.standard_normal((20, 3)) + 1, 0.03, 200), "tanh", rng)
        elif which == 1:
            x = seen(course(van_der_pol, rng.uniform(-2, 2, (20, 2)), 0.1, 200), "warped", rng)
        else:
            x = next(matched_cases(1000 * k + i, 20)).a
        found.append(DMD(delays=10, rank=n).fit(cj.Trajectories(x)).matrix)
    return found[0], found[1]


def reference(a: np.ndarray, b: np.ndarray, seed: int) -> tuple[float, float]:
    """Return the distance that dsa-metric's matrix reaches, recomputed, and its CPU seconds."""
    import torch
    from DSA.simdist import SimilarityTransformDist

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    began = time.process_time()
    search = SimilarityTransformDist(iters=1500, lr=5e-3, score_method="euclidean")
    search.fit(torch.tensor(a).float(), torch.tensor(b).float())
    spent = time.process_time() - began
    u, _, vt = np.linalg.svd(search.C_star.detach().double().numpy())
    c, x, y = u @ vt, a / np.linalg.norm(a), b / np.linalg.norm(b)
    return min(float(np.linalg.norm(x - c @ y @ c.T)), float(np.linalg.norm(x - c.T @ y @ c))), spent


def main() -> None:
    """Run the pairs by rank and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few pairs of rank 10")
    parser.add_argument("--pairs", type=int, default=48, help="at ranks 10 and 20; a third of it at 50")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    try:
        import DSA  # noqa: F401
    except ImportError:
        print("dsa-metric is not installed: nothing to compare with (pip install dsa-metric)")
        return
    plan = {10: 3} if given.quick else {10: given.pairs, 20: given.pairs, 50: given.pairs // 3}
    names = (
        ("pairs", 5),
        ("worse", 6),
        ("nearer by, median", 18),
        ("lower/own", 10),
        ("fast loses", 11),
        ("CPU ratio", 10),
        ("fast", 6),
    )
    heads = " ".join(f"{name:>{width}}" for name, width in names)
    print(f"{'rank':>4} {'kind':24} {heads}")
    failed = 0
    for n, count in plan.items():
        rows: dict[str, list[tuple[float, float, float, float, float]]] = {}
        for i, (kind, a, b) in enumerate(pairs(n, count, given.seed)):
            theirs, spent = reference(a, b, i)
            began = time.process_time()
            own = align_vector_fields(a, b)
            took = time.process_time() - began
            fast = align_vector_fields(a, b, effort=FAST)
            took_fast = time.process_time() - began - took
            numbers = own.distance / theirs - 1, own.lower / own.distance, fast.distance / own.distance - 1
            rows.setdefault(kind, []).append((*numbers, spent / took, spent / took_fast))
        for kind, found in rows.items():
            nearer, bound, loss, ratio, ratio_fast = (np.array(column) for column in zip(*found, strict=True))
            worse = int((nearer > WORSE).sum())
            failed += worse
            print(
                f"{n:>4} {kind:24} {len(found):>5} {worse:>6} {-np.median(nearer):>17.1%} {np.median(bound):>10.2f} "
                f"{np.median(loss):>10.1%} {np.median(ratio):>9.0f}x {np.median(ratio_fast):>5.0f}x", flush=True,
            )  # fmt: skip
    print(f"worse than dsa-metric by more than {WORSE:g}: {failed}")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
