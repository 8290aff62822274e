"""The Python of the pages, the notebooks and the README holds before a type checker, as a reader's editor shows it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs/notebooks").glob("*.md"), ROOT / "README.md"]
# a last expression is what a notebook shows; the packages of some pages have no types
SETTINGS = {"typeCheckingMode": "standard", "pythonVersion": "3.11", "reportUnusedExpression": False}
SETTINGS |= {"reportMissingTypeStubs": False, "reportMissingModuleSource": False, "extraPaths": [str(ROOT / "src")]}


def python_of(page: str) -> str:
    """Return the page's blocks of Python, each on the lines where it stands."""
    kept: list[str] = []
    inside = False
    for line in page.splitlines():
        opens = re.fullmatch(r"```(python|\{code-cell\} python)", line) is not None
        inside = not line.startswith("```") and inside
        kept.append(line if inside and not line.startswith(":tags:") else "")
        inside = inside or opens
    return "\n".join(kept).rstrip() + "\n"


def complaints(folder: Path) -> list[str]:
    """Return what pyright says of the modules of a folder."""
    (folder / "pyrightconfig.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
    command = [sys.executable, "-m", "pyright", "--outputjson", "-p", str(folder), "--pythonpath", sys.executable]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500)
    said = json.loads(done.stdout)
    assert said["summary"]["filesAnalyzed"] == len(list(folder.glob("*.py"))), "every module was looked at"
    return [
        f"{Path(one['file']).stem}:{one['range']['start']['line'] + 1}: {one['message']}"
        for one in said["generalDiagnostics"]
        if one["severity"] == "error"
    ]


@pytest.mark.slow
def test_examples_of_the_pages_are_typed_as_they_are_used(tmp_path: Path) -> None:
    for page in PAGES:
        code = python_of(page.read_text(encoding="utf-8"))
        if code.strip():
            (tmp_path / f"{page.stem}.py").write_text(code, encoding="utf-8")
    (tmp_path / "wrong.py").write_text("import conjugacy as cj\n\ncj.Activations(1, stimulus=3)\n", encoding="utf-8")
    found = complaints(tmp_path)
    assert [one for one in found if not one.startswith("wrong:")] == []
    assert found != [], "a name that does not exist is found"


def test_blocks_keep_their_lines() -> None:
    page = (
        "text\n```python\nx = 1\n```\n```console\n$ no\n```\n```{code-cell} python\n:tags: [remove-cell]\ny = 2\n```\n"
    )
    assert python_of(page).splitlines() == ["", "", "x = 1", "", "", "", "", "", "", "y = 2"]
