"""Phrases that read as if translated stay out of what a user can meet; `docs/terms.md` says what stands in their place."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from test_public_docs import PUBLIC

from conjugacy.report.statements import statements, words_in

MOST_WORDS, MOST_IN_PROSE = 30, 35
ROOT = Path(__file__).parents[1]
EVERYWHERE = (
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
BANNED = (
    *EVERYWHERE,
    r"hangs? together",
    r"nobody (?:said|told)",
    r"is (?:said|told) of\b",
    r"held against",
    r"worked out",
    r"\banew\b",
    r"once more",
    r"stands? beside",
    r"kept aside",
    r"by turns",
    r"as it always has",
    r"of one's own",
    r"(?:was|were) to (?:answer|be answered)",
)
ENDINGS = {".py", ".html", ".js", ".md"}


@cache
def documents() -> dict[str, str]:
    """Return every page of prose; the list of preferred terms without its column of words that we do not write."""
    found = {
        path.name: path.read_text(encoding="utf-8")
        for path in [
            *(ROOT / "docs").glob("*.md"),
            *(ROOT / name for name in ("README.md", "VISION.md", "CONTRIBUTING.md")),
        ]
    }
    prose = {name: re.sub(r"^ {4}\S.*  # .*$", "", text, flags=re.MULTILINE) for name, text in found.items()}
    return {name: re.sub(r"^(\|[^|\n]*\|)[^|\n]*\|$", r"\1", text, flags=re.MULTILINE) for name, text in prose.items()}


@cache
def docstrings() -> dict[str, str]:
    """Return every public docstring without its sources and the code of its example."""
    found = {name: inspect.getdoc(one) or "" for name, one in PUBLIC.items()}
    return {
        name: re.sub(r"^(?:References|Examples)\n-+\n.*?(?=^\w+\n-+\n|\Z)", "", text, flags=re.M | re.S)
        for name, text in found.items()
    }


@cache
def notes() -> dict[str, str]:
    """Return what scripts say of themselves: examples and benchmarks, without the lines that are commands."""
    paths = [path for folder in ("examples", "benchmarks") for path in (ROOT / folder).rglob("*.py")]
    found = {path.relative_to(ROOT).as_posix(): ast.get_docstring(ast.parse(path.read_text("utf-8"))) for path in paths}
    return {name: re.sub(r"^(?: {4}|python ).*$", "", text or "", flags=re.MULTILINE) for name, text in found.items()}


@cache
def helps() -> dict[str, str]:
    """Return what scripts print and answer to `--help`."""
    paths = [path for folder in ("examples", "benchmarks") for path in (ROOT / folder).rglob("*.py")]
    found = {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8")) for path in paths}
    return {name: "\n".join(messages(tree)) for name, tree in found.items()}


def source() -> dict[str, str]:
    """Return the package as it stands, comments and private docstrings too."""
    found = [path for path in (ROOT / "src").rglob("*") if path.suffix in ENDINGS]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in found}


@cache
def shown() -> dict[str, str]:
    """Return what else a user can meet: texts in the source that are no docstrings, and the pages' templates and scripts."""
    return {
        name: "\n".join(messages(ast.parse(text))) if name.endswith(".py") else text for name, text in source().items()
    }


@pytest.mark.parametrize("phrase", EVERYWHERE)
def test_some_phrases_stand_in_no_comment_either(phrase: str) -> None:
    pattern = re.compile(phrase.replace(" ", r"\s+"), re.IGNORECASE)
    assert {name: match[0] for name, text in source().items() if (match := pattern.search(text))} == {}


@pytest.mark.parametrize("phrase", BANNED)
@pytest.mark.parametrize("where", [documents, docstrings, shown, notes, helps])
def test_a_banned_phrase_stands_nowhere(where: Callable[[], dict[str, str]], phrase: str) -> None:
    pattern = re.compile(phrase.replace(" ", r"\s+"), re.IGNORECASE)
    found = {name: match[0] for name, text in where().items() if (match := pattern.search(text))}
    assert found == {}


def sentences(text: str) -> list[str]:
    """Return the sentences of Markdown or of a docstring, in paragraphs, items and cells, without code."""
    text = re.sub(r"```.*?```|^ *>>>.*$", "\n\n", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(
        r"^\w+\n-{3,}$|^[\w *,]+ : .*$|^#.*$", "\n\n", text, flags=re.MULTILINE
    )  # headings, names of parameters
    text = re.sub(r"\]\([^)]*\)", "]", re.sub(r"`+[^`]*`+", "X", text))
    text = re.sub(r"^ *(?:[-*]|\d+\.) ", "\n\n", text, flags=re.MULTILINE)
    blocks = [part for block in re.split(r"\n\s*\n", text) for part in _parts(block)]
    return [one for block in blocks for one in re.split(r"(?<=[.?!])[*\"')]*\s+|; ", " ".join(block.split())) if one]


def _parts(block: str) -> list[str]:
    """Return the cells of a table, or a paragraph as it is."""
    return re.split(r"[|\n]", block) if block.lstrip().startswith("|") else [block]


def words(sentence: str) -> int:
    return len(re.findall(r"(?<![\w|_^=(])[A-Za-z][A-Za-z'-]+(?![\w|_^=(])|\bX\b|\b[aA]\b", sentence))


@pytest.mark.parametrize("where", [documents, docstrings, notes])
def test_no_sentence_of_prose_is_long(where: Callable[[], dict[str, str]]) -> None:
    long = {name: [one for one in sentences(text) if words(one) > MOST_IN_PROSE] for name, text in where().items()}
    assert {name: found for name, found in long.items() if found} == {}


def test_a_long_sentence_of_prose_would_be_found() -> None:
    long = " ".join(["word"] * 36)
    assert max(map(words, sentences(f"# A page\n\nShort.\n{long}.\n\n- {long}\n"))) == 36
    assert max(map(words, sentences(f"| {long} | x |"))) == 36
    assert max(map(words, sentences(f"Parameters\n----------\nx : int\n    {long}."))) == 36
    assert max(map(words, sentences(f"```python\n{long}\n```\nShort."))) == 1


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
    found = {
        name: [one for line in text.splitlines() for one in statements(line) if words_in(one) > MOST_WORDS]
        for name, text in shown().items()
        if name.endswith(".py")
    }
    assert {name: long for name, long in found.items() if long} == {}


def test_a_long_statement_in_the_source_would_be_found() -> None:
    many = " ".join(["word"] * 30)
    assert too_long(ast.parse(f'x = f"{many} {{y}}"')) == [f"{many} X"]
    assert too_long(ast.parse(f'x = f"{many}; {{y}}"')) == []


def test_scripts_are_looked_at() -> None:
    assert len(notes()) > 80
    assert all(notes().values())
    assert "first seed" in helps()["benchmarks/dynamics/partial.py"]
