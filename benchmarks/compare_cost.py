"""What a whole comparison costs, in CPU seconds on one BLAS thread, for this code and for another commit.

python benchmarks/compare_cost.py [--quick] [--row NAME ...] [--old COMMIT] [--table FILE] [--profile NAME]

Each row runs in its own process. The same process also times the product of two 3000 x 3000 matrices of float64, as a measure of
the machine at that moment. Memory is what is added to that of the process with everything imported.
`units` is `compare` alone, in such products; `record` is `compare` with everything that its record holds.
Rows `light` and `first` prepare two networks and compare them by the measure `verdict`, and by `verdict:fits=first`.
Pairs share part of what they are made of (`part`: the ladder fails both ways, and everything is asked) or all of it (`whole`).
Rows that the table already has for the same code are skipped. With `--old` the same rows also run on another commit. Both records
are compared: the largest relative difference of a number, and the answers that differ.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parents[1]
WHOLE = {"1000x64": 2.0, "2000x256": 4.0, "4000x1024": 20.0, "5000x2048/1024": 35.0, "equal": 0.5}
LIGHT = ("light 1000x64", "light 2000x256", "light 4000x1024")
FIRST = ("first 1000x64", "first 2000x256", "first 4000x1024", "first 1000x64 whole")
QUICK = ("1000x64", "1000x64 whole", "equal", "light 1000x64")
LARGE = ("4000x4096", "50000x512", "1000000x64")  # of these no record is made: compare alone takes a minute or more
ROWS = (*WHOLE, "1000x64 whole", "2000x256 whole", *LIGHT, *FIRST, "all pairs")
SIDE = 3000


def pair(name: str) -> tuple[Any, Any]:
    """Return the two networks of a row as arrays, or mappings of arrays."""
    rng = np.random.default_rng(0)
    if name == "equal":
        hidden = np.maximum(0.0, rng.standard_normal((1760, 10)) @ rng.standard_normal((10, 256)))
        one = {"hidden": hidden, "outputs": np.tanh(hidden @ rng.standard_normal((256, 1)) / 16)}
        return one, {key: values.copy() for key, values in one.items()}
    size, _, kind = name.removeprefix("light ").removeprefix("first ").partition(" ")
    m, widths = size.split("x")
    n, _, p = widths.partition("/")
    latent = rng.standard_normal((int(m), 12))
    shared = 12 if kind == "whole" else 8
    seen = latent[:, :shared], latent[:, 12 - shared :]
    return _network(seen[0], int(n), rng), _network(seen[1], int(p or n), rng)


def _network(latent: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    h = latent
    for _ in range(2):
        h = np.tanh(0.5 * h @ rng.standard_normal((h.shape[1], n)) / np.sqrt(h.shape[1]) + 0.3 * rng.standard_normal(n))
    return h


def work(name: str, a: Any, b: Any) -> Any:
    """Do what a row asks for; return what is to be the same on another commit."""
    import conjugacy as cj

    if name == "all pairs":
        return None
    if name not in (*LIGHT, *FIRST):
        return cj.compare(a, b)
    measure = cj.get_measure("verdict" if name in LIGHT else "verdict:fits=first")
    score = measure.compare(measure.prepare(a), measure.prepare(b))
    return {"value": score.value, "interval": list(score.interval or ()), **score.details}


def all_pairs() -> dict[str, float]:
    """Return what CKA and Procrustes of all pairs of 50 layers of 1000 x 256 cost, and plain stacked numpy of the same."""
    import conjugacy as cj

    rng = np.random.default_rng(0)
    layers = [rng.standard_normal((1000, 256)) for _ in range(50)]
    measures = [cj.get_measure("cka"), cj.get_measure("procrustes")]

    def ours() -> None:
        for measure in measures:
            ready = [measure.prepare(x) for x in layers]
            for i, one in enumerate(ready):
                for other in ready[:i]:
                    measure.compare(one, other)

    def plain() -> None:
        stack = np.array([x - x.mean(axis=0) for x in layers])
        stack /= np.linalg.norm(stack, axis=(1, 2))[:, None, None]
        own, kept = [np.linalg.norm(x.T @ x) for x in stack], list[np.ndarray]()
        for i in range(len(stack)):
            crossed = stack[:i].transpose(0, 2, 1) @ stack[i]
            kept.append((crossed**2).sum(axis=(1, 2)) / (np.array(own[:i]) * own[i]))
            kept.append(np.linalg.svd(crossed, compute_uv=False).sum(axis=1))

    return {"plain": seconds(plain), "seconds": seconds(ours)}


def seconds(asked: Callable[[], object]) -> float:
    """Return the CPU seconds of one call."""
    start = time.process_time()
    asked()
    return time.process_time() - start


def child(name: str, folder: Path, profile: bool) -> None:
    """Run one row in this process and write what it found."""
    import conjugacy as cj

    rng = np.random.default_rng(1)
    small = rng.standard_normal((80, 3))
    cj.compare({"hidden": small, "outputs": small[:, :1]}, {"hidden": small**3, "outputs": small[:, 1:2]})  # imports
    if name == "all pairs":
        found: dict[str, Any] = all_pairs()
    else:
        a, b = _load(folder, "a"), _load(folder, "b")
        before = _resident("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
        if profile:
            _profiled(lambda: work(name, a, b))
            return
        kept: list[Any] = []
        spent = seconds(lambda: kept.append(work(name, a, b)))
        peak = _resident("VmHWM") - before
        asked = (
            0.0 if isinstance(kept[0], dict) or name in LARGE else seconds(lambda: kept.append(kept.pop().to_dict()))
        )
        layers = sum(x.size * 8 for side in (a, b) for x in (side.values() if isinstance(side, dict) else [side]))
        found = {
            "seconds": spent,
            "record_seconds": asked,
            "peak": peak,
            "record_peak": _resident("VmHWM") - before,
            "layers": layers / 2**20,
            "record": None if name in LARGE else kept[0],
        }
    square = rng.standard_normal((SIDE, SIDE))
    found["product"] = statistics.median(seconds(lambda: square @ square) for _ in range(3))
    (folder / "found.json").write_text(json.dumps(found, default=str))


def _resident(which: str) -> float:
    """Return the memory of this process in MiB, now or at its peak."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(which))
    return int(line.split()[1]) / 1024


