"""The decision on layers and on outputs: from what is known of a pair to one answer and the sentences that carry it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from conjugacy.results import AxisVerdict, Control, Evidence, Gain, SkippedUnit
from conjugacy.results.digits import per_cent
from conjugacy.results.later import Later
from conjugacy.results.reason import reasons
from conjugacy.transformations import RUNGS, Ladder
from conjugacy.verdict.case import Case
from conjugacy.verdict.columns import of_columns
from conjugacy.verdict.decisions import Agreement, SameTask
from conjugacy.verdict.doubts import against_floor, outputs_that_match
from conjugacy.verdict.evidence import decisive_rows, few_rows_warnings, ladder_evidence, weighting_warnings
from conjugacy.verdict.inputs import Identifies
from conjugacy.verdict.known import KnownLayers, KnownOutputs
from conjugacy.verdict.relation import ladder_answer
from conjugacy.verdict.rows_found import left_open
from conjugacy.verdict.sameness import same_layers, same_outputs
from conjugacy.verdict.sentences import of_gain, of_one_way

ONE_WAY = ("a_determines_b", "b_determines_a")
MAY_BE_NOISE = ("partly_related", "not_equivalent", *ONE_WAY)
"""Answers that a floor may take back."""


@dataclass(frozen=True)
class Context:
    """What a verdict says of a pair besides what decides it."""

    layers: tuple[str, str]
    layer_choice: str
    units_not_judged: tuple[SkippedUnit, ...]
    warnings: tuple[str, ...] = ()


def decide_representation(
    known: KnownLayers, context: Context, controls: tuple[Control, ...], gain: Gain
) -> AxisVerdict:
    """Return the verdict on internal units: the simplest map, set against copies that learned nothing."""
    case = _layers_case(known)
    if case.answer == "equivalent":
        case.add("control", lambda: of_gain(gain))
    return _verdict(known, context, case, controls=controls, gain=gain)


def representation_answer(known: KnownLayers) -> str:
    """Return the answer of `decide_representation` alone, at no more than it costs."""
    ladder = known.ladder
    return "undecided" if ladder.same is None and dominant_rows(ladder).size else _layers_case(known).answer


def _layers_case(known: KnownLayers) -> Case:
    case = Case(known.ladder, same_layers(known))
    if case.same is not None:
        return case
    _hold_against_floor(case, known)
    case.rest_on("undecided", "rows", left_open(known, case.answer))
    return case


def decide_function(known: KnownOutputs, context: Context) -> AxisVerdict:
    """Return the verdict on outputs; only here is `equivalent` worded "same task"."""
    case = _outputs_case(known)
    found = known.same_task
    parts = (known.identifies, known.decisions, found)
    extra = tuple(one for part in parts if part is not None for one in _evidence(part))
    warnings = () if found is None else (*known.class_targets[1], *found.warnings)
    return _verdict(
        known, replace(context, warnings=(*context.warnings, *warnings, *_untested(known, case))), case, extra
    )


def decide_constant(known: KnownOutputs, layers: tuple[str, str], who: tuple[str, str]) -> AxisVerdict:
    """Return the verdict where outputs are the same for every stimulus: of one network alone that is another task."""
    constant = known.constant
    names = " and ".join(repr(name) for name, same in zip(who, constant, strict=True) if same)
    sentence = f"the outputs of {names} are the same for every stimulus"
    found = known.same_task
    warnings = (
        known.outputs.notes if found is None else (*known.outputs.notes, *known.class_targets[1], *found.warnings)
    )
    answer = constant_answer(known)
    if answer != "not_tested":
        beside = () if found is None else (found.sentence,)
        why = reasons("data", f"{sentence}, and those of the other are not", *beside)
        return AxisVerdict(answer, why, layers=layers, warnings=warnings, output_kinds=known.outputs.kinds)
    return replace(AxisVerdict.not_tested(sentence), layers=layers, warnings=warnings)


def constant_answer(known: KnownOutputs) -> str:
    """Return the answer of `decide_constant` alone."""
    a, b = known.constant
    if a and b:
        return "not_tested"
    found = known.same_task
    if found is not None and found.answer not in ("equivalent", "undecided"):
        return found.answer
    return "a_determines_b" if b else "b_determines_a"  # a constant is a function of anything


def _evidence(part: Identifies | Agreement | SameTask) -> tuple[Evidence, ...]:
    return part.evidence if isinstance(part, SameTask) else part.evidence()


def _untested(known: KnownOutputs, case: Case) -> tuple[str, ...]:
    """Say that a match was not tested against outputs that give the inputs away."""
    if known.outputs.are_classes or case.answer != "equivalent" or known.identifies is not None:
        return ()
    rung = known.asked_of_inputs
    return () if rung is None else (outputs_that_match(None, rung)[1],)


def function_answer(known: KnownOutputs) -> str:
    """Return the answer of `decide_function` alone, at no more than it costs."""
    if known.same is not None:
        return "equivalent"
    found = known.same_task
    if found is not None:
        if found.answer == "undecided" and _are_the_same(known):
            return "equivalent"
        return found.answer if known.found.too_few is None else "undecided"
    return "undecided" if dominant_rows(known.ladder).size else _outputs_case(known).answer


def _outputs_case(known: KnownOutputs) -> Case:
    case = Case(known.ladder, same_outputs(known))
    if case.same is not None:
        return case
    found = known.same_task
    if found is not None and found.answer == "undecided" and _are_the_same(known):
        case.rest_on("equivalent", "maps", "no decision differs, and the scores are the same numbers")
        case.add("decisions", lambda: found.sentence)
        return case
    if found is not None:
        maps = "the scores match by a map all the same: the decisions are another matter"
        beside = f"; {maps}" if case.answer == "equivalent" and found.answer != "equivalent" else ""
        case.rest_on(found.answer, "decisions", f"{found.sentence}{beside}")
        case.rest_on("undecided", "rows", known.found.too_few)
        return case
    alone, rung = case.answer, known.asked_of_inputs
    if alone == "equivalent" and rung is not None:
        answer, sentence = outputs_that_match(known.identifies, rung)
        case.take(answer, "inputs", sentence)
    elif alone in ONE_WAY:
        case.add("inputs", lambda: of_one_way(alone, known.identifies))
    _hold_against_floor(case, known)
    shown = tuple(one for one in known.lost if one.shown)
    if case.answer == "equivalent" and shown:
        case.take("undecided", "decisions", of_columns(shown))
    elif case.answer == "equivalent":
        _hold_every_output(case, known)
    case.rest_on("undecided", "rows", left_open(known, case.answer))
    return case


def _hold_every_output(case: Case, known: KnownOutputs) -> None:
    """Leave open a match over all outputs that leaves over twice the tolerance of one of them unexplained."""
    ladder, worst = known.ladder, (0.0, "", 0)
    for way, direction, target in zip(("A to B", "B to A"), ladder.directions, (ladder.b, ladder.a), strict=True):
        left = np.where(target.judged, direction.errors[ladder.told_rung].units / target.m, 0.0)
        worst = max(worst, (float(left.max()), way, int(np.flatnonzero(target.live)[left.argmax()])))
    if worst[0] > 2.0 * ladder.tolerance:
        left = f"of output {worst[2]} {per_cent(worst[0])} are unexplained ({worst[1]})"
        case.take("undecided", "maps", f"{left}, which the mean over all outputs hides")


def _are_the_same(known: KnownOutputs) -> bool:
    """Whether every class is decided alike, and the scores need no map: then few rows are enough."""
    classes = known.outputs.classes
    (a, b), _ = known.class_targets
    if (
        classes is None
        or not np.array_equal(*classes)
        or (a is not None and b is not None and not np.array_equal(a, b))
    ):
        return False
    return known.ladder.rung == RUNGS[0]


def _hold_against_floor(case: Case, known: KnownLayers | KnownOutputs) -> None:
    if case.answer in MAY_BE_NOISE:
        answer, sentence = against_floor(case.answer, known.ladder, known.floor)
        case.take(answer, "floor", sentence)


def dominant_rows(ladder: Ladder) -> np.ndarray:
    """Return the few rows on which a network's variance rests, where it varies on too few of them to be judged; else none."""
    return np.union1d(ladder.a.dominant_rows, ladder.b.dominant_rows)


