"""The pages' examples run as they stand, in the order of the page; what they say of measures is read from the registry."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parents[1] / "docs"
PAGES = sorted(p for p in DOCS.glob("*.md") if "```python" in p.read_text() or "```console" in p.read_text())
BLOCK = re.compile(r"```(python|console)\n(.*?)```", flags=re.DOTALL)


LONG = (
    "start",
    "dynamics",
    "transformations",
    "shared",
    "transfer",
    "many",
    "gate",
    "onnx",
    "recipe_gate",
    "recipe_neural",
    "recipe_layers",
    "recipe_checkpoints",
    "recipe_distilled",
    "recipes",
    "frameworks",
    "laboratory",
)  # pages that train or export networks, or compare in full
OF_TORCH = [pytest.mark.filterwarnings("ignore::FutureWarning")]  # its exporters warn of torch itself
WARNED = {"onnx": OF_TORCH, "frameworks": OF_TORCH}
PARAMETERS = [
    pytest.param(p, id=p.stem, marks=[*([pytest.mark.slow] if p.stem in LONG else []), *WARNED.get(p.stem, [])])
    for p in PAGES
]


@pytest.mark.parametrize("page", PARAMETERS)
def test_the_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    module = ModuleType("page")
    monkeypatch.setitem(sys.modules, "page", module)  # a dataclass asks for the module it stands in
    for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind == "python":
            exec(compile(text, page.name, "exec", dont_inherit=True), vars(module))
        else:
            for line in text.splitlines():
                run(line.removeprefix("$ "))


def run(command: str) -> None:
    folder = str(Path(sys.executable).parent)
    environment = os.environ | {"PATH": folder + os.pathsep + os.environ["PATH"]}
    done = subprocess.run(command, shell=True, env=environment, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_every_page_stands_in_the_table_of_contents() -> None:
    listed = set(re.findall(r"^(\w+)$", (DOCS / "index.md").read_text(), flags=re.MULTILINE))
    assert listed == {p.stem for p in DOCS.glob("*.md")} - {"index"}


def test_pictures_exist_for_every_answer() -> None:
    text = (DOCS / "make_pictures.py").read_text()
    wanted = set(re.findall(r"generated/([\w-]+)\.(?:svg|txt)", (DOCS / "verdicts.md").read_text()))
    assert wanted == {name for name in wanted if f'"{name}"' in text}
