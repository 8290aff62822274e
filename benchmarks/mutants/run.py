"""Put each fault into a copy of the tree and run the tests that reach it, until one fails."""

from __future__ import annotations

import argparse
import csv
import importlib
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from mutants.operators import Mutant, mutants_of
from mutants.survey import QUIET, survey

ROOT = Path(__file__).parents[2]
FOLDERS = ("verdict", "numerics", "storage")
CASES = Path(__file__).parent / "cases.csv"
EQUIVALENT = Path(__file__).parent / "equivalent.csv"  # by hand: no test can tell these, and why
COLUMNS = ("folder", "file", "line", "column", "kind", "was", "becomes", "source", "tests", "outcome", "by", "seconds")
# loaded once, before processes are forked: most of the time of a short test
LOADED = (
    *("numpy", "scipy.stats", "scipy.optimize", "scipy.spatial", "scipy.sparse.csgraph", "sklearn.neighbors", "pandas"),
    *(
        "xarray",
        "zarr",
        "h5py",
        "hypothesis",
        "safetensors.numpy",
        "matplotlib.figure",
        "joblib",
        "jsonschema",
        "torch",
    ),
)
PATIENCE = 20  # CPU seconds beyond what the tests took
MEMORY = 12 << 30  # of addresses, most of which torch only reserves


def every(tree: Path, folder: str) -> list[Mutant]:
    """Return all mutants of a folder."""
    return [m for path in sorted((tree / "src/conjugacy" / folder).rglob("*.py")) for m in mutants_of(path, tree)]


