"""The sentences that carry an answer: of the maps, of the control, and numbers in words."""

from __future__ import annotations

from conjugacy.results import Control, Estimate, Gain
from conjugacy.transformations import Ladder, rung_named
from conjugacy.verdict.inputs import Identifies


def of_maps(ladder: Ladder, answer: str) -> str:
    """Return what the maps alone say."""
    result = next(r for r in ladder.results if r.rung == ladder.told_rung)
    numbers = f"{percent(result.a_to_b)} of the variance unexplained from A to B, {percent(result.b_to_a)} from B to A"
    limit = f"tolerance {100 * ladder.tolerance:g} %"
    if answer == "equivalent":
        own = ladder.own_words
        carries = f"{rung_named(result.rung).words} carries one onto the other,"
        return f"{carries if own is None else f'{own}, match'} both ways: {numbers} ({limit})"
    if answer in ("a_determines_b", "b_determines_a"):
        source, target = ("A", "B") if answer == "a_determines_b" else ("B", "A")
        return f"{source} determines {target}, and not back: {numbers} ({limit})"
    if answer == "partly_related":
        return f"neither determines the other, and they are not independent: {numbers} ({limit})"
    if answer == "unrelated":
        return f"neither tells anything of the other beyond chance: {numbers} (p = {ladder.p_independent})"
    if "fails" in (ladder.determines(direction) for direction in ladder.directions):
        return f"no map carries one onto the other both ways: {numbers} ({limit})"
    return f"the data do not decide: {numbers} ({limit}); {_open_question(ladder)}"


def _open_question(ladder: Ladder) -> str:
    states = [ladder.determines(direction) for direction in ladder.directions]
    if states == ["holds", "undecided"]:
        return "A determines B; whether B determines A is open: record more stimuli"
    if states == ["undecided", "holds"]:
        return "B determines A; whether A determines B is open: record more stimuli"
    return ladder.results[-1].advice or "record more stimuli"


def of_control(control: Control | None, gain: Gain) -> str:
    """Return what untrained copies show of layers that match."""
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


def of_one_way(answer: str, identifies: Identifies | None) -> str:
    """Return what it says that outputs determine others, and not back."""
    source, target = ("A", "B") if answer == "a_determines_b" else ("B", "A")
    state = None if identifies is None else identifies.states[0 if source == "A" else 1]
    if state == "holds":
        return f"the outputs of {source} determine the input, so they determine any function of it; this is not the same task"
    return f"this is not the same task: the outputs of {source} make distinctions that those of {target} do not"


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
