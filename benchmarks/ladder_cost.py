"""What one pair costs: the whole ladder with intervals, power check and null, in CPU seconds on one BLAS thread.

python benchmarks/ladder_cost.py [--quick] [--repeats N]

Preparation (what needs one network only) is timed by itself. A pair is everything after it, as `get_measure("ladder")` does it,
without and with one untrained copy of each network as a control. The product of two 3000 x 3000 matrices of float64 measures the
machine at that moment. Times are medians of the repeats. Each size runs in its own process, whose peak memory is the last column.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

from conjugacy.transformations import Ladder, Layer, judge, prepare
from conjugacy.verdict import judge_control
from conjugacy.verdict.relation import ladder_answer

SIZES = ((1000, 64), (3000, 256), (10000, 512))


def seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def whole(a: Layer, b: Layer, rows: np.ndarray) -> Ladder:
    """Judge a prepared pair and ask for everything that a verdict tells."""
    ladder = judge(a, b, rows, tolerance=0.05)
    ladder_answer(ladder)
    ladder.results, ladder.exact_rung  # noqa: B018  (computed when asked for)
    return ladder


def one(m: int, n: int, repeats: int) -> None:
    """Print the line of one size."""
    rng = np.random.default_rng(0)
    latent = rng.standard_normal((m, 3))

    def net() -> np.ndarray:
        h = latent
        for _ in range(2):
            h = np.tanh(h @ rng.standard_normal((h.shape[1], n)) / np.sqrt(h.shape[1]) + 0.3 * rng.standard_normal(n))
        return h

    values = [net() for _ in range(4)]
    rows = np.arange(m)
    square = rng.standard_normal((3000, 3000))
    times: list[tuple[float, float, float, float]] = []
    for _ in range(repeats):
        a, b = Layer(values[0]), Layer(values[1])
        prepared = seconds(lambda a=a, b=b: (prepare(a, rows), prepare(b, rows))) / 2
        kept: list[Ladder] = []
        cost = seconds(lambda a=a, b=b, kept=kept: kept.append(whole(a, b, rows)))
        control = seconds(lambda kept=kept: judge_control("untrained", kept[0], [values[2]], [values[3]], "copies"))
        times.append((seconds(lambda: square @ square), prepared, cost, cost + control))
    product, prepared, cost, with_control = np.median(np.array(times), axis=0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{m:>6} x {n:<5}{product:>10.2f}{prepared:>13.2f}{cost:>10.2f}{cost / product:>10.1f}{with_control:>15.2f}{peak:>9.2f}"
    )


def main() -> None:
    """Run every size in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="1000 x 64 only")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--size", type=int, nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.size:
        one(*given.size, given.repeats)
        return
    print("rows x units   product  preparation      pair   / product   with control   GiB", flush=True)
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    for size in SIZES[:1] if given.quick else SIZES:
        command = [sys.executable, __file__, "--repeats", str(given.repeats), "--size", *map(str, size)]
        subprocess.run(command, check=True, env=os.environ | threads)


if __name__ == "__main__":
    main()