def _verdict(
    known: KnownLayers | KnownOutputs,
    context: Context,
    case: Case,
    extra: tuple[Evidence, ...] = (),
    controls: tuple[Control, ...] = (),
    gain: Gain | None = None,
) -> AxisVerdict:
    ladder, stimuli, outputs = known.ladder, known.stimuli, known.outputs if isinstance(known, KnownOutputs) else None
    rows, over, answer = np.empty(0, dtype=np.int64), None, case.answer
    warnings = context.warnings + weighting_warnings(ladder)
    if case.same is None:
        warnings = known.found.notes + warnings
    dominant = dominant_rows(ladder)
    by_maps = case.same is None and not (outputs is not None and outputs.are_classes)
    if by_maps:  # else no row has more weight than another
        warnings += ladder.runs_told + few_rows_warnings(ladder, stimuli)
    if by_maps and dominant.size:
        shown = ", ".join(str(stimuli[i]) for i in dominant[:5]) + (", ..." if dominant.size > 5 else "")
        sentence = (
            f"no unit of a network varies on enough rows to be judged: its variance rests on {dominant.size} ({shown})"
        )
        answer, rows, over = "undecided", dominant, f"{sentence}; compare again without them"
    elif by_maps and answer == ladder_answer(ladder) and (rows := decisive_rows(ladder, ladder_answer)).size:
        warnings += (
            f"{rows.size} rows decide the answer: without them it would be {ladder_answer(ladder.without(rows))}",
        )
    return AxisVerdict(
        answer=answer,
        reasons=case.reasons(over),
        rung=ladder.rung,
        rung_words=ladder.own_words,
        exact_rung=ladder.exact_rung,
        layers=context.layers,
        layer_choice=context.layer_choice,
        rungs=ladder.results,
        floor=known.floor,
        gain=gain or Gain(),
        controls=controls,
        p_independent=None if case.same is not None else ladder.p_independent,
        evidence=Later(lambda: ladder_evidence(ladder) + extra),
        units_not_judged=context.units_not_judged,
        decisive_rows=tuple(str(stimuli[i]) for i in rows),
        warnings=warnings,
        output_kinds=None if outputs is None else outputs.kinds,
    )
