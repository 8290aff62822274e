"""The decision on each axis: from what was measured to one answer and the sentences that carry it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conjugacy.results import AxisVerdict, Control, Estimate, Evidence, Floor, Gain, SkippedUnit
from conjugacy.transformations import RUNGS, Ladder, rung_named
from conjugacy.verdict.evidence import Agreement, decisive_rows, ladder_evidence, weighting_warnings

CHANCE_LEVEL = 0.05
NOTHING_EXPLAINED = 0.98
SAME_ERRORS = 0.5  # error consistency from which networks are taken to err alike
BEYOND_CHANCE = 0.5  # decisions that follow must be this far above naming the most frequent class


@dataclass(frozen=True)
class Identifies:
    """Whether outputs determine what the network was shown: the inputs' unexplained fraction from each network's outputs."""

    a: Estimate
    b: Estimate
    states: tuple[str, str]

    def evidence(self) -> tuple[Evidence, ...]:
        """Return both numbers as evidence."""
        return tuple(
            Evidence(f"inputs_from_outputs_{name}", e.unexplained, e.low, e.high, unit="unexplained fraction")
            for name, e in (("a", self.a), ("b", self.b))
        )


@dataclass(frozen=True)
class Context:
    """What an axis knows besides its ladder."""

    layers: tuple[str, str]
    layer_choice: str
    stimuli: np.ndarray
    floor: Floor
    units_not_judged: tuple[SkippedUnit, ...]
    warnings: tuple[str, ...] = ()


def ladder_answer(ladder: Ladder) -> str:
    """Return the answer that the ladder alone gives."""
    if ladder.rung is not None:
        return "equivalent"
    a_to_b, b_to_a = (ladder.determines(direction) for direction in ladder.directions)
    if a_to_b == "holds" and b_to_a == "fails":
        return "a_determines_b"
    if b_to_a == "holds" and a_to_b == "fails":
        return "b_determines_a"
    if a_to_b == "fails" and b_to_a == "fails":
        return "unrelated" if _by_chance(ladder) else "partly_related"
    return "undecided"


def _by_chance(ladder: Ladder) -> bool:
    """Tell whether neither explains more of the other than chance does; the null is run only where it matters."""
    if min(direction.unexplained(RUNGS[-1]) for direction in ladder.directions) > NOTHING_EXPLAINED:
        return True
    return any(p is not None and p > CHANCE_LEVEL for p in (d.p_independent for d in ladder.directions))


class _Case:
    """An answer under way, with the sentences that carry it; what decides stands first."""

    def __init__(self, ladder: Ladder) -> None:
        self._ladder = ladder
        self._alone = self.answer = ladder_answer(ladder)
        self._first: list[str] = []
        self._more: list[str] = []

    def take(self, answer: str, sentence: str | None) -> None:
        """Add a sentence; one that turns the answer goes to the front."""
        if sentence is not None:
            (self._more if answer == self.answer else self._first).append(sentence)
        self.answer = answer

    @property
    def reasons(self) -> list[str]:
        """Return all sentences, the one that decided first."""
        maps = _ladder_sentence(self._ladder, self._alone)
        maps = f"the maps alone: {maps}" if self._first else maps
        return [*reversed(self._first), maps, *self._more]


def decide_representation(ladder: Ladder, context: Context, control: Control | None, gain: Gain) -> AxisVerdict:
    """Return the verdict on internal units: the simplest map, set against the untrained control."""
    case = _Case(ladder)
    if case.answer == "equivalent":
        case.take(case.answer, _gain_sentence(control, gain))
    case.take(*_against_floor(case.answer, ladder, context.floor))
    return _verdict(ladder, context, case, (), control, gain)


def representation_answer(ladder: Ladder, floor: Floor) -> str:
    """Return the answer of `decide_representation` alone, at no more than it costs."""
    return "undecided" if dominant_rows(ladder).size else _against_floor(ladder_answer(ladder), ladder, floor)[0]


def decide_function(
    ladder: Ladder,
    context: Context,
    kinds: tuple[str, str],
    identifies: Identifies | None,
    decisions: Agreement | None,
) -> AxisVerdict:
    """Return the verdict on outputs; only here is `equivalent` worded "same task"."""
    case = _function_case(ladder, context.floor, kinds, identifies, decisions)
    extra = (identifies.evidence() if identifies else ()) + (decisions.evidence() if decisions else ())
    return _verdict(ladder, context, case, extra, None, Gain(), kinds)


def function_answer(
    ladder: Ladder, floor: Floor, kinds: tuple[str, str], identifies: Identifies | None, decisions: Agreement | None
) -> str:
    """Return the answer of `decide_function` alone, at no more than it costs."""
    if dominant_rows(ladder).size:
        return "undecided"
    return _function_case(ladder, floor, kinds, identifies, decisions).answer


def _function_case(
    ladder: Ladder, floor: Floor, kinds: tuple[str, str], identifies: Identifies | None, decisions: Agreement | None
) -> _Case:
    case = _Case(ladder)
    if case.answer == "equivalent" and rung_named(ladder.told_rung).any_invertible:
        case.take(*_smooth_outputs(identifies))
    elif case.answer in ("a_determines_b", "b_determines_a"):
        case.take(case.answer, _one_way_sentence(case.answer, identifies))
    case.take(*_against_floor(case.answer, ladder, floor))
    if decisions is not None:
        case.take(*_against_decisions(case.answer, decisions, ladder.tolerance, kinds))
    return case


def dominant_rows(ladder: Ladder) -> np.ndarray:
    """Return the few rows on which a network's variance rests, where it varies on too few of them to be judged; else none."""
    return np.union1d(ladder.a.dominant_rows, ladder.b.dominant_rows)


