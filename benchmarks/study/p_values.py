"""Whether the p of the measure `verdict` keeps its word: pairs whose true unexplained fraction is the tolerance, in closed form.

B is a map of A with private noise. For affine and smooth maps a share u of the variance of every unit of B is noise, so that no
map predicts more than 1 - u of it; B predicts A as badly where it has as many units as there are latents, and with forty units
nearly perfectly, so that A to B alone is at the tolerance. Identity and rotation do not shrink: there the correlation r of a unit
with its noisy copy gives u = 2 (1 - r), both ways. So u is the tolerance for the best map. The share of pairs with p <= .05 must
be .05 at most, for the claim "the same" and for the claim "not the same"; below it a claim is made less often than it could.

    python benchmarks/study/p_values.py [--quick]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from conjugacy.transformations import Layer, judge
from conjugacy.verdict.p_values import p_different, p_same

TOLERANCE = 0.05
LEVELS = (0.05, 0.01, 0.001)


@dataclass(frozen=True)
class Kind:
    """A way to make a pair from latents with unit variance (m, 3), the rung it is judged at, and its numbers of rows."""

    words: str
    rung: str
    latents: Callable[[np.random.Generator, int], np.ndarray]
    a: Callable[[np.ndarray, np.random.Generator], np.ndarray]
    b: Callable[[np.ndarray, np.random.Generator], np.ndarray]
    rows: tuple[int, ...]


def normal(rng: np.random.Generator, m: int) -> np.ndarray:
    """Return normal latents."""
    return rng.standard_normal((m, 3))


def uniform(rng: np.random.Generator, m: int) -> np.ndarray:
    """Return uniform latents."""
    return rng.uniform(-np.sqrt(3), np.sqrt(3), (m, 3))


def heavy(rng: np.random.Generator, m: int) -> np.ndarray:
    """Return latents with heavy tails (Student's t with 6 degrees of freedom)."""
    return rng.standard_t(6, (m, 3)) / np.sqrt(1.5)


def same(z: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the latents themselves."""
    return z


def turned(z: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the latents turned in space."""
    return z @ np.linalg.qr(rng.standard_normal((3, 3)))[0]


def wide(z: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return forty linear units of unit variance."""
    w = rng.standard_normal((3, 40))
    return z @ (w / np.linalg.norm(w, axis=0))


def bent(z: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return forty curved units of the latents, each of unit variance over many rows."""
    w = rng.standard_normal((3, 40)) / np.sqrt(3)
    units, many = np.tanh(z @ w), np.tanh(uniform(rng, 4000) @ w)
    return (units - many.mean(axis=0)) / many.std(axis=0)


KINDS = (
    Kind("identity, 3 units", "identity", normal, same, same, (100, 400)),
    Kind("identity, heavy tails", "identity", heavy, same, same, (100, 400)),
    Kind("rotation, 3 units", "rotation", normal, same, turned, (100, 400)),
    Kind("affine, 3 to 40 units", "affine", normal, same, wide, (100, 400)),
    Kind("affine, heavy tails", "affine", heavy, same, wide, (100, 400)),
    Kind("affine, 40 to 40 units", "affine", normal, wide, wide, (100, 400)),
    Kind("smooth, 3 to 40 units", "smooth", uniform, same, bent, (200, 400)),
    Kind("smooth, 40 to 40 units", "smooth", uniform, bent, bent, (200, 400)),
)


def ps(kind: Kind, m: int, seed: int) -> tuple[float, float]:
    """Return both p of one pair."""
    rng = np.random.default_rng(seed)
    z = kind.latents(rng, m)
    signal = kind.b(z, rng)
    share = 1 - (1 - TOLERANCE / 2) ** 2 if kind.rung in ("identity", "rotation") else TOLERANCE
    b = np.sqrt(1 - share) * signal + np.sqrt(share) * rng.standard_normal(signal.shape)
    ladder = judge(Layer(kind.a(z, rng)), Layer(b), np.arange(m), tolerance=TOLERANCE, seed=seed, up_to=kind.rung)
    return p_same(ladder, ladder.rung or kind.rung), p_different(ladder)


def main() -> None:
    """Print the shares of small p."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100 pairs of every kind")
    args = parser.parse_args()
    draws = 100 if args.quick else 500
    head = " ".join(f"p<={level:<5g}" for level in LEVELS)
    print(f"true unexplained fraction {TOLERANCE}, tolerance {TOLERANCE}: share of pairs whose p is at most the level")
    print(f"{'':24s} {'rows':>5s} {'pairs':>5s}   same: {head}   not: {head}   CPU s")
    for kind in KINDS:
        for m in kind.rows:
            start, count = time.process_time(), draws // 4 if kind.rung == "smooth" else draws
            with threadpool_limits(1):
                found = np.array([ps(kind, m, seed) for seed in range(count)])
            shares = ["   ".join(f"{(found[:, i] <= level).mean():.4f}" for level in LEVELS) for i in (0, 1)]
            cpu = time.process_time() - start
            print(f"{kind.words:24s} {m:5d} {count:5d}         {shares[0]}         {shares[1]}   {cpu:.0f}", flush=True)


if __name__ == "__main__":
    main()
