"""Conditions compared with what is known of a pair: met, not met, or open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from conjugacy.comparison.axes import UNMATCHED
from conjugacy.comparison.comparison import Comparison
from conjugacy.comparison.gate.conditions import NO_RUNG, OPEN, RELATION_OPEN, RELATIONS, Condition
from conjugacy.comparison.gate.facts import NO_HIDDEN, Facts
from conjugacy.comparison.gate.layer_facts import LayerFacts, states_of
from conjugacy.comparison.gate.numbers import JUDGED_TOGETHER, Number, any_beyond, are_many, number_of, told
from conjugacy.comparison.matched_pair import Pair, make_pair
from conjugacy.comparison.setup import Setup
from conjugacy.data import Recording
from conjugacy.errors import InputError
from conjugacy.measure import get_measure
from conjugacy.results import AxisVerdict, Score
from conjugacy.results.gate import Checked, Outcome
from conjugacy.transformations import RUNGS


def check(condition: Condition, facts: Facts) -> tuple[Checked, ...]:
    """Hold one condition against a pair; of one about layers there is an outcome for each."""
    if not condition.of_layers:
        return (_on_pair(condition, facts),)
    if not facts.layer_facts:
        if condition.subject == "representation":
            return (_of_words(condition, frozenset({"not_tested"}), f"not tested: {NO_HIDDEN}"),)
        return (_outcome(condition, None, NO_HIDDEN),)
    return tuple(_on_layer(condition, layer) for layer in facts.layer_facts)


def check_compared(
    conditions: Sequence[Condition],
    found: Comparison,
    networks: tuple[Recording, Recording],
    *,
    groups: np.ndarray | None = None,
) -> tuple[Checked, ...]:
    """Hold conditions against a comparison and the recordings that it was made of; what it says is not computed again."""
    if not conditions:
        return ()
    match = str(found.settings.get("match", "stimuli"))
    pair = Pair(*networks, None, ()) if match == "intrinsic" else make_pair(*networks, match=match, groups=groups)
    moving = [get_measure(one.name) for one in conditions if one.subject == "measure"]
    threshold, rows = found.drop_in.margins.threshold, found.settings.get("rows")
    facts = Facts(
        Setup(pair, found.tolerance, found.seed, lambda _: None, threshold=threshold, rows=rows),
        found.drop_in.margins,
        None if found.verdict.representation.layers is None else (found.verdict.representation.layers,),
        moving=tuple(m for m in moving if m.traits.data not in ("activations", "outputs")),
        said=(found.verdict, found.drop_in),
    )
    return tuple(one for condition in conditions for one in check(condition, facts))


def _on_pair(condition: Condition, facts: Facts) -> Checked:
    if condition.subject == "drop-in":
        by = facts.by_subgroup
        answer, reason = (facts.drop_in.answer, facts.drop_in.reasons[0]) if by is None else (by.answer, by.reason)
        return _of_words(condition, frozenset({answer}), f"{answer.replace('_', ' ')}: {reason}")
    if condition.subject == "same-task":
        return _of_axis(condition, facts.same_task)
    if condition.subject == "dynamics":
        return _of_axis(condition, facts.of_trajectories())
    if condition.subject == "output-rung":
        return _of_rung(
            condition, states_of(facts.outputs_in_full), facts.outputs_in_full.deciding, " between the outputs"
        )
    if condition.subject == "number":
        return _of_number(condition, facts)
    if get_measure(condition.name).traits.data == "outputs":
        return _of_outputs(condition, facts)
    wanted = get_measure(condition.name).id
    found = next((one for one in facts.dynamics.scores if one.measure == wanted), None)
    return _outcome(condition, None, facts.of_trajectories().deciding) if found is None else _of_score(condition, found)


def _on_layer(condition: Condition, layer: LayerFacts) -> Checked:
    if condition.subject == "measure" and layer.setup.pair.matching is None:
        found = _outcome(condition, None, UNMATCHED)
    elif condition.subject == "measure":
        found = _of_score(condition, layer.score(condition.name))
    elif condition.subject == "rung":
        found = _of_rung(condition, layer.states, layer.axis.deciding, "")
    else:
        found = _of_axis(condition, layer.axis)
    return replace(found, why=f"{layer.name}: {found.why}", layers=layer.layers)


def _outcome(condition: Condition, met: bool | None, why: str, number: Number | None = None) -> Checked:
    outcome: Outcome = "undecided" if met is None else "passed" if met == (condition.way == "require") else "failed"
    at = (None, None, None) if number is None else (number.value, number.low, number.high)
    return Checked(condition.text, condition.way, outcome, why, *at)


def _of_words(condition: Condition, found: frozenset[str], why: str) -> Checked:
    """Hold an answer against the words; where it is open, only a word that asks for just that is met."""
    met = bool(found & condition.words)
    if found <= OPEN and not condition.words & OPEN and not condition.literal:
        return _outcome(condition, None, why)
    if found == RELATION_OPEN and not met and condition.words & RELATIONS and not condition.literal:
        return _outcome(condition, None, why)  # it may be this relation or another
    return _outcome(condition, met == (condition.sign == "="), why)


def _of_axis(condition: Condition, axis: AxisVerdict) -> Checked:
    words = {axis.answer}
    said = _SAID.get(axis.answer, axis.answer.replace("_", " "))
    if condition.subject == "representation" and axis.answer == "equivalent" and axis.rung is not None:
        words.add(axis.rung)
        said = axis.rung
    if condition.subject == "same-task":
        said = {"equivalent": "yes"}.get(axis.answer, said)
    return _of_words(condition, frozenset(words), f"{said}: {axis.deciding}")


_SAID = {"a_determines_b": "one way, A determines B", "b_determines_a": "one way, B determines A"}


def _of_rung(condition: Condition, states: Mapping[str, str], deciding: str, where: str) -> Checked:
    """Hold the first rung that holds against the rungs that are asked for; simpler ones not settled may leave it open."""
    if not states:
        return _outcome(condition, None, f"no rung is told{where}: {deciding}")
    first = next((rung for rung in RUNGS if states.get(rung) == "holds"), NO_RUNG)
    open_ = [rung for rung in RUNGS if states.get(rung) == "undecided"]
    before = [rung for rung in open_ if first == NO_RUNG or RUNGS.index(rung) < RUNGS.index(first)]
    inside = {rung in condition.words for rung in (first, *before)}
    said = f"the first rung that holds is {first}" if first != NO_RUNG else "no rung holds"
    beside = f" (undecided: {', '.join(before)})" if before else ""
    return _outcome(condition, inside.pop() if len(inside) == 1 else None, f"{said}{where}{beside}")


def _of_number(condition: Condition, facts: Facts) -> Checked:
    name, threshold = condition.name, condition.threshold
    number = number_of(name, facts.drop_in)
    if number.value is None:
        return _outcome(condition, None, number.said)
    margin = 1.0 - threshold if name == "agreement" else threshold
    if facts.outputs.heads and 0 < margin < 1 and are_many(name, facts.drop_in):
        judged = facts.drop_in_at(replace(facts.margins, **{JUDGED_TOGETHER[name]: margin}))
        beyond = any_beyond(name, judged)
        over = (None if beyond is None else not beyond) if name == "agreement" else beyond
        number = replace(number, said=f"{number.said}, the worst of many, which are judged together")
    else:
        over = number.beyond(threshold, strictly=condition.sign in (">", "<="))
    met = over if over is None or condition.sign in (">", ">=") else not over
    return _outcome(condition, met, number.said, number)


def _of_outputs(condition: Condition, facts: Facts) -> Checked:
    """Hold a measure of outputs against its threshold; what cannot be measured is open once a comparison was made."""
    try:
        return _of_score(condition, facts.output_score(condition.name))
    except InputError as error:
        if facts.said is None:
            raise
        return _outcome(condition, None, str(error))


def _of_score(condition: Condition, score: Score) -> Checked:
    value = score.value
    if value != value:
        return _outcome(condition, None, f"{score.measure} has no value: {score.status.value}")
    low, high = score.interval or (None, None)
    interval = "" if score.interval else " (no interval: the value decides)"
    number = Number(value, low, high, f"{score.measure} is {told(value, low, high)}{interval}")
    over = number.beyond(condition.threshold, strictly=condition.sign in (">", "<="))
    met = over if over is None or condition.sign in (">", ">=") else not over
    said = number.said if score.status.is_ok else f"{number.said}; {score.status.value}"
    return _outcome(condition, met, said, number)
