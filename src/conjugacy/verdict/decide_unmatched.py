"""From two systems' recurrence curves to an answer on the dynamics without matched trials, and its sentences."""

from __future__ import annotations

import numpy as np

from conjugacy.dynamics.unmatched import Unmatched
from conjugacy.results import Reason
from conjugacy.results.digits import digits, p_digits
from conjugacy.results.reason import reasons

ALPHA = 0.05
ALIKE = 0.2  # share of a system's own halves that must be as far apart, where two systems are to be called equal
SECOND = 0.02  # in place of ALPHA where another test could not tell: no draw of a hundred is as far apart
STRETCH = 1.3  # of time: what differs by less is not told apart


def decide_unmatched(found: Unmatched, *, second: bool = False) -> tuple[str, tuple[Reason, ...]]:
    """Return an answer and its reasons.

    Equivalent: closer than either system is to itself at a speed 1.3 times higher or lower, and no farther than its own halves
    seen through other instruments, in how states come back and in how unevenly they move. Different: farther than these halves,
    and not closer than a change of speed. Everything else is open. As the second look after a test that could not tell, different
    takes that no draw is as far apart, and that a change of speed is plainly no farther.
    """
    numbers = f"curves {digits(found.distance)} apart, two halves of one network {digits(max(found.floors))}"
    unlike = (
        f"a network's own halves, seen through other instruments, are as far apart (p {p_digits(found.p_different)})"
    )
    alike = f"a network is as close to itself at {found.stretch:g} times the speed (p {p_digits(found.p_same)})"
    numbers = f"{numbers}; {alike}; {unlike}"
    if found.p_same <= ALPHA and found.p_different > ALIKE and _unlike_waveforms(found):
        said = (
            f"states come back alike, and move less evenly in one network than in the other; apart from speed by a factor "
            f"{digits(np.exp(found.pace))}, as much as a network's own halves (p {p_digits(found.p_pace)})"
        )
        return "undecided", reasons("flows", f"{said}: {numbers}")
    if found.p_same <= ALPHA and found.p_different > ALIKE:
        said = f"states come back alike, equal up to a time scale within a factor {found.stretch:g} and nothing more"
        return "equivalent", reasons("flows", f"{said}: {numbers}")
    if found.p_different <= ALPHA < found.p_same:
        if second and (found.p_different > SECOND or found.p_same <= ALIKE):
            said = "states may come back differently, not plainly enough for a second look"
            return "undecided", reasons("flows", f"{said}: {numbers}")
        return "different", reasons("flows", f"states come back differently: {numbers}")
    if found.p_same <= ALPHA:
        said = f"closer than a change of speed by {found.stretch:g}, and still hardly as close as one network's halves"
        return "undecided", reasons("flows", f"{said}: {numbers}")
    said = "one network varies as much from half to half of its trials; more or longer trials may tell"
    return "undecided", reasons("flows", f"{said}: {numbers}")


def _unlike_waveforms(found: Unmatched) -> bool:
    """Say whether one system moves more unevenly: by more than speeds may differ, or than other instruments make of it."""
    return found.pace > np.log(found.stretch) or found.p_pace <= ALPHA
