"""Imports run only downwards, and the contract that says so can fail."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "conjugacy"
LINTER = Path(sys.executable).parent / "lint-imports"


def test_the_contract_holds_without_exceptions() -> None:
    assert (
        "ignore_imports"
        not in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"][0]
    )
    done = subprocess.run([LINTER, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_contract_sees_an_upward_import(tmp_path: Path) -> None:
    package = tmp_path / "conjugacy"
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"][0]
    names = [n.strip(" ()") for layer in settings["layers"] for n in layer.split("|")]
    for name in names:
        (package / name).mkdir(parents=True)
        (package / name / "__init__.py").write_text("")
    (package / "__init__.py").write_text("")
    (package / "numerics" / "__init__.py").write_text("from conjugacy import measures\n")
    done = subprocess.run(
        [LINTER, "--no-cache", "--config", str(ROOT / "pyproject.toml")],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "conjugacy.numerics is not allowed to import conjugacy.measures" in done.stdout


def test_torch_is_imported_only_inside_functions() -> None:
    for file in SOURCE.rglob("*.py"):
        if file.name == "torch_module.py":  # subclasses torch's classes; loaded by those who ask for a torch module
            continue
        tree = ast.parse(file.read_text("utf-8"))
        for node in tree.body:
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(n.split(".")[0] == "torch" for n in names), file


def test_files_stay_short() -> None:
    long = {str(f.relative_to(SOURCE)): len(f.read_text("utf-8").splitlines()) for f in SOURCE.rglob("*.py")}
    assert {name: lines for name, lines in long.items() if lines > 400} == {}
