"""Shared fixtures, and which worker runs what."""

from __future__ import annotations

import gc
import importlib.metadata
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # tests/constructed.py
# whose files share one browser, torch's derivatives, one other interpreter
TOGETHER = ("tests/browser/", "tests/activations/", "tests/test_contract")
IN_ANOTHER_INTERPRETER = """
import pickle, sys
import conjugacy as cj
while True:
    try:
        asked = pickle.load(sys.stdin.buffer)
    except EOFError:
        break
    found = {name: cj.get_measure(name)(*pair).value.hex() for name, pair in asked.items()}
    pickle.dump(found, sys.stdout.buffer)
    sys.stdout.buffer.flush()
"""
SOURCE = Path(__file__).parents[1] / "src"


def kept(look_up: Callable[..., Any]) -> Callable[..., Any]:
    """Look installed packages up once for every search path: each comparison asks for versions, and hundreds are made."""
    found: dict[Any, Any] = {}

    def answer(*args: str, **named: str) -> Any:
        asked = (tuple(sys.path), args, tuple(named.items()))
        if asked not in found:
            found[asked] = look_up(*args, **named)
        return found[asked]

    return answer


importlib.metadata.version = kept(importlib.metadata.version)
importlib.metadata.entry_points = kept(importlib.metadata.entry_points)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def fresh_process() -> Iterator[Callable[[dict[str, Any]], dict[str, str]]]:
    """The values of measures by name on their pairs, bit for bit, as an interpreter of its own works them out."""
    with subprocess.Popen(
        [sys.executable, "-c", IN_ANOTHER_INTERPRETER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        there, back = process.stdin, process.stdout

        def values(pairs: dict[str, Any]) -> dict[str, str]:
            pickle.dump(pairs, there)
            there.flush()
            return pickle.load(back)

        yield values


LOOKED_FOR = {"report", "examples"}  # where pages are looked at as a whole, as in these two files
WHOLE = {"test_shared", "test_widths", "test_kinds"}


@pytest.fixture(autouse=True)
def nothing_shared(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparisons that do not look for what layers share: a second of most records, and no part of any answer.

    `comparison/test_shared.py` tests it, and what is shown beside the tests' folders: docs, README, the demonstration.
    """
    place = (
        request.path.relative_to(Path(__file__).parent).parts if Path(__file__).parent in request.path.parents else ()
    )
    if len(place) > 1 and place[0] not in LOOKED_FOR and request.path.stem not in WHOLE:
        monkeypatch.setattr("conjugacy.comparison.shared.FEWEST_ROWS", 10**9)


@pytest.fixture
def short_curves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparisons that stop the curve over few units after two: two thirds of their time, and no part of any answer.

    `comparison/test_few_units.py` tests the whole curve, and that nothing else hangs on its length.
    """
    monkeypatch.setattr("conjugacy.comparison.few_units.MOST", 2)
    monkeypatch.setattr("conjugacy.comparison.few_units.RANDOM", 1)


class OnlyExamples:
    """Modules of ours in which no example stands are not imported to look for one."""

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        mine = collection_path.suffix == ".py" and SOURCE in collection_path.parents
        return True if mine and ">>>" not in collection_path.read_text(encoding="utf-8") else None


def pytest_collection_finish() -> None:
    """What was collected stays to the end, and is not looked through for garbage again and again; the rest not so often."""
    gc.enable()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_configure(config: pytest.Config) -> None:
    gc.disable()
    config.pluginmanager.register(OnlyExamples())  # a conftest is not asked for files outside of its folder


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give a file to one worker, so that what its tests share is made once, and some files that need the same."""
    if config.getoption("dist") != "load":
        return None
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return next((start for start in TOGETHER if file.startswith(start)), file)

    return ByFile(config, log)
