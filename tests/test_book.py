"""Public names by topic, the gallery's cards, the notebooks, links into pages, and what the search has to find."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from test_public_docs import DOORS

import conjugacy as cj

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
OUTSIDE = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "examples/README.md", "findings/README.md")]
NOTEBOOKS = sorted((DOCS / "notebooks").glob("*.md"))


def test_every_public_name_stands_once_under_a_topic() -> None:
    page = (DOCS / "api.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\.\. auto\w+:: conjugacy\.([\w.]+)$", page, flags=re.MULTILINE)
    assert len(shown) == len(set(shown))
    assert set(cj.__all__) <= set(shown)
    under = [part for part in re.split(r"^## ", page, flags=re.MULTILINE)[1:] if ".. auto" in part]
    assert sum(part.count(".. auto") for part in under) == len(shown), "none stands above the first topic"
    blocks = re.findall(
        r'"([\w.]+)": "', (DOCS / "make_pictures.py").read_text("utf-8").split("def building_blocks")[1]
    )
    assert set(DOORS) <= {*blocks, "comparison.gate"}
    assert {"comparison.gate.GateResult", "gate"} <= set(shown)


def test_the_gallery_shows_pictures_that_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(DOCS)
    monkeypatch.delitem(sys.modules, "gallery", raising=False)
    import gallery

    examples = [one for found in gallery.groups().values() for one in found]
    assert len(gallery.groups()) > 3
    kept = {path.stem for path in gallery.PICTURES.glob("*.webp")}
    assert len(kept) >= 20
    assert kept <= {one.name for one in examples}, "a picture without a script is left from before"
    text = gallery.page()
    assert text.count("<img ") == len(kept)
    assert text.count("Not drawn here") == len(examples) - len(kept)
    assert text.count("<details>") == text.count("literalinclude") == sum(one.printed.exists() for one in examples)
    for path in re.findall(r"literalinclude\} (\S+)", text):
        assert (DOCS / path).exists()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_read_cell_by_cell(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    cells = re.findall(r"```\{code-cell\} python\n(.*?)```", text, flags=re.DOTALL)
    assert len(cells) >= 6
    assert max(cell.count("\n") for cell in cells) <= 45, "a cell is read at one look"
    for cell in cells:
        compile(cell.replace(":tags: [remove-cell]", ""), path.name, "exec")
    checks = [cell for cell in cells if ":tags: [remove-cell]" in cell]
    assert any("assert " in cell for cell in checks), "what the page says of its outputs is checked"
    assert f"notebooks/{path.stem}" in (DOCS / "index.md").read_text(encoding="utf-8")


def test_there_are_notebooks() -> None:
    assert len(NOTEBOOKS) >= 3


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as they are made on a web page."""
    without_code = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", without_code, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", [*OUTSIDE, *NOTEBOOKS], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_outside_the_built_pages_lead_somewhere(page: Path) -> None:
    broken: list[str] = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        leads_to = (page.parent / name).resolve() if name else page
        if not leads_to.exists() or (anchor and anchor not in anchors(leads_to)):
            broken.append(target)
    assert broken == []


def test_anchors_are_those_of_headings() -> None:
    assert {"where-do-you-start", "which-page-for-me"} <= anchors(DOCS / "index.md")
    assert "no-such-heading" not in anchors(DOCS / "index.md")


@pytest.mark.parametrize("word", ["CKA", "NWB", "ONNX", "quantized"])
def test_what_readers_search_for_is_written_somewhere(word: str) -> None:
    prose = [path.stem for path in DOCS.glob("*.md") if re.search(rf"\b{word}\b", path.read_text("utf-8"), flags=re.I)]
    assert prose
