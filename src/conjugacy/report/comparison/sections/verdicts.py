"""The verdict on each axis as a card: the answer, why, and what was compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conjugacy.report.comparison.axes import verdict_on
from conjugacy.report.comparison.section import TOP, Section
from conjugacy.report.words import AxisWords, axis_words, digits, layers_words
from conjugacy.results import AxisVerdict
from conjugacy.results.axis import AXES

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison

_TONE = {"equivalent": "holds", "undecided": "open", "not_tested": "none"}
_SIGN = {"holds": "✓", "fails": "✗", "open": "?", "none": "–", "plain": "≈"}  # noqa: RUF001


@dataclass(frozen=True)
class AxisCard:
    """One axis: the verdict, its words, tone and sign of the card, and facts by name."""

    verdict: AxisVerdict
    words: AxisWords
    tone: str
    sign: str
    facts: tuple[tuple[str, str], ...]


def _values(comparison: Comparison, place: str) -> Mapping[str, Any]:
    return {"cards": [_card(comparison, axis) for axis in AXES]}


def _card(comparison: Comparison, axis: str) -> AxisCard:
    verdict = verdict_on(comparison, axis)
    tone = _tone(axis, verdict)
    return AxisCard(verdict, axis_words(comparison, axis), tone, _SIGN[tone], tuple(_facts(verdict)))


def _tone(axis: str, verdict: AxisVerdict) -> str:
    if axis == "representation" and verdict.answer == "equivalent" and not verdict.gain.shown:
        return "plain"  # no mark of success: nothing learned in common is shown
    return _TONE.get(verdict.answer, "fails")


def _facts(verdict: AxisVerdict) -> list[tuple[str, str]]:
    if verdict.answer == "not_tested":
        return []
    facts = [("simplest map within tolerance", verdict.rung or "none")]
    if verdict.exact_rung:
        facts.append(("simplest map not measurably worse than the best", verdict.exact_rung))
    if verdict.layers:
        facts.append(("compared", layers_words(verdict)))
    if verdict.output_kinds:
        facts.append(("outputs taken for", " and ".join(dict.fromkeys(verdict.output_kinds))))
    floor = verdict.floor
    value = "" if floor.value is None else f"{_percent(floor.value, floor.low, floor.high)}, "
    facts.append(("floor", value + floor.source))
    if verdict.p_independent is not None:
        facts.append(("chance that shuffled rows match as well", f"p = {digits(verdict.p_independent)}"))
    if verdict.margin is not None:
        facts.append(("margin to the tolerance", digits(verdict.margin)))
    return facts


def _percent(value: float, low: float | None, high: float | None) -> str:
    ends = "" if low is None or high is None else f" [{digits(100 * low)}, {digits(100 * high)}]"
    return f"{digits(100 * value)} %{ends}"


SECTION = Section((TOP,), _values)