def _against_floor(answer: str, ladder: Ladder, floor: Floor) -> tuple[str, str | None]:
    """Leave open what replicas of one network may show as well: a map cannot predict what changes from repeat to repeat.

    Noise of source and target both count: with a share f of noise in each, units that predict units leave 1 - (1 - f)^2.
    """
    if answer not in ("partly_related", "a_determines_b", "b_determines_a") or floor.high is None:
        return answer, None
    failing = [d for d in ladder.directions if ladder.determines(d) == "fails"]
    lows = [ladder.standard.estimate(direction, ladder.up_to).low or 0.0 for direction in failing]
    if max(lows) > ladder.tolerance + 1.0 - (1.0 - min(floor.high, 1.0)) ** 2:
        return answer, None
    return "undecided", (
        "what is left unexplained is no more than the tolerance beyond what the floor of both networks allows "
        f"({percent(Estimate(floor.value, floor.low, floor.high))}, {floor.source}): it may all be noise; average the repeats, "
        "or record more of them"
    )


def _verdict(
    ladder: Ladder,
    context: Context,
    case: _Case,
    extra: tuple[Evidence, ...],
    control: Control | None,
    gain: Gain,
    kinds: tuple[str, str] | None = None,
) -> AxisVerdict:
    answer, reasons = case.answer, case.reasons
    rows = decisive_rows(ladder, ladder_answer)
    warnings = context.warnings + weighting_warnings(ladder)
    dominant = dominant_rows(ladder)
    if dominant.size:
        shown = ", ".join(str(context.stimuli[i]) for i in dominant[:5]) + (", ..." if dominant.size > 5 else "")
        sentence = (
            f"no unit of a network varies on enough rows to be judged: its variance rests on {dominant.size} ({shown})"
        )
        answer, rows, reasons = "undecided", dominant, [f"{sentence}; compare again without them", *reasons]
    elif rows.size:
        warnings += (
            f"{rows.size} rows decide the answer: without them it would be {ladder_answer(ladder.without(rows))}",
        )
    return AxisVerdict(
        answer=answer,
        reasons=tuple(reasons),
        rung=ladder.rung,
        exact_rung=ladder.exact_rung,
        layers=context.layers,
        layer_choice=context.layer_choice,
        rungs=ladder.results,
        floor=context.floor,
        gain=gain,
        controls=() if control is None else (control,),
        p_independent=ladder.p_independent,
        evidence=ladder_evidence(ladder) + extra,
        units_not_judged=context.units_not_judged,
        decisive_rows=tuple(str(context.stimuli[i]) for i in rows),
        warnings=warnings,
        output_kinds=kinds,
    )


def percent(e: Estimate) -> str:
    """Return an estimate in words: ``0.4 % [0.2, 0.7]``."""
    if e.unexplained is None:
        return "not measured"
    if (e.high or 0.0) < 1e-5:
        return "under .001 %"
    return f"{_short(e.unexplained)} % [{_short(e.low)}, {_short(e.high)}]"


def _short(fraction: float | None) -> str:
    value = 100 * (fraction or 0.0)
    return (
        f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2g}" if value >= 0.001 else "0"
    )


def _ladder_sentence(ladder: Ladder, answer: str) -> str:
    result = next(r for r in ladder.results if r.rung == ladder.told_rung)
    numbers = f"{percent(result.a_to_b)} of the variance unexplained from A to B, {percent(result.b_to_a)} from B to A"
    limit = f"tolerance {100 * ladder.tolerance:g} %"
    if answer == "equivalent":
        return f"{rung_named(result.rung).words} carries one onto the other, both ways: {numbers} ({limit})"
    if answer in ("a_determines_b", "b_determines_a"):
        source, target = ("A", "B") if answer == "a_determines_b" else ("B", "A")
        return f"{source} determines {target}, and not back: {numbers} ({limit})"
    if answer == "partly_related":
        return f"neither determines the other, and they are not independent: {numbers} ({limit})"
    if answer == "unrelated":
        return f"neither tells anything of the other beyond chance: {numbers} (p = {ladder.p_independent})"
    return f"the data do not decide: {numbers} ({limit}); {_open_question(ladder)}"


