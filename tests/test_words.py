"""Phrases that read as if translated stay out of what a user can meet; `docs/terms.md` says what stands in their place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

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
