"""The verdict on each axis, and on drop-in, as a card: the answer, why, and what was compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from conjugacy.report.comparison.axes import verdict_on
from conjugacy.report.comparison.lines import lines_of
from conjugacy.report.comparison.section import TOP, Section
from conjugacy.report.words import AxisWords, layers_words, percent_of
from conjugacy.results import AxisVerdict, DropIn
from conjugacy.results.digits import digits, p_digits, per_cent

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison

_TONE = {"equivalent": "holds", "undecided": "open", "not_tested": "none"}
_DROP_IN_TONE = {"yes": "holds", "no": "fails", "undecided": "open", "not_tested": "none"}
_SIGN = {"holds": "✓", "fails": "✗", "open": "?", "none": "–", "plain": "≈"}  # noqa: RUF001


HOW_TO = {
    "function": (
        "This axis needs the outputs of both networks on the same stimuli: name the output layer <code>outputs</code>, "
        "or say which it is with <code>--output-layer</code>."
    ),
    "representation": (
        "This axis needs a hidden layer of both networks on the same stimuli: "
        "<code>conjugacy record MODEL --layer NAME</code>."
    ),
    "dynamics": "This axis needs trajectories: layers of shape trials x time x units.",
}


@dataclass(frozen=True)
class AxisCard:
    """One line of the verdict: its words, tone and sign of the card, facts by name, and what an axis needs to be tested."""

    words: AxisWords
    tone: str
    sign: str
    facts: tuple[tuple[str, str], ...]
    how_to: str = ""


def _values(comparison: Comparison, place: str) -> Mapping[str, Any]:
    return {"cards": [_card(comparison, words) for words in lines_of(comparison)]}


def _card(comparison: Comparison, words: AxisWords) -> AxisCard:
    if words.axis == "drop_in":
        tone, facts = _DROP_IN_TONE[comparison.drop_in.answer], _drop_in_facts(comparison.drop_in)
    else:
        verdict = verdict_on(comparison, words.axis)
        tone, facts = _tone(words.axis, verdict), _facts(verdict)
    how_to = HOW_TO.get(words.axis, "") if tone == "none" else ""
    return AxisCard(words, tone, _SIGN[tone], tuple(facts), Markup(how_to))  # noqa: S704  (our own text)


def _tone(axis: str, verdict: AxisVerdict) -> str:
    if (
        axis == "representation"
        and verdict.answer == "equivalent"
        and not verdict.gain.shown
        and verdict.gain.state != "itself"
    ):
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
    value = "" if floor.value is None else f"{per_cent(floor.value, floor.low, floor.high)}, "
    facts.append(("floor", value + floor.source))
    if verdict.p_independent is not None:
        facts.append(("chance that shuffled rows match as well", f"permutation p {p_digits(verdict.p_independent)}"))
    if verdict.margin is not None:
        facts.append(("margin to the tolerance", digits(verdict.margin)))
    return facts


def _drop_in_facts(found: DropIn) -> list[tuple[str, str]]:
    if found.answer == "not_tested":
        return []
    margins = found.margins
    facts = [("compared", "the outputs of both as they stand, without any map")]
    if found.kinds:
        facts.append(("outputs taken for", " and ".join(dict.fromkeys(found.kinds))))
    if found.identity:
        facts.append(("largest share of an output's variance that may be off", percent_of(margins.tolerance)))
        facts.append(("largest share of rows that may be far off", percent_of(margins.churn)))
    else:
        facts.append(("largest share of decisions that may change", percent_of(margins.churn)))
    if found.error_change is not None:
        facts.append(("largest rise of the error", f"{digits(100 * margins.error)} points"))
    if found.class_errors:
        facts.append(("largest rise of the error of one class", f"{digits(100 * margins.class_error)} points"))
    if "sigmoids" in (found.kinds or ()):
        facts.append(("a sigmoid says yes from", digits(margins.threshold)))
    return facts


SECTION = Section((TOP,), _values)
