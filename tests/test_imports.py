"""Imports run only downwards, and the contract that says so can fail."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections import Counter
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


FILES = {
    ".".join(f.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__"): f
    for f in SOURCE.rglob("*.py")
}
TREES = {name: ast.parse(file.read_text("utf-8")) for name, file in FILES.items()}


class _Imports(ast.NodeVisitor):
    """The modules of ours that one imports, inside functions too, but for types."""

    def __init__(self) -> None:
        self.found: set[str] = set()

    def visit_If(self, node: ast.If) -> None:
        if not (isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"):
            self.generic_visit(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        names = [f"{node.module}.{alias.name}" for alias in node.names]
        self.found |= {name if name in FILES else str(node.module) for name in names} & set(FILES)


def imports_of(tree: ast.AST) -> set[str]:
    visitor = _Imports()
    visitor.visit(tree)
    return visitor.found


def in_circles(graph: dict[str, set[str]]) -> set[str]:
    """Return what is left when all that imports nothing that is left has been taken away, from either end."""
    left = {name: there - {name} for name, there in graph.items()}
    while True:
        used = set().union(*left.values()) if left else set[str]()
        gone = {name for name, there in left.items() if not there & set(left) or name not in used}
        if not gone:
            return set(left)
        left = {name: there - gone for name, there in left.items() if name not in gone}


def test_no_file_is_part_of_a_circle() -> None:
    assert in_circles({name: imports_of(tree) for name, tree in TREES.items()}) == set()


def test_a_circle_would_be_seen() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}
    assert in_circles(graph) == {"b", "c"}
    here = ast.parse(
        "def f():\n    from conjugacy.measure import get_measure\nif TYPE_CHECKING:\n    from conjugacy import study\n"
    )
    assert imports_of(here) == {"conjugacy.measure"}


def test_files_stay_short() -> None:
    long = {name: len(file.read_text("utf-8").splitlines()) for name, file in FILES.items()}
    assert {name: lines for name, lines in long.items() if lines > 300} == {}


def test_a_class_has_its_name_alone() -> None:
    names = Counter(node.name for tree in TREES.values() for node in tree.body if isinstance(node, ast.ClassDef))
    assert {name: count for name, count in names.items() if count > 1} == {}


def test_what_travels_inside_travels_as_one_object() -> None:
    doors = {"record", "compare", "convert", "pairwise", "plan", "gate", "transfer"}  # what users call
    many = {
        f"{name}.{node.name}": len(node.args.args) + len(node.args.kwonlyargs)
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name not in doors
    }
    assert {name: count for name, count in many.items() if count > 8} == {}
