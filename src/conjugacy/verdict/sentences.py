"""The sentences that carry an answer: of the maps, of controls, and numbers in words."""

from __future__ import annotations

from conjugacy.results import Estimate, Gain
from conjugacy.results.digits import digits, interval, p_digits, per_cent
from conjugacy.transformations import Ladder, rung_named
from conjugacy.transformations.chance import PLANTED
from conjugacy.verdict.inputs import Identifies
from conjugacy.verdict.relation import tells_part


def of_maps(ladder: Ladder, answer: str) -> str:
    """Return what the maps alone say."""
    result = next(r for r in ladder.results if r.rung == ladder.told_rung)
    numbers = f"{percent(result.a_to_b)} unexplained A->B, {percent(result.b_to_a)} B->A"
    limit = f"tolerance {100 * ladder.tolerance:g} %"
    if answer == "equivalent":
        own = ladder.own_words
        carries = f"{rung_named(result.rung).words} carries one onto the other,"
        return f"{carries if own is None else f'{own}, match'} both ways: {numbers} ({limit})"
    if answer in ("a_determines_b", "b_determines_a"):
        source, target = ("A", "B") if answer == "a_determines_b" else ("B", "A")
        return f"{source} determines {target}, and not back: {numbers} ({limit})"
    if answer == "partly_related":
        return f"neither determines the other, and they are not independent: {numbers} ({limit}; {_by_chance(ladder)})"
    if answer == "unrelated":
        return f"neither predicts the other better than chance: {numbers} ({_by_chance(ladder)})"
    if answer == "not_equivalent":
        return f"no map carries one onto the other both ways: {numbers} ({limit}); {_open_relation(ladder)}"
    return f"the data do not decide: {numbers} ({limit}); {_open_question(ladder)}"


def _by_chance(ladder: Ladder) -> str:
    return f"permutation p {p_digits(ladder.p_independent)}"


def _open_relation(ladder: Ladder) -> str:
    """Say what is open where the map is refuted, and what would settle it."""
    for (source, target), direction in zip((("A", "B"), ("B", "A")), ladder.directions, strict=True):
        if ladder.determines(direction) == "undecided":
            decides = f"{target}->{source} alone is over the tolerance, and decides"
            return f"{decides}; whether {source} determines {target} is open: more stimuli would tell"
    if tells_part(ladder):
        place = "a row's place in its group may be all that they share"
        return f"one tells a part of the other, and so it does of re-paired groups ({_by_chance(ladder)}): {place}"
    open_ = f"whether they have anything to do with each other is open ({_by_chance(ladder)})"
    if (rows := ladder.chance.hidden) is not None:
        once = "pairs of states that rows repeat count once, which hides what few pairs tell"
        return f"{open_}; {once}: row by row p {p_digits(rows.p)}, so they share something if rows were drawn independently"
    share = f"a function of one that makes up {100 * PLANTED:g} % of the other's variance"
    return f"{open_}; these rows would not show {share}: more stimuli would tell"


def _open_question(ladder: Ladder) -> str:
    states = [ladder.determines(direction) for direction in ladder.directions]
    if states == ["holds", "undecided"]:
        return "A determines B; whether B determines A is open: record more stimuli"
    if states == ["undecided", "holds"]:
        return "B determines A; whether A determines B is open: record more stimuli"
    return ladder.results[-1].advice or "record more stimuli"


def of_gain(gain: Gain) -> str:
    """Return what copies that learned nothing show of layers that match."""
    nothing = "whether anything was learned in common is not shown"
    because = "" if gain.reason is None else f"; {gain.reason}"
    if gain.state == "itself":
        return "they are one network, so this says nothing about what it learned"
    if gain.state == "no_control":
        return f"there is no untrained control{because}; both carry the stimuli, and {nothing}"
    if gain.state == "one_network":
        return f"copies that learned nothing are there for one network only{because}; {nothing}"
    factors = f"{times(gain, 'a_to_b')} times (A to B) and {times(gain, 'b_to_a')} times (B to A)"
    leave = f"copies that learned nothing leave {factors} as much unexplained at the {gain.rung} rung"
    said = {
        "shown": f"{leave}, more than the tolerance; something was learned in common",
        "no_pair": f"{leave}; the pair itself is not within the tolerance either; {nothing}",
        "nearly_linear": "networks with these weights in random order match by an affine map as well; small weights, or none "
        f"that bend, make layers nearly linear whatever was learned; {nothing}",
        "controls_hold": f"{leave}; not all of them fail the tolerance; both carry the stimuli, and {nothing}",
        "small": f"{leave}, not clearly {digits(10**gain.threshold)} times both ways; both carry the stimuli, and {nothing}",
        "unshuffled": f"untrained {leave}; there is no control with the norms of the trained weights{because}; {nothing}",
        "unreset": f"shuffled {leave}; there is no untrained control{because}; {nothing}",
    }
    return said[gain.state]


def times(gain: Gain, way: str) -> str:
    """Return a gain as a factor with its interval: ``3.1 [2.8, 3.4]``."""
    value, low, high = (getattr(gain, name) for name in (way, f"low_{way}", f"high_{way}"))
    if value is None:
        return "?"
    times, *ends = (None if one is None else 10.0**one for one in (value, low, high))
    return f"{digits(times)}{interval(times, *ends)}"


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
    return per_cent(e.unexplained, e.low or 0.0, e.high or 0.0)
