"""The sentences of the direct test of dynamics."""

from __future__ import annotations

import numpy as np

from conjugacy.results import Estimate
from conjugacy.results.digits import digits, per_cent
from conjugacy.verdict.dynamics_numbers import DynamicsNumbers, Live, high_of, low_of, value_of


def numbers_words(found: DynamicsNumbers) -> str:
    """Say how far each past predicts the other's next point; of what the drive tells by itself, an excess says nothing."""
    ways = {"A->B": found.a_to_b, "B->A": found.b_to_a}
    asked = [f"{_range(way.excess)} {name}" for name, way in ways.items() if way.testable]
    untold = [f"{percent(max(0.0, way.left))} {name}" for name, way in ways.items() if not way.testable]
    told = f"next point {', '.join(asked)} beyond both pasts (margin {percent(found.margin)})" if asked else ""
    little = (
        f"beyond the drive, pasts predict too little of the next point for a test: {', '.join(untold)}"
        if untold
        else ""
    )
    return "; ".join(part for part in (told, little) if part)


def state_words(found: DynamicsNumbers) -> str:
    """Say what the units are, and on what states the answer holds; what a network's own steps start from is a state."""
    points = max(found.a_to_b.points, found.b_to_a.points, found.a.points, found.b.points)
    hide = [name for name, x in (("A", found.a), ("B", found.b)) if x.hidden]
    units = f"the units of {' and '.join(hide)} hide a part of the state" if hide else "the units show the whole state"
    if found.live is not None:
        units = "the units are states, as the networks' own steps start from them"
    own = f"a state is {_points(found.a.points)} in A and {_points(found.b.points)} in B"
    if found.a.points == found.b.points:
        own = f"a state is {_points(found.a.points)} in both"
    holds = f"; what is said holds on delay states (windows of up to {points} time points)" if points > 1 else ""
    return f"{units}; {own}{holds}"


def _points(count: int) -> str:
    return f"{count} time point{'' if count == 1 else 's'}"


def gate_words(found: DynamicsNumbers) -> str:
    """Say how well maps can be known here."""
    parts = [
        f"{name} {', '.join(f'{percent(x.limits[k])} {what}' for k, what in LIMITS)}"
        for name, x in (("A", found.a), ("B", found.b))
        if x.limits
    ]
    return (
        f"between two views of one system, maps leave {'; '.join(parts)}"
        if parts
        else "what maps leave of one system was not measured"
    )


LIMITS = (
    ("power", "to a random instrument"),
    ("half", "to the other half of its units"),
    ("growth", "by the growth of errors"),
)


def drift(margin: float) -> float:
    """Return by how much of a cycle two courses may drift apart in a trial and still be within the margin.

    Phases that part evenly by p over a trial leave 1 - sinc(p)^2, p in turns, of what a map must tell.

    Examples
    --------
    >>> round(drift(0.10), 2)
    0.18
    """
    p = np.linspace(0.0, 1.0, 10_001)
    return float(p[np.searchsorted(1.0 - np.sinc(p) ** 2, margin) - 1])


def margin_words(found: DynamicsNumbers) -> str:
    """Say what the margin allows."""
    turned = drift(found.margin)
    said = f"the margin allows courses that drift apart by {digits(turned)} of a cycle in a trial"
    if found.cycles is None:
        return said
    return (
        f"{said}, which is {percent(turned / found.cycles)} of speed over the {digits(found.cycles)} cycles of one here"
    )


def live_words(live: tuple[Live, Live]) -> str:
    """Say how far the networks' own steps disagree."""
    parts = [
        f"{way}: {_range(one.on)} on visited states, {_range(one.away)} away from them, "
        f"{_range(one.tangent)} of the response to a push (slips of the maps make "
        f"{', '.join(percent(floor) for floor in one.floors)})"
        for way, one in zip(("A->B", "B->A"), live, strict=True)
    ]
    return "the networks' own steps disagree by " + "; ".join(parts)


def percent(fraction: float) -> str:
    """Return it as a percentage."""
    return per_cent(fraction)


def _range(estimate: Estimate) -> str:
    return per_cent(value_of(estimate), low_of(estimate), high_of(estimate))
