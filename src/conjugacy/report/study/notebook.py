"""A study as a small piece of HTML for notebooks: no script, no style sheet, the notebook's own colours."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

from conjugacy.report.comparison.table import printable
from conjugacy.report.study.text import class_lines, shortened_list, status_lines
from conjugacy.report.study.words import classes_words, size_words
from conjugacy.results import Classes

if TYPE_CHECKING:
    from conjugacy.study import Study

_CELL = (
    "text-align:left;vertical-align:top;padding:.35em .8em;white-space:normal;overflow-wrap:break-word;min-width:5em"
)


def study_html(study: Study, classes: Classes | None = None, reason: str = "") -> str:
    """Return networks, measures with their statuses and classes as an HTML table; the rest is folded under it."""
    rows = "".join(
        f'<tr><th scope="row" style="{_CELL}">{_escape(name)}</th><td style="{_CELL}">{_escape(words)}</td></tr>'
        for name, words in status_lines(study)
    )
    parts = [_list("classes", [reason])] if reason else []
    parts += [] if classes is None else [_list(classes_words(classes), class_lines(classes))]
    unread = shortened_list([f"{name}: {why}" for name, why in study.unread.items()])
    folded = [_list(title, lines) for title, lines in (("not used", unread), ("notes", list(study.notes))) if lines]
    more = f"<details><summary>not used, notes</summary>{''.join(folded)}</details>" if folded else ""
    return (
        '<div class="conjugacy-study" style="max-width:60em;overflow-wrap:break-word">'
        f"<p><b>{_escape(size_words(study))}</b></p>"
        f'<table style="border-collapse:collapse"><tbody>{rows}</tbody></table>'
        f"{''.join(parts)}{more}</div>"
    )


def _list(title: str, lines: Sequence[str]) -> str:
    return f"<p><b>{_escape(title)}</b></p><ul>{''.join(f'<li>{_escape(line)}</li>' for line in lines)}</ul>"


def _escape(text: str) -> str:
    return html.escape(printable(text))
