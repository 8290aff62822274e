"""Which test runs which function, and how long it takes."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

TESTS = tuple(
    f"tests/{name}"
    for name in (
        "verdict",
        "numerics",
        "storage",
        "measures",
        "transformations",
        "comparison",
        "data",
        "study",
        "dynamics",
        "sturdy",
        "test_function_axis.py",
        "fuzz",
        "activations/test_to_a_file.py",
    )
)
QUIET = ("-q", "--no-header", "-p", "no:cacheprovider", "-m", "not slow and not gpu and not browser")


@dataclass
class Survey:
    """A plugin of pytest that notes, for each test, its CPU seconds and the functions of these folders that it ran."""

    inside: tuple[str, ...]
    found: dict[str, dict[str, Any]]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Note what one test runs."""
        codes: set[CodeType] = set()

        def seen(frame: FrameType, event: str, arg: object) -> None:
            codes.add(frame.f_code)

        start = time.process_time()
        sys.settrace(seen)
        threading.settrace(seen)
        try:
            answer = yield
        finally:
            sys.settrace(None)
            threading.settrace(None)
        ran = {(Path(code.co_filename), code.co_firstlineno) for code in codes if "/conjugacy/" in code.co_filename}
        places = sorted(f"{place}:{line}" for path, line in ran if (place := self._place(path)))
        self.found[item.nodeid] = {"seconds": round(time.process_time() - start, 3), "functions": places}
        return answer

    def _place(self, path: Path) -> str:
        text = path.as_posix()
        place = text[text.rindex("/conjugacy/") + 1 :]
        return "src/" + place if place.startswith(self.inside) else ""


def survey(folders: Sequence[str], to: Path) -> dict[str, dict[str, Any]]:
    """Run the tests once in the folder that is the current one; what is written is not run again."""
    if not to.exists():
        found: dict[str, dict[str, Any]] = {}
        plugin = Survey(tuple(f"conjugacy/{folder}/" for folder in folders), found)
        pytest.main([*QUIET, *TESTS, *(f"src/conjugacy/{folder}" for folder in folders)], plugins=[plugin])
        to.write_text(json.dumps(found))
    return json.loads(to.read_text())