def sample(tree: Path, count: int, seed: int) -> list[Mutant]:
    """Return so many mutants, of each folder as many."""
    rng, found = random.Random(seed), []
    for number, folder in enumerate(FOLDERS):
        found += rng.sample(every(tree, folder), (count + number) // len(FOLDERS))
    rng.shuffle(found)
    return found


def tests_of(mutant: Mutant, known: dict[str, dict[str, Any]], seconds: float) -> list[str]:
    """Return the tests that run the function of a mutant, those of its own file first, then the short, within the time."""
    place = f"{mutant.file}:{mutant.function}"
    stem, folder = Path(mutant.file).stem, Path(mutant.file).parts[2]

    def of(name: str) -> tuple[int, float]:
        file = name.partition("::")[0]
        mirrored = file == mutant.file or Path(file).stem == f"test_{stem}"
        return 0 if mirrored else 1 if file.startswith((f"tests/{folder}/", "src/")) else 2, known[name]["seconds"]

    comes = [
        name
        for name, one in known.items()
        if (place in one["functions"] if mutant.function else any(f.startswith(mutant.file) for f in one["functions"]))
    ]
    chosen: list[str] = []
    left = seconds
    for name in sorted(comes, key=of):
        if known[name]["seconds"] <= left or not chosen:
            chosen.append(name)
            left -= known[name]["seconds"]
    return chosen


class Chosen:
    """A plugin of pytest: these tests in this order, and the name of the one that fails."""

    def __init__(self, names: Sequence[str], told: Path) -> None:
        self.names, self.told = names, told

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the chosen, in order."""
        by_name = {item.nodeid: item for item in items}
        items[:] = [by_name[name] for name in self.names if name in by_name]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note who failed."""
        if report.failed:
            self.told.write_text(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note what could not be imported."""
        if report.failed:
            self.told.write_text(f"{report.nodeid} is not imported")


def in_a_fork(tree: Path, names: Sequence[str], seconds: float) -> tuple[str, str, float]:
    """Run tests in a process of its own: the outcome, the test that failed, and CPU seconds."""
    told = tree / "told"
    told.unlink(missing_ok=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = os.fork()
    if not child:
        code = 70
        with suppress(BaseException):
            resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + PATIENCE, int(seconds) + PATIENCE + 5))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            silent = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(silent, stream)
            files = list(dict.fromkeys(name.partition("::")[0] for name in names))
            code = int(
                pytest.main([*QUIET, "-x", "--basetemp", str(tree / "tmp"), *files], plugins=[Chosen(names, told)])
            )
        os._exit(code)
    end = time.monotonic() + 10 * (seconds + PATIENCE)
    while (done := os.waitpid(child, os.WNOHANG))[0] == 0:
        if time.monotonic() > end:
            os.kill(child, 9)
        time.sleep(0.05)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    by = told.read_text() if told.exists() else ""
    if os.WIFSIGNALED(done[1]):
        return "killed", "time, or memory", used
    return ("survived" if os.waitstatus_to_exitcode(done[1]) == 0 else "killed"), by, used


def row_of(mutant: Mutant, source: bytes) -> dict[str, Any]:
    """Return what is said of a mutant before it is tried."""
    return {
        "folder": Path(mutant.file).parts[2],
        "file": mutant.file.removeprefix("src/conjugacy/"),
        **{name: str(getattr(mutant, name)) for name in ("line", "column", "kind", "becomes")},
        "was": " ".join(mutant.was.split()),
        "source": sha256(source).hexdigest()[:8],
    }


def key(row: dict[str, Any]) -> tuple[str, ...]:
    """Return what tells a mutant from all others, of other versions of its file too."""
    return tuple(row[name] for name in ("file", "line", "column", "becomes", "source"))


def table(rows: Sequence[dict[str, Any]], equal: Sequence[dict[str, Any]]) -> str:
    """Return what came of the mutants, by folder; those that change nothing that could be seen are counted by themselves."""
    same = {place(row) for row in equal}
    head = f"{'folder':10}{'mutants':>9}{'killed':>9}{'survived':>10}{'no test':>9}{'equivalent':>12}"
    lines = [f"{head}{'killed of all':>15}{'of others':>11}"]
    for folder in (*FOLDERS, "all"):
        mine = [row for row in rows if folder in (row["folder"], "all")]
        found = Counter(
            "equivalent" if place(row) in same and row["outcome"] != "killed" else row["outcome"] for row in mine
        )
        n, others = max(len(mine), 1), max(len(mine) - found["equivalent"], 1)
        counts = f"{len(mine):9}{found['killed']:9}{found['survived']:10}{found['no test']:9}{found['equivalent']:12}"
        lines.append(f"{folder:10}{counts}{found['killed'] / n:15.1%}{found['killed'] / others:11.1%}")
    return "\n".join(lines)


def place(row: dict[str, Any]) -> tuple[str, ...]:
    """Return where a mutant stands, and what it becomes."""
    return tuple(row[name] for name in ("file", "line", "column", "becomes"))


def read(path: Path = CASES) -> list[dict[str, Any]]:
    """Return what was found before."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def written(rows: Sequence[dict[str, Any]]) -> None:
    """Write what was found, after every mutant, so that a run can be stopped."""
    with CASES.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Run what is asked for, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=4.0, help="CPU seconds of tests for each mutant")
    parser.add_argument("--survivors", action="store_true")
    parser.add_argument("--table", action="store_true")
    asked = parser.parse_args()
    if not asked.table:
        run(asked.count, asked.seed, asked.seconds, again=asked.survivors)
    print(table(read(), read(EQUIVALENT)))


def run(count: int, seed: int, seconds: float, *, again: bool) -> None:
    """Try the mutants that were not tried, or those again that survived."""
    place = ROOT / "build" / "mutants"
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        tree = copied(Path(made))
        child = os.fork()
        if not child:
            survey(FOLDERS, place / "survey.json")
            os._exit(0)
        os.waitpid(child, 0)
        known = survey(FOLDERS, place / "survey.json")
        for name in LOADED:
            with suppress(ImportError):
                importlib.import_module(name)
        done = {key(row): row for row in read()}
        mutants = [m for folder in FOLDERS for m in every(tree, folder)] if again else sample(tree, count, seed)
        for mutant in mutants:
            path = tree / mutant.file
            whole = path.read_bytes()
            row = row_of(mutant, whole)
            kept = done.get(key(row))
            if (kept is None or kept["outcome"] != "survived") if again else kept is not None:
                continue
            names = tests_of(mutant, known, seconds)
            row.update(tests=len(names), outcome="no test", by="", seconds=0)
            if names:
                _forget(path)
                path.write_bytes(mutant.applied(whole))
                outcome, by, used = in_a_fork(tree, names, seconds)
                path.write_bytes(whole)
                _forget(path)
                row.update(outcome=outcome, by=by, seconds=round(used, 1))
            done[key(row)] = row
            written(list(done.values()))


def copied(tree: Path) -> Path:
    """Copy what tests need, and make the copy the current folder, and what is imported."""
    for name in ("src", "tests", "docs", "examples", "benchmarks"):
        ignored = shutil.ignore_patterns("__pycache__", "calibration", "*.egg-info")
        shutil.copytree(ROOT / name, tree / name, ignore=ignored)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, tree)
    os.chdir(tree)
    sys.path.insert(0, str(tree / "src"))
    os.environ.update(PYTHONPATH=str(tree / "src"), PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    return tree


def _forget(path: Path) -> None:
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
        compiled.unlink()
