"""What a device of torch brings: seconds by the clock with numpy and with `device=`, and how far the numbers move.

python benchmarks/device.py [--device cuda] [--seconds 300]

Both sides of a row run in this process: numpy on its threads, then the device, which has done a small row before. A row is left
out if it may not end in time. Without such a device the script says so, measures nothing and ends with code 0.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import conjugacy as cj
from conjugacy.errors import InputError, MissingExtraError
from conjugacy.numerics.alignment import align_pairs, prepare
from conjugacy.numerics.device import device_named, on_device, product

Numbers = list[float]
GROWS = 4.0  # times that a row may take of the longest one before


def layer(latent: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Return one layer of two that share some of their latents."""
    rng = np.random.default_rng(seed)
    hidden = np.tanh(latent @ rng.standard_normal((latent.shape[1], 64)) / 3)
    return np.tanh(hidden @ rng.standard_normal((64, n)) / 5)


def pair(m: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return two layers that share 8 of 12 latents: the ladder fails both ways."""
    latent = np.random.default_rng(0).standard_normal((m, 16))
    return layer(latent[:, :12], n, 1), layer(latent[:, 4:], n, 2)


def compared(m: int, n: int) -> Numbers:
    """Return the numbers of a whole comparison that stand with its answer."""
    a, b = pair(m, n)
    evidence = cj.compare(a, b).verdict.representation.evidence  # the block's device holds
    return [v for one in evidence for v in (one.value, one.low, one.high) if isinstance(v, float)]


def all_pairs(count: int, m: int, n: int) -> Numbers:
    """Return CKA and Procrustes of all pairs."""
    rng = np.random.default_rng(0)
    study = cj.pairwise({f"n{i}": rng.standard_normal((m, n)) for i in range(count)}, measures=["cka", "procrustes"])
    return [float(v) for name in ("cka", "procrustes") for v in study.table(measure=name).ravel()]


def aligned(count: int, n: int) -> Numbers:
    """Return distances of linear systems after the best rotation, as DSA takes them."""
    fields = prepare(np.random.default_rng(0).standard_normal((count + 1, n, n)))
    return [one.distance for one in align_pairs(fields.take(slice(0, count)), fields.take(slice(1, count + 1)))]


def multiplied(n: int) -> Numbers:
    """Return a number of one product."""
    x = np.random.default_rng(0).standard_normal((n, n))
    return [float(product(x, x).sum())]


def rows() -> Iterator[tuple[str, Callable[[], Numbers]]]:
    """Yield the rows, the cheaper ones first."""
    yield "product of 3000 x 3000", lambda: multiplied(3000)
    yield "compare, 1000 x 64", lambda: compared(1000, 64)
    yield "CKA and Procrustes, all pairs of 50 at 1000 x 256", lambda: all_pairs(50, 1000, 256)
    yield "compare, 2000 x 256", lambda: compared(2000, 256)
    yield "64 alignments of rank 32", lambda: aligned(64, 32)
    yield "compare, 4000 x 1024", lambda: compared(4000, 1024)


def timed(work: Callable[[], Numbers], device: str | None) -> tuple[Numbers, float]:
    """Return what work gives, and its seconds by the clock."""
    start = time.perf_counter()
    with on_device(device):
        found = work()
    return found, time.perf_counter() - start


def far(here: Numbers, there: Numbers) -> str:
    """Return the largest difference, in parts of the number."""
    if len(here) != len(there):
        return "other numbers: an answer moved"
    apart = [
        abs(x - y) / max(1.0, abs(x)) for x, y in zip(here, there, strict=True) if not (np.isnan(x) and np.isnan(y))
    ]
    return f"{max(apart, default=0.0):.1e}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--seconds", type=float, default=300.0)
    asked: Any = parser.parse_args()
    try:
        device = device_named(asked.device)
    except (InputError, MissingExtraError) as error:
        print(f"nothing was measured: {error}")
        sys.exit(0)
    start = time.perf_counter()
    assert device is not None
    print(f"{device.note}; numpy has {os.environ.get('OPENBLAS_NUM_THREADS', 'all')} threads of {os.cpu_count()} cores")
    timed(lambda: compared(300, 64), asked.device)
    last = 0.0
    print(f"{'work':52} {'numpy, s':>9} {'device, s':>9} {'ratio':>6}  numbers apart")
    for name, work in rows():
        if time.perf_counter() - start + GROWS * last > asked.seconds:
            print(f"{name:52} left out: {asked.seconds:g} s may not suffice")
            continue
        here, seconds = timed(work, None)
        there, other = timed(work, asked.device)
        last = max(last, seconds + other)
        print(f"{name:52} {seconds:9.2f} {other:9.2f} {seconds / other:6.2f}  {far(here, there)}", flush=True)


if __name__ == "__main__":
    main()
