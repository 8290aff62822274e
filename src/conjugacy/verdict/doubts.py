"""What may turn an answer: outputs that give the inputs away, a floor of noise, decisions that do not bear a difference out."""

from __future__ import annotations

from conjugacy.results import Estimate, Floor
from conjugacy.transformations import Ladder
from conjugacy.verdict.decisions import Agreement
from conjugacy.verdict.inputs import Identifies
from conjugacy.verdict.sentences import own_errors, percent, shares

SAME_ERRORS = 0.5  # error consistency from which networks are taken to err alike
BEYOND_CHANCE = 0.5  # decisions that follow must be this far above naming the most frequent class


def smooth_outputs(identifies: Identifies | None) -> tuple[str, str]:
    """Leave open outputs that match by a smooth map only, where they give the inputs away or that is not known."""
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


def against_floor(answer: str, ladder: Ladder, floor: Floor) -> tuple[str, str | None]:
    """Leave open what replicas of one network may show as well: a map cannot predict what changes from repeat to repeat.

    Noise of source and target both count: with a share f of noise in each, units that predict units leave 1 - (1 - f)^2.
    """
    if floor.high is None:
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


def against_decisions(answer: str, decisions: Agreement, tolerance: float, kinds: tuple[str, str]) -> tuple[str, str]:
    """Let agreement of decisions stand beside the ladder; where they contradict each other nothing is decided."""
    best = max((decisions.plain, decisions.relabelled), key=lambda e: e.unexplained or 0.0)
    relabelled = " after relabelling" if best is decisions.relabelled and best != decisions.plain else ""
    expected = 1.0 - decisions.expected_disagreement - tolerance
    own = "" if decisions.own_errors is None else f"; own errors {own_errors(decisions)}"
    sentence = f"both decide alike on {shares(best)} of the rows{relabelled}{own}"
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
            return f"one's follow from the other's on {shares(e)} ({way})"
        if k is not None and (k.high or 0.0) >= SAME_ERRORS:
            return f"they err on the same rows beyond chance, or may (kappa {k.unexplained:.2f} [{k.low:.2f}, {k.high:.2f}])"
    return None
