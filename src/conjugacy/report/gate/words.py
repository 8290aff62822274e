"""The sentences of a gate, shared by the screen, Markdown and JUnit."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from conjugacy.report.words import percent_of
from conjugacy.results.gate import Checked, Subgroup

if TYPE_CHECKING:
    from conjugacy.comparison.gate import GateResult

MOST_SUBGROUPS, MOST_PAIRS, MOST_ROWS = 6, 6, 5
OF_CONDITION = {"passed": "ok", "failed": "FAILED", "undecided": "undecided"}


def headline(result: GateResult) -> str:
    """Say in one sentence why the gate has come out as it has."""
    if result.pairs:
        passed = sum(pair.passed for pair in result.pairs)
        worst = f"the worst: {result.networks[1]} in place of {result.networks[0]}"
        return f"{passed} of {len(result.pairs)} pairs pass; {worst}"
    counts = Counter(one.outcome for one in result.conditions)
    said = [f"{counts[outcome]} {OF_CONDITION[outcome].lower()}" for outcome in ("failed", "undecided", "passed")]
    where = ""
    if result.first_that_differs is not None:
        a, b = result.first_that_differs
        where = f"; the first layer that differs: {a if a == b else f'{a}:{b}'}"
    number = len(result.conditions)
    return f"{number} condition{'s' if number != 1 else ''}: {', '.join(s for s in said if s[0] != '0')}{where}"


def networks(result: GateResult) -> str:
    """Name both networks and the rows."""
    return f"B = {result.networks[1]} in place of A = {result.networks[0]}, {result.rows} rows"


def condition(one: Checked) -> str:
    """Return a condition as it was given, with the side it stands on."""
    return one.text if one.way == "require" else f"not {one.text}"


def subgroup(one: Subgroup) -> str:
    """Say what one subgroup shows."""
    found = one.drop_in
    why = "too few rows to show it" if one.too_few else found.reasons[0]
    return f"{one.label} ({one.rows} rows): {found.answer.replace('_', ' ')}, {why}"


def subgroups(result: GateResult) -> list[str]:
    """Say what the subgroups show, the worst first, and count the rest."""
    said = [subgroup(one) for one in result.subgroups[:MOST_SUBGROUPS]]
    left = Counter(one.drop_in.answer.replace("_", " ") for one in result.subgroups[MOST_SUBGROUPS:])
    if left:
        said.append(f"and {sum(left.values())} more: {', '.join(f'{n} {answer}' for answer, n in left.items())}")
    few = [one.label for one in result.subgroups[MOST_SUBGROUPS:] if one.too_few]
    if few:
        said.append(f"too few rows to show it: {', '.join(few)}")
    return said


def pairs(result: GateResult) -> list[str]:
    """Say what every pair shows, those that have not passed first."""
    order = ("failed", "undecided", "passed")
    ranked = sorted(result.pairs, key=lambda pair: (order.index(pair.outcome), -_churn(pair)))
    said = [
        f"{pair.networks[1]} in place of {pair.networks[0]}: {pair.outcome}"
        + (f", decisions change on {percent_of(_churn(pair))} of the rows" if _churn(pair) else "")
        for pair in ranked[:MOST_PAIRS]
    ]
    if len(ranked) > MOST_PAIRS:
        said.append(f"and {len(ranked) - MOST_PAIRS} more")
    return said


def _churn(pair: GateResult) -> float:
    churn = None if pair.drop_in is None else pair.drop_in.churn
    return 0.0 if churn is None or churn.value is None else churn.value


def spread(result: GateResult) -> list[str]:
    """Say how far the As differ among themselves, and what that means for the margin."""
    found = result.spread
    if found is None:
        return []
    said = (
        f"the {found.networks} As disagree among themselves on {percent_of(found.mean)} of the rows, at most on "
        f"{percent_of(found.largest)}"
    )
    if found.largest > result.margins.churn:
        said += (
            f", more than the margin of {percent_of(result.margins.churn)}: not even an A could replace every other A"
        )
    return [said]


def rows_told(result: GateResult) -> list[str]:
    """Name the rows that carry the difference, where drop-in was asked for and has not passed."""
    found = result.drop_in
    if found is None or found.answer == "yes" or not found.rows:
        return []
    shown = [
        f"{row.stimulus} (row {row.position}): {row.a} -> {row.b}"
        + ("" if row.target is None else f", wanted {row.target}")
        for row in found.rows[:MOST_ROWS]
    ]
    more = found.n_changed - len(shown)
    return [*shown, f"and {more} more"] if more > 0 else shown


def warnings(result: GateResult) -> list[str]:
    """Return what drop-in warns of, and what was done that was not asked for."""
    return [*(result.drop_in.warnings if result.drop_in is not None else ()), *result.notes]
