"""From the numbers of the direct test to an answer on the dynamics, and its sentences."""

from __future__ import annotations

from dataclasses import dataclass

from conjugacy.results import Estimate, Reason
from conjugacy.results.reason import reasons

MARGIN = 0.10  # largest unexplained fraction, and commutation residual over its floor, that still counts as the same
FEWEST_COURSES = 8
BLIND = 0.30  # floor of a live residual above which it says nothing
AFFINE = 0.01  # what an affine map may leave of the states, to be trusted off those visited
SLIPS = 3.0  # times the floor that a live residual must exceed, with the margin, to say different


@dataclass(frozen=True)
class WayNumbers:
    """The direct test in one direction, from a source to a target.

    Attributes
    ----------
    states : Estimate
        What the map of states leaves of the target.
    commutation : Estimate
        |T(f(x)) - g(T(x))|^2 over the squared step.
    step : Estimate
        What the source's own fitted step leaves of its step.
    drive : Estimate
        What the input's history and the time in the trial leave of the source's states.
    """

    states: Estimate
    commutation: Estimate
    step: Estimate
    drive: Estimate


@dataclass(frozen=True)
class Live:
    """The direct test with the networks' own steps: on visited states, away from them, and of responses to a push.

    `floors` holds what slips of the maps make of each, as large as going to the other network and back again shows them: how
    well a map fitted on visited states is known where it is asked. `affine` is what an affine map leaves of the target's
    states: a curved one is a guess off the visited states, and its disagreement there shows no difference.
    """

    on: Estimate
    away: Estimate
    tangent: Estimate
    floors: tuple[float, float, float] = (0.0, 0.0, 0.0)
    affine: float = 0.0

    @property
    def over_floors(self) -> tuple[tuple[Estimate, float], ...]:
        """Every residual with its floor."""
        return tuple(zip((self.on, self.away, self.tangent), self.floors, strict=True))

    @property
    def telling(self) -> tuple[tuple[Estimate, float], ...]:
        """Those that can show a difference, with their floors."""
        known = self.over_floors if self.affine <= AFFINE else self.over_floors[:1]
        return tuple(pair for pair in known if pair[1] <= BLIND)


@dataclass(frozen=True)
class DynamicsNumbers:
    """All that decides: both directions, live maps where they were given, and what is known of the trials."""

    a_to_b: WayNumbers
    b_to_a: WayNumbers
    p_partners: float
    courses: int
    drive_known: bool
    same_drive: bool
    live: tuple[Live, Live] | None = None
    margin: float = MARGIN


def decide_dynamics(found: DynamicsNumbers) -> tuple[str, tuple[Reason, ...], tuple[str, ...]]:
    """Return answer, reasons and warnings.

    Equivalent: both maps of states and both commutation residuals (over the networks' own one-step errors) are within the margin
    with their intervals. One way: one direction is, and the other map of states fails. Different: something is beyond the margin.
    From data alone nothing positive is said where the drive explains the states, where what moves both is not recorded, or where
    the trials repeat few courses; live maps can say it.
    """
    answer, sentences = _decided(found)
    return answer, reasons("flows", *sentences), _warnings(found)


def _decided(found: DynamicsNumbers) -> tuple[str, tuple[str, ...]]:
    """Return the answer and its reasons, the one that decides first."""
    m = found.margin
    ways = (found.a_to_b, found.b_to_a)
    floor = sum(_value(way.step) for way in ways) / 2.0
    holds, fails = [_high(w.states) < m for w in ways], [_low(w.states) > m for w in ways]
    agree, part = ([f(w.commutation) - floor for w in ways] for f in (_high, _low))
    numbers = _numbers(found)
    if found.courses < 2:
        return "undecided", ("all trials run the same course: record other starts or inputs",)
    one_way = 0 if holds[0] and fails[1] else 1 if holds[1] and fails[0] else None
    if one_way is None:
        positive, negative = all(holds) and max(agree) < m, any(fails) or max(part) > m
        answer, said = "equivalent", f"a map of states carries one flow onto the other, both ways: {numbers}"
    else:
        positive, negative = agree[one_way] < m, part[one_way] > m
        answer, whose, other = ("a_determines_b", "A", "B") if one_way == 0 else ("b_determines_a", "B", "A")
        said = f"{other} is a factor of {whose}: {whose}'s states give {other}'s, and not back: {numbers}"
    if negative:
        live = () if found.live is None else (_live_words(found.live),)
        which = "no map of states carries one onto the other" if all(fails) else "the flows do not agree"
        return "different", (f"{which}: {numbers}", *live)
    if not positive:
        return "undecided", (f"the data do not decide: an interval straddles the margin: {numbers}",)
    if found.live is not None:
        return _with_live(found, found.live, answer, said)
    doubt = _doubt(found)
    return (answer, (said,)) if doubt is None else ("undecided", (doubt, said))


