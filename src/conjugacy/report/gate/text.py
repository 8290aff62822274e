"""A gate as plain text, one screen that says why."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from conjugacy.report.comparison.table import listed, printable
from conjugacy.report.gate import words
from conjugacy.report.statements import statements
from conjugacy.results.gate import Checked

if TYPE_CHECKING:
    from conjugacy.comparison.gate import GateResult

_OUTCOME, _NARROWEST, _WIDEST_CONDITION = 11, 60, 30


def gate_text(result: GateResult, width: int = 100) -> str:
    """Return a gate as plain text: the outcome, every condition with what was found, subgroups, rows, warnings.

    Examples
    --------
    >>> from conjugacy.comparison.gate import GateResult
    >>> from conjugacy.results.gate import Checked
    >>> one = Checked("churn<0.02", "require", "passed", "churn is 0.004")
    >>> print(gate_text(GateResult("passed", ("old", "new"), 2000, (one,))))
    gate       passed     1 condition: 1 ok
    B = new in place of A = old, 2000 rows
    <BLANKLINE>
    ok         churn<0.02  churn is 0.004
    """
    width = max(width, _NARROWEST)
    start = f"{'gate':<{_OUTCOME}}{result.outcome:<{_OUTCOME}}"
    lines = _wrapped(words.headline(result), width, start, " " * (2 * _OUTCOME))
    lines += [*_wrapped(words.networks(result), width, "", "    "), ""]
    lines += _conditions(result.conditions, width)
    lines += _listed("by subgroup, the worst first:", words.subgroups(result), width)
    lines += _listed("pairs:", [*words.pairs(result), *words.spread(result)], width)
    lines += _listed("rows that carry the difference:", words.rows_told(result), width)
    lines += _listed("warnings:", words.warnings(result), width)
    return "\n".join(lines)


def _conditions(conditions: Sequence[Checked], width: int) -> list[str]:
    texts = [printable(words.condition(one)) for one in conditions]
    column = min(max(map(len, texts), default=0), _WIDEST_CONDITION) + 2
    lines: list[str] = []
    for one, text in zip(conditions, texts, strict=True):
        start = f"{words.OF_CONDITION[one.outcome]:<{_OUTCOME}}{text:<{column}}"
        rest = " " * (_OUTCOME + column)
        for k, statement in enumerate(statements(one.why) or [""]):
            lines += _wrapped(statement, width, rest if k else start, f"{rest}  ")
    return lines


def _listed(title: str, sentences: Iterable[str], width: int) -> list[str]:
    lines = [line for sentence in sentences for line in listed(sentence, width)]
    return ["", title, *lines] if lines else []


def _wrapped(text: str, width: int, first: str, rest: str) -> list[str]:
    width = max(width, len(first) + _NARROWEST // 2)
    found = textwrap.wrap(printable(text), width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
    return found or [first.rstrip()]
