"""Classes that one network does and the other does not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conjugacy.numerics.holm import holm
from conjugacy.verdict.decisions.shares import ONE_SIDED, Groups

WHOLLY, FEWEST = 0.8, 4
FALL = 0.1  # a share of a class's rows that is no matter of taste


@dataclass(frozen=True)
class Fall:
    """A class on which one network does less well than the other.

    Attributes
    ----------
    label : int
        The class.
    rows : int
        How many there are.
    a, b : float
        Share of them that each network gets right; without targets, that it takes for this class.
    p : float
        How often chance alone would show it, all classes together.
    """

    label: int
    rows: int
    a: float
    b: float
    p: float

    @property
    def size(self) -> float:
        """How far the one is behind the other."""
        return abs(self.a - self.b)

    @property
    def shown(self) -> bool:
        """Whether the rows show it; a class that is wholly lost shows it on four rows."""
        return self.p < 1.0 - ONE_SIDED or (self.size >= WHOLLY and self.rows >= FEWEST)


def falls(a: np.ndarray, b: np.ndarray, wanted: np.ndarray, rows: Groups) -> tuple[Fall, ...]:
    """Return the classes whose recalls differ by over a tenth, the worst first; shown or not."""
    found: list[Fall] = []
    for c in np.unique(wanted):
        own = wanted == c
        right = np.stack([a[own] == c, b[own] == c]).astype(np.float64)
        part, values = Groups(rows.clusters[own]), right[0] - right[1]
        p = min(1.0, 2.0 * min(part.p_more(values), part.p_more(-values)))
        found.append(Fall(int(c), int(own.sum()), float(right[0].mean()), float(right[1].mean()), p))
    return _worst_first(found)


def lost(a: np.ndarray, b: np.ndarray, rows: Groups, tolerance: float) -> tuple[Fall, ...]:
    """Return the classes of either network of which the other takes over a tenth for something else, the worst first."""
    found: list[Fall] = []
    for first, one, other in ((True, a, b), (False, b, a)):
        for c in np.unique(one):
            own = one == c
            changed = other[own] != c
            p = Groups(rows.clusters[own]).p_over(changed, tolerance)
            kept = float(1.0 - changed.mean())
            found.append(Fall(int(c), int(own.sum()), 1.0 if first else kept, kept if first else 1.0, p))
    return _worst_first(found)


def _worst_first(found: list[Fall]) -> tuple[Fall, ...]:
    p = holm(np.array([one.p for one in found]))
    together = [Fall(f.label, f.rows, f.a, f.b, float(q)) for f, q in zip(found, p, strict=True)]
    worst: dict[int, Fall] = {}
    for fall in sorted((f for f in together if f.size > FALL), key=lambda f: (not f.shown, -f.size)):
        worst.setdefault(fall.label, fall)
    return tuple(worst.values())
