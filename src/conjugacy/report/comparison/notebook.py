"""A comparison as a small piece of HTML for notebooks: no script, no style sheet, the notebook's own colours."""

from __future__ import annotations

import html
import zlib
from typing import TYPE_CHECKING

from conjugacy.report.comparison.compared import compared_words, size_words
from conjugacy.report.comparison.lines import lines_of
from conjugacy.report.comparison.scores import COLUMNS, score_row
from conjugacy.report.comparison.table import printable
from conjugacy.report.words import AxisWords

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison

_CELL = (
    "text-align:left;vertical-align:top;padding:.35em .8em;white-space:normal;overflow-wrap:break-word;min-width:5em"
)
_WORD = f"{_CELL};white-space:nowrap"  # a title or an answer is a word or two, which no column may break


def notebook_html(comparison: Comparison) -> str:
    """Return the verdict on every axis and on drop-in as an HTML table, the reasons and warnings folded under it.

    Examples
    --------
    >>> from conjugacy.comparison import Comparison
    >>> from conjugacy.results import AxisVerdict, Verdict
    >>> nothing = AxisVerdict.not_tested("no <outputs>")
    >>> shown = notebook_html(Comparison(Verdict(nothing, nothing, nothing), 0.05, 0, ("x", "y"), 0, {}))
    >>> "no &lt;outputs&gt;" in shown
    True
    """
    said = lines_of(comparison)
    a, b = (_named(comparison, i) for i in (0, 1))
    rows = "".join(_row(words) for words in said)
    return (
        '<div class="conjugacy-comparison" style="max-width:60em">'
        f'<p style="overflow-wrap:anywhere">A = {a}, B = {b}; {compared_words(comparison)}</p>'
        f'<table style="border-collapse:collapse"><tbody>{rows}</tbody></table>'
        f"{_scores(comparison)}{_picture(comparison)}{_shared(comparison)}{_details(comparison, said)}</div>"
    )


def _named(comparison: Comparison, side: int) -> str:
    """Return a network's name and how much of it was compared."""
    size = size_words(comparison, "ab"[side])
    return f"<b>{_escape(comparison.networks[side])}</b>" + (f" ({_escape(size)})" if size else "")


def _row(words: AxisWords) -> str:
    return (
        f'<tr><th scope="row" style="{_WORD}">{_escape(words.title)}</th>'
        f'<td style="{_WORD}"><b>{_escape(words.answer)}</b></td>'
        f'<td style="{_CELL}">{_escape(words.headline)}</td></tr>'
    )


def _shared(comparison: Comparison) -> str:
    """Return what both share, where that has been looked for anyway: to say what is partly related, or where attributes stand."""
    asked = bool(comparison.settings.get("attributes"))
    if not (asked or comparison.verdict.representation.answer == "partly_related") or comparison.shared is None:
        return ""
    from conjugacy.report.comparison.shared_block import shared_block  # loads matplotlib

    return shared_block(comparison.shared)


def _scores(comparison: Comparison) -> str:
    """Return the further measures as a table, where some were asked for."""
    if not comparison.measures:
        return ""
    head = "".join(f'<th scope="col" style="{_CELL}">{_escape(name)}</th>' for name in COLUMNS)
    rows = "".join(
        f"<tr>{''.join(f'<td style={chr(34)}{_CELL}{chr(34)}>{_escape(text)}</td>' for text in score_row(score))}</tr>"
        for score in comparison.measures
    )
    return f'<table style="border-collapse:collapse"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _details(comparison: Comparison, said: list[AxisWords]) -> str:
    lists = [(f"{words.title} by output", words.by_output) for words in said]
    lists += [(words.title, words.reasons) for words in said]
    lists += [(f"warnings, {words.title}", words.warnings) for words in said]
    lists.append(("notes", comparison.notes))
    parts = "".join(
        f"<p><b>{_escape(title)}</b></p><ul>{''.join(f'<li>{_escape(s)}</li>' for s in sentences)}</ul>"
        for title, sentences in lists
        if sentences
    )
    return (
        f'<details style="overflow-wrap:anywhere"><summary>reasons and warnings</summary>{parts}</details>'
        if parts
        else ""
    )


def _picture(comparison: Comparison) -> str:
    """Return how the states move, folded, where trajectories were compared: light, whatever the notebook's own colours are."""
    found = None if comparison.motion is None else comparison.motion.states
    if found is None:
        return ""
    from conjugacy.report.figures.paths import paths_figure  # loads matplotlib
    from conjugacy.report.figures.style import LIGHT_STYLE

    own = f"states-{zlib.crc32(found.a.tobytes() + found.b.tobytes()):08x}-"  # cells of one notebook share their ids
    drawn = paths_figure(found, own, "Paths of both networks' states in two coordinates, side by side.")
    return (
        "<details><summary>how the states move</summary>"
        f'<div style="{LIGHT_STYLE}max-width:48em;font-family:sans-serif">{drawn}</div>'
        "<p>Further pictures: <code>.figure(&quot;step_errors&quot;)</code>, <code>recurrence</code>, <code>eigenvalues</code>, "
        "<code>sweeps</code>.</p></details>"
    )


def _escape(text: str) -> str:
    return html.escape(printable(text))