def _save(folder: Path, side: str, given: Any) -> None:
    for key, values in (given if isinstance(given, dict) else {"": given}).items():
        np.save(folder / f"{side}_{key}.npy", values)


def _load(folder: Path, side: str) -> Any:
    found = {path.stem.partition("_")[2]: np.load(path) for path in sorted(folder.glob(f"{side}_*.npy"))}
    return found.get("", found)


def _profiled(asked: Callable[[], object]) -> None:
    import cProfile
    import pstats

    profiler = cProfile.Profile(time.process_time)
    profiler.runcall(asked)
    pstats.Stats(profiler).sort_stats("cumulative").print_stats("conjugacy|scipy|numpy", 90)


def run(name: str, source: Path, *, profile: bool = False) -> dict[str, Any]:
    """Run one row in a process of its own with the code of a folder."""
    threads = {key: "1" for key in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        if name != "all pairs":
            for side, given in zip("ab", pair(name), strict=True):
                _save(folder, side, given)
        command = [sys.executable, __file__, "--child", name, made, *(["--profiled"] if profile else [])]
        done = subprocess.run(command, env={**os.environ, **threads, "PYTHONPATH": str(source / "src")}, check=False)
        if done.returncode:
            return {"failed": done.returncode}
        return {} if profile else json.loads((folder / "found.json").read_text())


def code_of(folder: Path) -> str:
    """Return what names the code in a folder: its commit, and what was changed since."""
    asked = ["rev-parse", "--short", "HEAD"], ["diff", "HEAD", "--", "src"]
    commit, changed = (
        subprocess.run(["git", "-C", str(folder), *one], capture_output=True, text=True, check=True).stdout
        for one in asked
    )
    return commit.strip() + (f"+{blake2b(changed.encode(), digest_size=3).hexdigest()}" if changed else "")


def differences(old: Any, new: Any, path: str = "") -> tuple[float, list[str]]:
    """Return the largest difference of two numbers in records, relative to the larger, at least 1e-3, and where words differ."""
    if path in ("/settings/versions", "/settings/provenance"):
        return 0.0, []
    if isinstance(old, dict) and isinstance(new, dict):
        parts = [differences(old.get(key), new.get(key), f"{path}/{key}") for key in sorted({*old, *new})]
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        parts = [differences(x, y, f"{path}/{i}") for i, (x, y) in enumerate(zip(old, new, strict=True))]
    elif isinstance(old, (int, float)) and isinstance(new, (int, float)) and not isinstance(old, bool):
        apart = abs(old - new) / max(abs(old), abs(new), 1e-3)
        return apart, [f"{path}: {old:.6g} -> {new:.6g}"] if apart > 1e-6 else []
    else:
        return (0.0, []) if old == new else (0.0, [f"{path}: {old!r:.90} -> {new!r:.90}"])
    return max((apart for apart, _ in parts), default=0.0), [line for _, said in parts for line in said]


def show(name: str, label: str, found: dict[str, Any]) -> None:
    """Print one line of the table."""
    if "failed" in found:
        print(f"{name:<18}{label:<16} did not end: {found['failed']}", flush=True)
        return
    units = found["seconds"] / found["product"]
    if name == "all pairs":
        print(f"{name:<18}{label:<16}{found['seconds']:>8.2f} s, plain {found['plain']:.2f} s", flush=True)
        return
    whole = (found["seconds"] + found["record_seconds"]) / found["product"]
    allowed = 6 * found["layers"] + 100
    goal = f"{WHOLE[name]:>7.1f}" if name in WHOLE else " " * 7
    print(
        f"{name:<18}{label:<16}{found['seconds']:>8.2f}{found['product']:>9.2f}{units:>8.2f}{goal}{whole:>8.2f}"
        f"{found['peak']:>9.0f}{allowed:>9.0f}{found['record_peak']:>9.0f}",
        flush=True,
    )


def main() -> None:
    """Run the rows, each in a process of its own, and print the table."""
    if "--child" in sys.argv:
        name, folder = sys.argv[2:4]
        child(name, Path(folder), "--profiled" in sys.argv)
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the small rows only")
    parser.add_argument("--row", nargs="+", choices=(*ROWS, *LARGE), help="these rows only")
    parser.add_argument("--old", help="another commit to compare with this code")
    parser.add_argument("--table", type=Path, help="a file of JSON lines that keeps what was run")
    parser.add_argument("--profile", choices=(*ROWS, *LARGE), help="print where the time of one row goes")
    given = parser.parse_args()
    if given.profile:
        run(given.profile, HERE, profile=True)
        return
    lines = (
        [json.loads(x) for x in given.table.read_text().splitlines()] if given.table and given.table.exists() else []
    )
    known = {(line["name"], line["code"]): line["found"] for line in lines}
    with tempfile.TemporaryDirectory() as made:
        sources = [("this", HERE)]
        if given.old:
            subprocess.run(
                ["git", "-C", str(HERE), "worktree", "add", "-q", "--detach", f"{made}/old", given.old], check=True
            )
            sources.insert(0, ("old", Path(made) / "old"))
        try:
            print(
                f"{'row':<18}{'code':<16}{'CPU s':>8}{'product':>9}{'units':>8}{'goal':>7}{'record':>8}"
                f"{'MiB':>9}{'allowed':>9}{'record':>9}"
            )
            for name in given.row or (QUICK if given.quick else ROWS):
                both: list[dict[str, Any]] = []
                for _, source in sources:
                    code = code_of(source)
                    if (name, code) not in known:
                        known[name, code] = run(name, source)
                        if given.table:
                            with given.table.open("a") as file:
                                file.write(json.dumps({"name": name, "code": code, "found": known[name, code]}) + "\n")
                    both.append(known[name, code])
                    show(name, code, both[-1])
                if len(both) == 2 and all(one.get("record") is not None for one in both):
                    apart, said = differences(both[0]["record"], both[1]["record"])
                    print(f"  record apart by {apart:.1e}", *said[:20], sep="\n    ")
        finally:
            if given.old:
                subprocess.run(["git", "-C", str(HERE), "worktree", "remove", "--force", f"{made}/old"], check=False)


if __name__ == "__main__":
    main()
