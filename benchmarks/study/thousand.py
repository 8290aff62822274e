"""A thousand networks of 1000 stimuli x 64 units: all 500 500 pairs by CKA and Procrustes, from files to the table.

CPU seconds of the whole process on one BLAS thread, imports excluded, and its peak memory; then what a second run over the
finished store takes, what ten more networks take, and the page. Goals: 600 CPU s, 2 GB.

    python benchmarks/study/thousand.py [--quick] [--networks N]
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

import conjugacy as cj

STIMULI, UNITS, LATENTS, NOISE = 1000, 64, 20, 0.1
MEASURES = ("cka", "procrustes")


def write_networks(folder: Path, first: int, count: int) -> None:
    """Write recordings of networks that share their latents."""
    z = np.random.default_rng(0).standard_normal((STIMULI, LATENTS)) / np.sqrt(LATENTS)
    for i in range(first, first + count):
        rng = np.random.default_rng([1, i])
        x = np.tanh(2.0 * z @ rng.standard_normal((LATENTS, UNITS))) + NOISE * rng.standard_normal((STIMULI, UNITS))
        np.savez(folder / f"net{i:05d}.npz", hidden=x.astype(np.float32), stimuli=np.arange(STIMULI))


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="40 networks")
    parser.add_argument("--networks", type=int, default=1000)
    options = parser.parse_args()
    count = 40 if options.quick else options.networks
    with tempfile.TemporaryDirectory() as place:
        runs, store = Path(place, "runs"), Path(place, "store")
        runs.mkdir()
        write_networks(runs, 0, count)
        cj.pairwise(runs, measures=MEASURES, store=Path(place, "warm"), against=[runs / "net00000.npz"])

        def step(what: str) -> cj.Study:
            start, clock = time.process_time(), time.monotonic()
            study = cj.pairwise(runs, measures=MEASURES, store=store, memory="2 GB")
            pairs = len(study.networks[0]) * (len(study.networks[0]) + 1) // 2
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            spent = time.process_time() - start
            print(f"{what:28} {pairs:7} pairs  {spent:7.1f} CPU s  {time.monotonic() - clock:7.1f} s by the clock  "
                  f"{1e3 * spent / pairs:6.3f} ms a pair  peak {peak:5.0f} MB", flush=True)  # fmt: skip
            return study

        study = step(f"{count} networks")
        assert np.isfinite(study.dataset.value.values).all()
        again = step("the same again")
        assert np.array_equal(again.dataset.value.values, study.dataset.value.values)
        write_networks(runs, count, 10)
        step("ten more")
        start = time.process_time()
        classes = study.classes(measure="procrustes")
        print(f"{'sorted by distance':28} {len(classes.groups):7} classes {time.process_time() - start:6.1f} CPU s")
        start = time.process_time()
        page = study.report(Path(place, "page.html"))
        print(f"{'the page':28} {page.stat().st_size / 1e6:7.2f} MB    {time.process_time() - start:7.1f} CPU s")


if __name__ == "__main__":
    main()
