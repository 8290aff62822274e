"""A gate as Markdown, for the summary of a step of a CI system."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from conjugacy.report.comparison.table import printable
from conjugacy.report.gate import words

if TYPE_CHECKING:
    from conjugacy.comparison.gate import GateResult

_MARK = {"passed": "✅", "failed": "❌", "undecided": "❔"}
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~&$@-])")


def gate_markdown(result: GateResult) -> str:
    """Return a gate as Markdown: a heading with the outcome, a table of conditions, lists of what else there is to know.

    Names come from files of others: nothing in them is taken for markup.

    Examples
    --------
    >>> from conjugacy.comparison.gate import GateResult
    >>> from conjugacy.results.gate import Checked
    >>> one = Checked("churn<0.02", "require", "passed", "churn is 0.004")
    >>> print(gate_markdown(GateResult("passed", ("old", "new"), 2000, (one,))).splitlines()[0])
    ### ✅ Gate passed
    """
    lines = [f"### {_MARK[result.outcome]} Gate {result.outcome}", "", escaped(words.networks(result)), ""]
    lines += [escaped(words.headline(result)), "", "| | condition | found |", "|---|---|---|"]
    for one in result.conditions:
        mark = f"{_MARK[one.outcome]} {words.OF_CONDITION[one.outcome]}"
        lines.append(f"| {mark} | {escaped(words.condition(one))} | {escaped(one.why)} |")
    lines += _listed("By subgroup", words.subgroups(result))
    lines += _listed("Pairs", [*words.pairs(result), *words.spread(result)])
    lines += _listed("Rows that carry the difference", words.rows_told(result))
    lines += _listed("Warnings", words.warnings(result))
    return "\n".join(lines) + "\n"


def _listed(title: str, sentences: Iterable[str]) -> list[str]:
    found = [f"- {escaped(sentence)}" for sentence in sentences]
    return ["", f"**{title}**", "", *found] if found else []


def escaped(text: str) -> str:
    r"""Return text that Markdown shows as it is.

    Examples
    --------
    >>> print(escaped("a|b <script>"))
    a\|b \<script\>
    """
    return _SPECIAL.sub(r"\\\1", printable(text))
