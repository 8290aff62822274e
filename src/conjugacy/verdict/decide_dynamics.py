"""From the numbers of the direct test to an answer on the dynamics, and its sentences."""

from __future__ import annotations

from conjugacy.results import Reason
from conjugacy.results.digits import p_digits
from conjugacy.results.reason import reasons
from conjugacy.verdict.dynamics_numbers import (
    BLIND,
    FEWEST_COURSES,
    INTERCHANGEABLE,
    SAME_NEWS,
    SLIPS,
    DynamicsNumbers,
    Live,
    SystemNumbers,
    high_of,
    low_of,
    value_of,
)
from conjugacy.verdict.dynamics_words import gate_words, live_words, margin_words, numbers_words, percent, state_words


def decide_dynamics(found: DynamicsNumbers) -> tuple[str, tuple[Reason, ...], tuple[str, ...]]:
    """Return answer, reasons and warnings.

    Equivalent: each past predicts the other's next point as well as both pasts do, within the margin, with its interval.
    Different: one does not, by more than the margin and what maps leave between two views of one system. One way: one direction
    holds and the other fails. There is no positive answer if the drive predicts the next points, if what moves both is not
    recorded, or if the trials repeat few courses; live maps can give one. If partners predict nothing, or the systems' own
    futures are not foreseen, matched trials cannot show a difference: `without_partners`.
    """
    answer, sentences = _decided(found)
    return answer, reasons("flows", *sentences), _warnings(found)


def without_partners(found: DynamicsNumbers) -> str | None:
    """Say why trials are to be compared without their partners, or None: noise in the law makes partners differ."""
    if found.live is not None or not any(found.fails) or _one_way(found) is not None:
        return None
    if min(found.p_partners, found.p_starts) > INTERCHANGEABLE:
        starts = f"of their starts alone p {p_digits(found.p_starts)}"
        return f"partners tell nothing of each other (permutation p {p_digits(found.p_partners)}; {starts})"
    worst = max(low_of(w.excess) for w, fails in zip((found.a_to_b, found.b_to_a), found.fails, strict=True) if fails)
    if worst <= found.margin + found.unforeseen:
        return (
            f"half a trial on, their own present leaves {percent(_later(found.a))} of A and {percent(_later(found.b))} of "
            "B untold: two runs of one law with noise of their own would differ as much"
        )
    return None


def _later(system: SystemNumbers) -> float:
    return max(0.0, system.limits.get("later", 0.0))


def _one_way(found: DynamicsNumbers) -> int | None:
    ways = (found.a_to_b, found.b_to_a)
    holds = [w.testable and high_of(w.excess) < found.margin for w in ways]
    return next((i for i in (0, 1) if holds[i] and found.fails[1 - i]), None)


def _decided(found: DynamicsNumbers) -> tuple[str, tuple[str, ...]]:
    """Return the answer and its reasons, the one that decides first."""
    m, ways = found.margin, (found.a_to_b, found.b_to_a)
    numbers, states = numbers_words(found), state_words(found)
    one_way = _one_way(found)
    live_maps = found.maps is not None and all(high_of(x) < m for x in found.maps)
    if any(found.fails) and one_way is None and not live_maps:
        live = () if found.live is None else (live_words(found.live),)
        which = "neither past tells" if all(found.fails) else "one past does not tell"
        return "different", (
            f"{which} the other's next point as well as both do: {numbers}",
            states,
            gate_words(found),
            *live,
        )
    if one_way is not None:
        answer, whose, other = ("a_determines_b", "A", "B") if one_way == 0 else ("b_determines_a", "B", "A")
        said = f"{other} is a factor of {whose}: {whose}'s past tells {other}'s next point, and not back: {numbers}"
    else:
        answer, said = "equivalent", f"each past predicts the other's next point as well as both do: {numbers}"
    holds = [w.testable and high_of(w.excess) < m for w in ways]
    if found.live is not None and (live_maps or all(holds) or one_way is not None):
        if not all(holds) and one_way is None:
            said = f"maps of states hold both ways ({', '.join(percent(value_of(x)) for x in found.maps or ())} left): {numbers}"
        answer, words = _with_live(found, found.live, answer, said)
        if answer == "equivalent" and any(found.fails):
            both = "the networks' own steps agree within the margin, and one past does not tell the other's next point"
            return "undecided", (f"{both}: what the shared drive tells hides what differs", *words, states)
        return answer, (*words, states)
    if one_way is None and not all(holds):
        return "undecided", (_open(found, numbers), states)
    doubt = _doubt(found)
    further = (states, gate_words(found)) if one_way is not None else (states, margin_words(found))
    return (answer, (said, *further)) if doubt is None else ("undecided", (doubt, said, states))


