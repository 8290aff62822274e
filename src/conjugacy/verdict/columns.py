"""Outputs whose columns each say yes or no: which of them no longer say it alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conjugacy.numerics.holm import holm
from conjugacy.results.digits import per_cent
from conjugacy.verdict.decisions.falls import FALL
from conjugacy.verdict.decisions.shares import ONE_SIDED, Groups
from conjugacy.verdict.outputs import YES


@dataclass(frozen=True)
class Lost:
    """A column of which one network takes over a tenth for the other thing.

    Attributes
    ----------
    column : int
    said : str
        What the other network says there: yes or no.
    rows : int
        On how many rows.
    changed : float
        The share of them that differs.
    p : float
        How often a column within the tolerance would show it, all columns together.
    """

    column: int
    said: str
    rows: int
    changed: float
    p: float

    @property
    def shown(self) -> bool:
        """Whether the rows show it."""
        return self.p < 1.0 - ONE_SIDED


def columns_lost(
    a: np.ndarray, b: np.ndarray, clusters: np.ndarray, tolerance: float, threshold: float = YES
) -> tuple[Lost, ...]:
    """Return columns of two outputs (m, q) in [0, 1] that do not say yes on the same rows, the worst first.

    For every column, of the rows on which one network says yes (from the threshold on), or no, the share that the other takes for
    the other thing. It is shown where over a tenth differs and that is beyond the tolerance (exact binomial test, Holm over all
    columns).
    """
    found: list[Lost] = []
    for said, one, other in _sides(a >= threshold, b >= threshold):
        for column in np.flatnonzero(one.any(axis=0)):
            own = one[:, column]
            changed = ~other[own, column]
            p = Groups(clusters[own]).p_over(changed, tolerance)
            found.append(Lost(int(column), said, int(own.sum()), float(changed.mean()), p))
    p = holm(np.array([one.p for one in found]))
    worst: dict[int, Lost] = {}
    together = [Lost(f.column, f.said, f.rows, f.changed, float(q)) for f, q in zip(found, p, strict=True)]
    for one in sorted((f for f in together if f.changed > FALL), key=lambda f: (not f.shown, -f.changed)):
        worst.setdefault(one.column, one)
    return tuple(worst.values())


def _sides(a: np.ndarray, b: np.ndarray) -> tuple[tuple[str, np.ndarray, np.ndarray], ...]:
    return ("yes", a, b), ("yes", b, a), ("no", ~a, ~b), ("no", ~b, ~a)


def of_columns(found: tuple[Lost, ...]) -> str:
    """Name columns that do not say yes alike."""
    named = [f"column {f.column} ({per_cent(f.changed)} of {f.rows} rows with {f.said})" for f in found[:3]]
    more = f", and {len(found) - 3} more" if len(found) > 3 else ""
    return f"not every column says yes alike: {', '.join(named)}{more}"
