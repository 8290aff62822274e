"""A comparison as a small piece of HTML for notebooks: no script, no style sheet, the notebook's own colours."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from conjugacy.report.comparison.lines import lines_of
from conjugacy.report.comparison.table import printable
from conjugacy.report.words import AxisWords

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison

_CELL = "text-align:left;vertical-align:top;padding:.35em .8em;white-space:normal;overflow-wrap:anywhere"


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
    a, b = (_escape(name) for name in comparison.networks)
    rows = "".join(_row(words) for words in said)
    return (
        '<div class="conjugacy-comparison" style="max-width:60em">'
        f'<p style="overflow-wrap:anywhere">A = <b>{a}</b>, B = <b>{b}</b>, {comparison.n_samples} matched rows</p>'
        f'<table style="border-collapse:collapse"><tbody>{rows}</tbody></table>'
        f"{_details(comparison, said)}</div>"
    )


def _row(words: AxisWords) -> str:
    return (
        f'<tr><th scope="row" style="{_CELL}">{_escape(words.title)}</th>'
        f'<td style="{_CELL}"><b>{_escape(words.answer)}</b></td>'
        f'<td style="{_CELL}">{_escape(words.headline)}</td></tr>'
    )


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


def _escape(text: str) -> str:
    return html.escape(printable(text))
