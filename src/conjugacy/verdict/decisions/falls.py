"""Classes that one network does and the other does not."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from conjugacy.numerics.holm import holm_of_counts
from conjugacy.verdict.decisions.shares import ONE_SIDED, Groups, possible_p

WHOLLY, FEWEST = 0.8, 4
FALL = 0.1  # a share of a class's rows that is no matter of taste
LEANING = 0.1  # p, all classes together, under which a fall that is not shown holds a yes back


@dataclass(frozen=True, eq=False)
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
    possible : float array or None
        What p of this class alone can come out at; None where that is anything.
    """

    label: int
    rows: int
    a: float
    b: float
    p: float
    possible: np.ndarray | None = None

    @property
    def size(self) -> float:
        """How far the one is behind the other."""
        return abs(self.a - self.b)

    @property
    def shown(self) -> bool:
        """Whether the rows show it; a class that is wholly lost shows it on four rows."""
        return self.p < 1.0 - ONE_SIDED or (self.size >= WHOLLY and self.rows >= FEWEST)

    @property
    def leans(self) -> bool:
        """Whether the rows speak for it, though they do not show it: it holds a yes back."""
        return self.shown or self.p <= LEANING


def falls(a: np.ndarray, b: np.ndarray, wanted: np.ndarray, rows: Groups) -> tuple[Fall, ...]:
    """Return the classes whose recalls differ by over a tenth, the worst first; shown or not."""
    found: list[Fall] = []
    for c in np.unique(wanted):
        own = wanted == c
        right = np.stack([a[own] == c, b[own] == c]).astype(np.float64)
        part, values = Groups(rows.clusters[own]), right[0] - right[1]
        p = min(1.0, 2.0 * min(part.p_more(values), part.p_more(-values)))
        possible = np.minimum(2.0 * possible_p(int(np.count_nonzero(values)), 0.5), 1.0) if part.single else None
        found.append(Fall(int(c), int(own.sum()), float(right[0].mean()), float(right[1].mean()), p, possible))
    return _worst_first(found)


def lost(a: np.ndarray, b: np.ndarray, rows: Groups, tolerance: float) -> tuple[Fall, ...]:
    """Return the classes of either network of which the other takes over a tenth for something else, the worst first."""
    found: list[Fall] = []
    for first, one, other in ((True, a, b), (False, b, a)):
        for c in np.unique(one):
            own = one == c
            part, changed = Groups(rows.clusters[own]), other[own] != c
            p, kept = part.p_over(changed, tolerance), float(1.0 - changed.mean())
            possible = possible_p(len(changed), tolerance) if part.single else None
            found.append(Fall(int(c), len(changed), 1.0 if first else kept, kept if first else 1.0, p, possible))
    return _worst_first(found)


def _worst_first(found: list[Fall]) -> tuple[Fall, ...]:
    p = holm_of_counts(np.array([one.p for one in found]), [one.possible for one in found])
    together = [replace(one, p=float(q)) for one, q in zip(found, p, strict=True)]
    worst: dict[int, Fall] = {}
    for fall in sorted((f for f in together if f.size > FALL), key=lambda f: (not f.shown, -f.size)):
        worst.setdefault(fall.label, fall)
    return tuple(worst.values())