def _open_question(ladder: Ladder) -> str:
    states = [ladder.determines(direction) for direction in ladder.directions]
    if states == ["holds", "undecided"]:
        return "A determines B; whether B determines A is open: record more stimuli"
    if states == ["undecided", "holds"]:
        return "B determines A; whether A determines B is open: record more stimuli"
    return next((r.advice for r in reversed(ladder.results) if r.advice), "record more stimuli")


def _gain_sentence(control: Control | None, gain: Gain) -> str:
    if control is None:
        return "there is no untrained control: both carry the stimuli, and whether anything was learned in common is not shown"
    if gain.a_to_b is None or gain.b_to_a is None:
        return (
            "the untrained control is there for one network only: whether anything was learned in common is not shown"
        )
    factors = f"{10**gain.a_to_b:.1f} times (A to B) and {10**gain.b_to_a:.1f} times (B to A)"
    if gain.shown:
        return f"untrained copies leave {factors} as much unexplained at the {gain.rung} rung: something was learned in common"
    return (
        f"untrained copies leave {factors} as much unexplained, not {10**gain.threshold:.1f} times both ways: "
        "both carry the stimuli, and nothing learned in common is shown"
    )


def _smooth_outputs(identifies: Identifies | None) -> tuple[str, str]:
    if identifies is None:
        return "undecided", (
            "without the inputs it cannot be tested whether the outputs determine them, "
            "and then any two invertible outputs would match: record with inputs"
        )
    numbers = f"inputs unexplained from outputs: {percent(identifies.a)} for A, {percent(identifies.b)} for B"
    if identifies.states == ("fails", "fails"):
        return "equivalent", f"the outputs do not determine the inputs ({numbers}), so that they match says something"
    if "holds" in identifies.states:
        return "undecided", (
            f"the outputs determine the input ({numbers}): every pair of such networks matches, whatever was learned"
        )
    return "undecided", f"whether the outputs determine the inputs is open ({numbers}): record more stimuli"


def _one_way_sentence(answer: str, identifies: Identifies | None) -> str:
    source, target = ("A", "B") if answer == "a_determines_b" else ("B", "A")
    state = None if identifies is None else identifies.states[0 if source == "A" else 1]
    if state == "holds":
        return f"the outputs of {source} determine the input, so they determine any function of it; this is not the same task"
    return f"this is not the same task: the outputs of {source} make distinctions that those of {target} do not"


def _against_decisions(answer: str, decisions: Agreement, tolerance: float, kinds: tuple[str, str]) -> tuple[str, str]:
    """Let agreement of decisions stand beside the ladder; where they contradict each other nothing is decided."""
    best = max((decisions.plain, decisions.relabelled), key=lambda e: e.unexplained or 0.0)
    relabelled = " after relabelling" if best is decisions.relabelled and best != decisions.plain else ""
    expected = 1.0 - decisions.expected_disagreement - tolerance
    own = "" if decisions.own_errors is None else f"; own errors {_own(decisions)}"
    sentence = f"both decide alike on {_shares(best)} of the rows{relabelled}{own}"
    if answer == "equivalent" and (best.high or 0.0) < expected:
        return (
            "undecided",
            f"{sentence}: fewer than outputs that match would allow, so the two readings contradict each other",
        )
    doubt = _doubt(answer, decisions, tolerance)
    if doubt is not None:
        return "undecided", f"{sentence}; {doubt}: they do not bear out the difference that the {kinds[0]} show"
    return answer, sentence


def _doubt(answer: str, decisions: Agreement, tolerance: float) -> str | None:
    """Say why decisions do not bear out that one network fails to determine the other, or None where they do.

    They do not where nearly all follow from the other's, nor, against known targets, where the two err on the same rows more than
    by chance or this is open: networks that learned one task imperfectly differ no further.
    """
    ways = {"A to B": decisions.follows[0], "B to A": decisions.follows[1]}
    denied = {"a_determines_b": ["B to A"], "b_determines_a": ["A to B"], "equivalent": [], "undecided": []}
    for way in denied.get(answer, list(ways)):
        follows, k = ways[way], ways[way].consistency
        if (follows.share.low or 0.0) > 1.0 - 2.0 * tolerance and follows.beyond_chance > BEYOND_CHANCE:
            e = follows.share
            return f"one's follow from the other's on {_shares(e)} ({way})"
        if k is not None and (k.high or 0.0) >= SAME_ERRORS:
            return f"they err on the same rows beyond chance, or may (kappa {k.unexplained:.2f} [{k.low:.2f}, {k.high:.2f}])"
    return None


def _shares(e: Estimate) -> str:
    return f"{100 * (e.unexplained or 0):.1f} % [{100 * (e.low or 0):.1f}, {100 * (e.high or 0):.1f}]"


def _own(decisions: Agreement) -> str:
    errors = decisions.own_errors or ()
    return " and ".join(f"{100 * (e.unexplained or 0):.1f} %" for e in errors)
