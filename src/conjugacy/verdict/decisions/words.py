"""What is said of choices between classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from conjugacy.results import Estimate
from conjugacy.results.digits import p_digits, per_cent, signed
from conjugacy.verdict.decisions.expected import AgainstIndependent
from conjugacy.verdict.decisions.falls import Fall

MOST_NAMED = 3


@dataclass(frozen=True)
class Words:
    """The sentences about one pair.

    Attributes
    ----------
    agreement : Estimate
        Share of rows on which both choose alike.
    against : AgainstIndependent or None
        Agreement compared with that of independent errors.
    renamed : bool
        Whether classes were renamed.
    own_errors : (Estimate, Estimate) or None
    """

    agreement: Estimate
    against: AgainstIndependent | None
    renamed: bool
    own_errors: tuple[Estimate, Estimate] | None

    @property
    def alike(self) -> str:
        """How often both choose alike, beside what independent errors would give."""
        after = " after one renaming of the classes" if self.renamed else ""
        said = f"both decide alike on {share(self.agreement)} of the rows{after}"
        if self.own_errors is None:
            return said
        errors = " and ".join(f"{per_cent(e.unexplained or 0.0)}" for e in self.own_errors)
        if self.against is None:
            return f"{said} (own errors {errors})"
        return f"{said} (own errors {errors}; independent errors would give {per_cent(self.against.expected)})"

    def of_falls(self, found: Sequence[Fall]) -> str:
        """Name the classes that one network does and the other does not."""
        named = [
            f"class {f.label}: A {_whole(f.a)} and B {_whole(f.b)} of its {f.rows} rows" for f in found[:MOST_NAMED]
        ]
        more = f", and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
        right = "right on" if self.own_errors is not None else "decided so on"
        return f"not every class is done by both; {right} {'; '.join(named)}{more}"

    def of_leaning(self, found: Sequence[Fall]) -> str:
        """Name the classes of which few rows speak against a yes, and what would decide."""
        p = max(f.p for f in found)
        return f"{self.of_few_rows(found)[0]}, and chance is unlikely (p {p_digits(p)}): record more of these classes"

    def of_few_rows(self, found: Sequence[Fall]) -> tuple[str, ...]:
        """Name the classes that may differ, on too few rows to tell."""
        if not found:
            return ()
        named = [f"class {f.label} (A {_whole(f.a)}, B {_whole(f.b)} of {f.rows} rows)" for f in found[:MOST_NAMED]]
        more = f", and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
        return (f"too few rows to tell whether both do {', '.join(named)}{more}",)

    def of_weak(self, weak: Sequence[str]) -> str:
        """Say that networks are not far enough above chance."""
        who = " and ".join(weak)
        verb = "is" if len(weak) == 1 else "are"
        return f"{who} {verb} not far above chance at the task, where networks of other tasks may agree as often"

    def of_few(self, difference: Estimate, tolerance: float, m: int) -> str:
        """Say how many rows would decide."""
        distance = abs((difference.unexplained or 0.0) + tolerance)
        half = ((difference.high or 0.0) - (difference.low or 0.0)) / 2.0
        rows = np.inf if distance <= 0 else m * (half / distance) ** 2
        would = f"about {rows:.0f} rows would decide" if rows < 100 * m else "it sits on the limit"
        ends = " to ".join(signed(end or 0.0) for end in (difference.low, difference.high))
        return f"that is {ends} points beside independent errors, and the limit is {signed(-tolerance)}: {would}"

    def of_targets(self, apart: Estimate) -> str:
        """Say how far the two lists of targets differ."""
        return f"their targets differ on {share(apart)} of the rows"


def share(e: Estimate) -> str:
    """Return a share of rows in words: ``97.1 % [96, 98]``."""
    return per_cent(e.unexplained or 0.0, e.low or 0.0, e.high or 0.0)


def _whole(fraction: float) -> str:
    return f"{100 * fraction:.0f} %"
