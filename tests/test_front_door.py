"""The first page leads to every page once; the lists of examples and of other tools' statements are those of the files."""

from __future__ import annotations

import ast
import csv
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
INDEX = (DOCS / "index.md").read_text(encoding="utf-8")
TOOLS = ROOT / "benchmarks" / "other_tools"


def linked(text: str) -> list[str]:
    return re.findall(r"\]\((\w+)\.md(?:#[^)]*)?\)", text)


def test_the_first_page_links_every_page_once() -> None:
    found = linked(INDEX)
    assert sorted(found) == sorted(path.stem for path in DOCS.glob("*.md") if path.stem != "index")
    in_contents = re.findall(r"^(\w+)$", INDEX, flags=re.MULTILINE)
    assert len(in_contents) == len(set(in_contents))
    assert INDEX.count("{toctree}") == INDEX.count(":hidden:")  # the lists are in the margin, not on the page again


@pytest.mark.parametrize("page", sorted(DOCS.glob("recipe_*.md")), ids=lambda path: path.stem)
def test_a_recipe_needs_at_most_six_commands(page: Path) -> None:
    """Count what is copied for networks of one's own: calls after "start here" and lines of the shell, without checks."""
    text = page.read_text(encoding="utf-8")
    _, marker, after = text.partition("start here")
    assert marker, "the page says where its reader starts"
    blocks = re.findall(r"```(python|console)\n(.*?)```", after, flags=re.DOTALL)
    copied = [code for kind, code in blocks if kind == "python" and "assert" not in code]
    statements = [one for code in copied for one in ast.parse(code).body]
    calls = [one for one in statements if any(isinstance(part, ast.Call) for part in ast.walk(one))]
    lines = [line for kind, code in blocks if kind == "console" for line in code.splitlines()]
    assert 1 <= len(calls) + len(lines) <= 6
    assert "assert" in after or "test $?" in after, "what the page promises is tested"


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for page in [*DOCS.glob("*.md"), ROOT / "README.md", ROOT / "examples" / "README.md"]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not target.startswith("generated/") and not (page.parent / target).exists():
                broken.append((page.name, target))
    assert broken == []


def test_every_example_has_a_row_with_its_picture() -> None:
    rows = re.findall(r"`(examples/\w+/\w+\.py)` \| `(\w+\.png)`", (ROOT / "examples/README.md").read_text("utf-8"))
    scripts = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in (ROOT / "examples").glob("*/*.py")
        if "__main__" in path.read_text(encoding="utf-8")
    }
    assert sorted(script for script, _ in rows) == sorted(scripts)
    assert [(script, picture) for script, picture in rows if f'"{picture}"' not in scripts[script]] == []


def test_statements_on_other_tools_are_those_that_were_checked() -> None:
    with (TOOLS / "table.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["holds"] for row in rows} == {"True"}
    checked = {row["statement"] for row in rows}
    text = " ".join((DOCS / "other_tools.md").read_text(encoding="utf-8").split())
    said = {one for one in re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", text) if one != "italics"}
    assert len(said) > 10
    assert said <= checked
    versions = {(row["package"].lower(), row["version"]) for row in rows}
    pinned = {
        tuple(one.lower().split("=="))
        for path in TOOLS.glob("*.py")
        for one in re.findall(r'"([\w-]+==[\d.]+)"', path.read_text(encoding="utf-8"))
    }
    assert versions <= pinned