def _with_live(found: DynamicsNumbers, live: tuple[Live, Live], answer: str, said: str) -> tuple[str, tuple[str, ...]]:
    """Hold a positive answer from data against the networks' own steps."""
    needed = [live[0]] if answer == "a_determines_b" else [live[1]] if answer == "b_determines_a" else list(live)
    residuals = [pair for way in needed for pair in way.over_floors]
    words = _live_words(live)
    blind = max(floor for _, floor in residuals) > BLIND
    if not blind and all(_high(e) - floor < found.margin for e, floor in residuals):
        return answer, (said, words)
    if any(_low(e) - SLIPS * floor > found.margin for way in needed for e, floor in way.telling):
        return "different", (f"the states map onto each other, and the networks' own steps do not: {words}", said)
    if blind:
        unknown = "a map of states is not known where it is asked: slips of the maps alone make as much"
        return "undecided", (f"{unknown}: {words}", said)
    return "undecided", (f"the networks' own steps do not decide: {words}", said)


def _doubt(found: DynamicsNumbers) -> str | None:
    """Say why data alone cannot carry a positive answer, or None."""
    m = found.margin
    if not found.same_drive:
        return "the two networks were fed different inputs: the same trajectories need not be the same dynamics"
    if found.courses < FEWEST_COURSES:
        return f"the trials run {found.courses} distinct courses, and {FEWEST_COURSES} are needed: record other starts"
    if all(_value(way.drive) < m for way in (found.a_to_b, found.b_to_a)):
        return (
            "both follow the shared drive: the input's history and the time in the trial alone tell "
            f"{_percent(1 - _value(found.a_to_b.drive))} of A's states and {_percent(1 - _value(found.b_to_a.drive))} of B's; "
            "give live steps, perturbations or private noise"
        )
    if not found.drive_known and all(_low(way.step) > m for way in (found.a_to_b, found.b_to_a)):
        return (
            "what moves both is not in the data: their own states do not tell the next step "
            f"({_percent(_value(found.a_to_b.step))} and {_percent(_value(found.b_to_a.step))} unexplained); give the drive, "
            "or zeros where there is none"
        )
    return None


def _warnings(found: DynamicsNumbers) -> tuple[str, ...]:
    if found.p_partners > 0.05:
        return (
            f"partners are interchangeable (p = {found.p_partners:.2g}): different dynamics, or wrongly matched trials",
        )
    return ()


def _numbers(found: DynamicsNumbers) -> str:
    floor = (_value(found.a_to_b.step) + _value(found.b_to_a.step)) / 2.0
    return (
        f"states {_range(found.a_to_b.states)} unexplained A->B, {_range(found.b_to_a.states)} B->A; the flows disagree by "
        f"{_range(found.a_to_b.commutation)} of a step A->B, {_range(found.b_to_a.commutation)} B->A, their own steps are known "
        f"to {_percent(floor)} (margin {_percent(found.margin)})"
    )


def _live_words(live: tuple[Live, Live]) -> str:
    parts = [
        f"{way}: {_range(one.on)} on visited states, {_range(one.away)} away from them, "
        f"{_range(one.tangent)} of the response to a push (slips of the maps make "
        f"{', '.join(_percent(floor) for floor in one.floors)})"
        for way, one in zip(("A->B", "B->A"), live, strict=True)
    ]
    return "the networks' own steps disagree by " + "; ".join(parts)


def _value(estimate: Estimate) -> float:
    return float("inf") if estimate.unexplained is None else estimate.unexplained


def _low(estimate: Estimate) -> float:
    return _value(estimate) if estimate.low is None else estimate.low


def _high(estimate: Estimate) -> float:
    return _value(estimate) if estimate.high is None else estimate.high


def _percent(fraction: float) -> str:
    return f"{_digits(fraction)} %"


def _digits(fraction: float) -> str:
    return f"{100 * fraction:.2g}" if fraction < 1 else f"{100 * fraction:.0f}"


def _range(estimate: Estimate) -> str:
    return f"{_percent(_value(estimate))} [{_digits(_low(estimate))}, {_digits(_high(estimate))}]"
