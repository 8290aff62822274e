"""What two layers share as a piece of HTML for notebooks: no script, no style sheet, the notebook's own colours."""

from __future__ import annotations

import hashlib
import html

from conjugacy.report.comparison.table import printable
from conjugacy.report.figures.shared import LABEL, shared_figure
from conjugacy.report.shared_words import attribute_sentences, shared_sentences
from conjugacy.report.stimulus_pictures import PicturedEnds, pictured_ends
from conjugacy.results import SharedPart

# the page's variables, in colours that can be read on light and on dark
_COLOURS = "--ink:currentColor;--muted:#888;--paper:transparent;--edge:#888;--a-to-b:#3a93c8"
_ROW = "display:flex;flex-wrap:wrap;gap:.5em 2em;margin:.4em 0 .8em"
_PICTURE = "display:block;width:3.2em;image-rendering:pixelated"


def shared_block(found: SharedPart) -> str:
    """Return the figure, the sentences, and the stimuli that stand out."""
    # ids inside of a figure are those of the whole notebook, where several comparisons may stand
    digest = hashlib.blake2b(repr((found.directions, found.private_parts)).encode(), digest_size=6).hexdigest()
    figure = shared_figure(found, f"shared-{digest}-", LABEL)
    said = "".join(f"<li>{_escape(s)}</li>" for s in (*shared_sentences(found), *attribute_sentences(found)))
    ends = pictured_ends(found)
    note = f"<p>{_escape(ends[0].note)}.</p>" if ends and ends[0].note else ""
    return (
        '<details open style="overflow-wrap:anywhere"><summary>what they share</summary>'
        f'<div style="max-width:46em;{_COLOURS}">{figure}</div>'
        f"<ul>{said}</ul>{''.join(map(_ends, ends))}{note}</details>"
    )


def _ends(end: PicturedEnds) -> str:
    told = f" {_escape(end.told)}." if end.told else ""
    if not end.ends:
        return f"<p>{_escape(end.sentence)}.{told}</p>"
    sides = "".join(f'<span style="display:flex;gap:.3em">{_side(side)}</span>' for side in end.ends if side)
    return f'<p>{_escape(end.title)}.{told}</p><div style="{_ROW}">{sides}</div>'


def _side(side: tuple[tuple[str, str], ...]) -> str:
    return "".join(
        f'<img src="{address}" style="{_PICTURE}" title="{_escape(name)}" alt="stimulus {_escape(name)}">'
        for name, address in side
    )


def _escape(text: str) -> str:
    return html.escape(printable(text))
