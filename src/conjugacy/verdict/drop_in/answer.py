"""From changes compared with margins to yes, no or undecided, and the sentences that carry it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from conjugacy.results import Change, DropIn, Evidence, Margins
from conjugacy.results.reason import About, reasons
from conjugacy.verdict.drop_in import words
from conjugacy.verdict.drop_in.means import mean_of_rows

Told = Sequence[tuple[Change, str]]
"""Changes, each with its sentence, in the order in which they are said."""


@dataclass(frozen=True, eq=False)
class Beside:
    """What is known of the rows beside their values.

    Attributes
    ----------
    clusters : int array, (m,)
        Numbers 0 .. c - 1; rows with the same number depend on each other.
    stimuli, positions : array, (m,), or None
        Ids and places in A's recording; None where these are the rows' numbers.
    kinds : (str, str)
    margins : Margins
    head : str or None
    equal_weights : bool
    part : float
        Share of the level that a wrong no may take, where several pairs are judged together.
    """

    clusters: np.ndarray
    stimuli: np.ndarray | None
    positions: np.ndarray | None
    kinds: tuple[str, str]
    margins: Margins = field(default_factory=Margins)
    head: str | None = None
    equal_weights: bool = False
    part: float = 1.0

    def mean(self, name: str, values: np.ndarray, unit: str) -> Evidence:
        """Return the mean of a number that every row has."""
        return mean_of_rows(name, values, self.clusters, unit)

    def stimulus(self, row: int) -> str:
        """Return a row's id."""
        return str(row if self.stimuli is None else self.stimuli[row])

    def position(self, row: int) -> int:
        """Return a row's place in A's recording."""
        return int(row if self.positions is None else self.positions[row])

    def hanging(self) -> tuple[str, ...]:
        """Return that rows depend on each other, where they do."""
        rows, groups = len(self.clusters), int(self.clusters.max()) + 1
        if groups == rows:
            return ()
        said = "one group" if groups == 1 else f"{words.thousands(groups)} groups"
        return (
            f"the {words.thousands(rows)} rows depend on each other in {said}, and only groups count: record more of them",
        )

    def finished(self, found: DropIn) -> DropIn:
        """Return the record with what it is of."""
        return replace(found, kinds=self.kinds, head=self.head, margins=self.margins, equal_weights=self.equal_weights)


def decided(found: DropIn, beside: Beside, told: Told, about: About = "decisions") -> DropIn:
    """Return the record with its answer: no where anything is outside, yes where nothing is open.

    Examples
    --------
    >>> few = Change("churn", 0.0, 0.0, 0.07, 0.05, "open", 50, rows_needed=72)
    >>> rows = Beside(np.arange(50), None, None, ("labels", "labels"))
    >>> one = decided(DropIn("undecided", (), churn=few), rows, [(few, "no decision of 50 changes")])
    >>> one.answer, one.reasons[0]
    ('undecided', 'no decision of 50 changes (margin 5 %): about 72 rows would decide, were these estimates the truth')
    """
    outside, open_, inside = (_in(told, state) for state in ("outside", "open", "inside"))
    same = found.bit_equal and beside.equal_weights
    if outside:
        answer, sentences = "no", (_joined(outside), *_beside(open_, inside))
    elif open_ and not same:
        needed = "; ".join(words.needed([c for c, _ in open_]))
        first = f"{_joined(open_)}: {needed}" if needed else _joined(open_)
        answer, sentences = "undecided", (first, *_beside([], inside), *beside.hanging())
    else:
        answer, sentences = "yes", tuple(t for t in (_joined(inside), _joined(open_)) if t)
    equal = _equal(found, beside)
    sentences = (*equal, *sentences) if answer == "yes" else (*sentences, *equal)
    return beside.finished(replace(found, answer=answer, reasons=reasons(about, *sentences)))


def _in(told: Told, state: str) -> Told:
    return [(change, sentence) for change, sentence in told if change.state == state]


def _joined(told: Told, most: int = 3) -> str:
    """Return sentences in a row with their margins, the last ones counted."""
    said = [f"{sentence} (margin {words.limit(change)})" for change, sentence in told[:most]]
    rest = len(told) - most
    return "; ".join([*said, f"and {rest} more"] if rest > 0 else said)


def _beside(open_: Told, inside: Told) -> tuple[str, ...]:
    held = [f"open: {_joined(open_)}"] if open_ else []
    return tuple([*held, f"inside: {_joined(inside)}"] if inside else held)


def _equal(found: DropIn, beside: Beside) -> tuple[str, ...]:
    if found.bit_equal:
        weights = ", and so are the weights" if beside.equal_weights else ""
        return (f"the outputs are equal to the last bit on all rows{weights}",)
    if beside.equal_weights:
        return (
            "the weights are equal, and the outputs are not: other software, other number types or chance may cause that",
        )
    return ()
