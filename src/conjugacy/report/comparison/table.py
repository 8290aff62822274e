"""A comparison as plain text for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING

from conjugacy.report.comparison.lines import lines_of
from conjugacy.report.comparison.scores import score_lines
from conjugacy.report.statements import statements
from conjugacy.report.words import AxisWords

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison

_TITLE, _ANSWER = 17, 13
_NARROWEST = 48


def verdict_table(comparison: Comparison, width: int = 100) -> str:
    """Return the verdict on every axis and on drop-in as a table of plain text, then reasons, warnings, measures, notes.

    Parameters
    ----------
    comparison : Comparison
        What to show.
    width : int
        Columns of the terminal; under 48 it is taken as 48.

    Examples
    --------
    >>> from conjugacy.comparison import Comparison
    >>> from conjugacy.results import AxisVerdict, Verdict
    >>> nothing = AxisVerdict.not_tested("one array was given")
    >>> text = verdict_table(Comparison(Verdict(nothing, nothing, nothing), 0.05, 0, ("x", "y"), 0, {}))
    >>> print(text.splitlines()[1])
    same task        not tested   one array was given
    """
    width = max(width, _NARROWEST)
    said = lines_of(comparison)
    lines = _wrapped(f"A = {comparison.networks[0]}, B = {comparison.networks[1]}", width, "", "    ")
    for words in said:
        lines += _row(words, width)
    for words in said:
        lines += _listed(f"{words.title} by output:", words.by_output, width)
    for words in said:
        lines += _listed(f"{words.title}:", words.reasons, width)
    for words in said:
        lines += _listed(f"warnings, {words.title}:", words.warnings, width)
    scores = [line for score in score_lines(comparison.measures) for line in _wrapped(score, width, "  - ", "      ")]
    lines += ["", "measures:", *scores] if scores else []
    lines += _listed("notes:", comparison.notes, width)
    return "\n".join(lines)


def _row(words: AxisWords, width: int) -> list[str]:
    start, rest = f"{words.title:<{_TITLE}}{words.answer:<{_ANSWER}}", " " * (_TITLE + _ANSWER)
    lines: list[str] = []
    for statement in statements(words.headline) or [""]:
        lines += _wrapped(statement, width, rest if lines else start, f"{rest}  ")
    return lines


def _listed(title: str, sentences: Iterable[str], width: int) -> list[str]:
    lines = [line for sentence in sentences for line in listed(sentence, width)]
    return ["", title, *lines] if lines else []


def listed(sentence: str, width: int) -> list[str]:
    """Return one entry of a list, every statement on a line of its own."""
    lines: list[str] = []
    for statement in statements(sentence):
        lines += _wrapped(statement, width, "    " if lines else "  - ", "      ")
    return lines


def _wrapped(text: str, width: int, first: str, rest: str) -> list[str]:
    whole = printable(text).replace(" %", "\u00a0%")  # a number and its sign stay on one line
    lines = textwrap.wrap(whole, width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
    return [line.replace("\u00a0", " ") for line in lines] or [first.rstrip()]


def printable(text: str) -> str:
    r"""Replace what a terminal would obey instead of showing: names come from files of others.

    Examples
    --------
    >>> printable("net\x1b[31m")
    'net?[31m'
    """
    return "".join(c if c.isprintable() else " " if c.isspace() else "?" for c in text)
