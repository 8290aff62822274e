"""Two recordings on the way to each other: what is changed in one, its copies and its labels take part in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from conjugacy.comparison.attributes import Attribute
from conjugacy.data import Recording

Change = Callable[[Recording], Recording]


@dataclass(frozen=True, eq=False)
class Fitting:
    """Two recordings on the way to each other.

    Attributes
    ----------
    a, b : Recording
    copies : (recordings, recordings)
        Of A and of B that learned nothing; what has the rows of the network changes with it.
    groups : array or None
        Groups of A's rows.
    attributes : tuple of Attribute
        What A's rows are labelled with.
    told : tuple of str
        What was done, as sentences.
    """

    a: Recording
    b: Recording
    copies: tuple[tuple[Recording, ...], tuple[Recording, ...]]
    groups: np.ndarray | None
    attributes: tuple[Attribute, ...] = ()
    told: tuple[str, ...] = ()

    def changed(self, side: int, change: Change, rows: np.ndarray | None = None) -> Fitting:
        """Return this with one network, and its copies, changed; `rows` are those of before that are left, for its labels."""
        one = (self.a, self.b)[side]
        copies = list(self.copies)
        copies[side] = tuple(change(copy) if count_of(copy) == count_of(one) else copy for copy in copies[side])
        groups, labelled = self.groups, self.attributes
        if side == 0 and rows is not None:
            groups = groups[rows] if groups is not None and len(groups) == count_of(one) else groups
            labelled = tuple(x.at(rows) for x in labelled)
        a, b = (change(self.a), self.b) if side == 0 else (self.a, change(self.b))
        return replace(self, a=a, b=b, copies=(copies[0], copies[1]), groups=groups, attributes=labelled)

    def saying(self, *sentences: str) -> Fitting:
        """Return this with more sentences on what was done."""
        return replace(self, told=(*self.told, *sentences))


def count_of(recording: Recording) -> int:
    """Return how many rows or trials a recording has."""
    return len(recording.first.values)
