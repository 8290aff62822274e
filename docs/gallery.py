"""The gallery's cards, from the tables of `examples/README.md` and the pictures in `docs/_static/gallery`."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "_static" / "gallery"
ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| `(examples/\w+/\w+\.py)` \| `(\w+)\.png` \|$", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """One row of the tables: which figure it is, what it asks, the script, the picture's name."""

    paper: str
    question: str
    script: Path
    name: str

    @property
    def picture(self) -> Path:
        """Where its picture is kept."""
        return PICTURES / f"{self.name}.webp"

    @property
    def printed(self) -> Path:
        """What a run over all seeds printed."""
        return self.script.parent / "results" / f"{self.name}.txt"


def groups() -> dict[str, list[Example]]:
    """Return the examples by the question that their table stands under."""
    _, *parts = re.split(r"^## (.+)$", (ROOT / "examples/README.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    rows = {title: ROW.findall(text) for title, text in zip(parts[::2], parts[1::2], strict=True)}
    return {
        title: [Example(paper, question, ROOT / script, name) for paper, question, script, name in found]
        for title, found in rows.items()
        if found
    }


def card(example: Example) -> str:
    """Return one card: the picture that opens in full, the question, where it comes from."""
    if example.picture.exists():
        source = f"_static/gallery/{example.picture.name}"
        alt = html.escape(f"Picture: {example.question}", quote=True)
        shown = f'<a href="{source}"><img src="{source}" alt="{alt}" loading="lazy"></a>'
    else:
        shown = "*Not drawn here: run the script to see its picture.*"
    script = example.script.relative_to(ROOT).as_posix()
    asked = example.question[0].upper() + example.question[1:]
    return f":::{{container}} example\n{shown}\n\n**{asked}**\n\n{example.paper}. `{script}`\n:::"


def said(example: Example) -> str:
    """Return what the script printed over all seeds, folded."""
    path = Path("..") / example.printed.relative_to(ROOT)
    return (
        f"<details><summary>What <code>{example.name}.py</code> printed over all seeds</summary>\n\n"
        f"```{{literalinclude}} {path.as_posix()}\n:language: text\n```\n\n</details>"
    )


def page() -> str:
    """Return all cards, group by group, each group followed by what its scripts printed."""
    blocks: list[str] = []
    for title, examples in groups().items():
        blocks += [f"## {title}", "::::{container} cards", *map(card, examples), "::::"]
        blocks += [said(example) for example in examples if example.printed.exists()]
    return "\n\n".join(blocks) + "\n"
