"""Phrases that read as if translated stay out of what a user can meet; `docs/terms.md` says what stands in their place."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from conjugacy.report.statements import statements, words_in

MOST_WORDS = 30
ROOT = Path(__file__).parents[1]
BANNED = (
    r"tells anything of",
    r"(?:a |in a )class(?:es)? of (?:its|their) own",
    r"for want of",
    r"\bno more fit",
    r"the more so",
    r"by the way",
    r"p by permutation",
    r"in the one and the other direction",
    r"the thing itself",
    r"\butili[sz]e",
    r"in order to",
)
ENDINGS = {".py", ".html", ".js", ".md"}


def texts() -> dict[str, str]:
    """Return what a user can meet: code with its docstrings, pages, documents."""
    found = [*(ROOT / "src").rglob("*"), *(ROOT / "docs").glob("*.md"), ROOT / "README.md"]
    own = "docs/terms.md"  # lists them
    names = {path.relative_to(ROOT).as_posix(): path for path in found if path.suffix in ENDINGS}
    return {name: path.read_text(encoding="utf-8") for name, path in names.items() if name != own}


@pytest.mark.parametrize("phrase", BANNED)
def test_a_banned_phrase_stands_nowhere(phrase: str) -> None:
    pattern = re.compile(phrase.replace(" ", r"\s+"), re.IGNORECASE)
    found = {name: match[0] for name, text in texts().items() if (match := pattern.search(text))}
    assert found == {}


def test_the_terms_are_listed() -> None:
    text = (ROOT / "docs" / "terms.md").read_text(encoding="utf-8")
    assert "| we write | not |" in text


def messages(tree: ast.AST) -> list[str]:
    """Return the texts of a module that are no docstrings; what is put in counts as one word."""
    passed_over = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    joined = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    passed_over |= {id(part) for whole in joined for part in ast.walk(whole) if part is not whole}
    texts = [node for node in ast.walk(tree) if id(node) not in passed_over]
    whole = [
        "".join(part.value if isinstance(part, ast.Constant) else "X" for part in node.values)
        for node in texts
        if isinstance(node, ast.JoinedStr)
    ]
    plain = [node.value for node in texts if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [line for text in (*whole, *plain) for line in text.splitlines()]


def too_long(tree: ast.AST) -> list[str]:
    return [one for text in messages(tree) for one in statements(text) if words_in(one) > MOST_WORDS]


def test_no_statement_in_the_source_is_long() -> None:
    files = sorted((ROOT / "src" / "conjugacy").rglob("*.py"))
    found = {file.name: too_long(ast.parse(file.read_text("utf-8"))) for file in files}
    assert {name: long for name, long in found.items() if long} == {}


def test_a_long_statement_in_the_source_would_be_found() -> None:
    many = " ".join(["word"] * 30)
    assert too_long(ast.parse(f'x = f"{many} {{y}}"')) == [f"{many} X"]
    assert too_long(ast.parse(f'x = f"{many}; {{y}}"')) == []