def _open(found: DynamicsNumbers, numbers: str) -> str:
    """Say why the data do not decide."""
    ways = (found.a_to_b, found.b_to_a)
    if not all(w.testable for w in ways):
        return (
            "both follow the shared drive" if not any(w.testable for w in ways) else "one follows the shared drive"
        ) + (
            ": the input's history and the time in the trial alone tell "
            f"{percent(1 - value_of(found.a.drive))} of A's next point and {percent(1 - value_of(found.b.drive))} of B's, their "
            f"pasts little more; {_wanted(found)}"
        )
    maps = "" if found.live is None else f"; {_wanted(found)}"
    if any(low_of(w.excess) > found.margin for w in ways):
        unknown = f"maps are not known well enough here to say different: {numbers}; {gate_words(found)}"
        return f"the data do not decide: {unknown}{maps}"
    return f"the data do not decide: an interval straddles the margin: {numbers}{maps}"


def _wanted(found: DynamicsNumbers) -> str:
    """Say what would decide; where live steps are there, what keeps them from it."""
    if found.maps is None:
        return "give live steps, perturbations or private noise"
    left = [f"{percent(high_of(x))} {way}" for way, x in zip(("A->B", "B->A"), found.maps, strict=True)]
    much = "too much for comparing the networks' own steps: give more or longer trials"
    return f"maps of states leave up to {', '.join(left)}, {much}"


def _with_live(found: DynamicsNumbers, live: tuple[Live, Live], answer: str, said: str) -> tuple[str, tuple[str, ...]]:
    """Hold a positive answer from data against the networks' own steps."""
    needed = [live[0]] if answer == "a_determines_b" else [live[1]] if answer == "b_determines_a" else list(live)
    residuals = [pair for way in needed for pair in way.over_floors]
    words = live_words(live)
    blind = max(floor for _, floor in residuals) > BLIND
    if not blind and all(high_of(e) - floor < found.margin for e, floor in residuals):
        return answer, (said, words)
    if any(low_of(e) - SLIPS * floor > found.margin for way in needed for e, floor in way.telling):
        return "different", (f"the states map onto each other, and the networks' own steps do not: {words}", said)
    if blind:
        unknown = "a map of states is not known where it is asked: slips of the maps alone make as much"
        return "undecided", (f"{unknown}: {words}", said)
    return "undecided", (f"the networks' own steps do not decide: {words}", said)


def _doubt(found: DynamicsNumbers) -> str | None:
    """Say why data alone cannot carry a positive answer, or None."""
    if found.courses < FEWEST_COURSES:
        return f"the trials run {found.courses} distinct courses, and {FEWEST_COURSES} are needed: record other starts"
    if not found.drive_known and found.news > SAME_NEWS:
        return (
            "what moves both is not in the data: what no past tells happens in both at once "
            f"({percent(found.news)} of a step); give the drive, or zeros where there is none"
        )
    return None


def _warnings(found: DynamicsNumbers) -> tuple[str, ...]:
    if found.p_partners > INTERCHANGEABLE and any(w.testable for w in (found.a_to_b, found.b_to_a)):
        return (
            f"partners are interchangeable (permutation p {p_digits(found.p_partners)}): different dynamics, noise in the law, "
            "or wrongly matched trials",
        )
    return ()
