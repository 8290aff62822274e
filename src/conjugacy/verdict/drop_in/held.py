"""Counts compared with their margins: inside, outside, open, or not testable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from conjugacy.numerics.holm import holm
from conjugacy.numerics.proportions import bounds_of_rise, chance_inside, chance_outside
from conjugacy.results import Change
from conjugacy.verdict.drop_in.tallies import LEVEL, Tallies

LEANING = 0.1
"""One-sided p of the net rise under which few rows, which cannot show a margin to be kept, hold a yes back all the same."""

MANY = 1e5  # times more rows, from which on nothing is promised


@dataclass(frozen=True, eq=False)
class Counts:
    """Counts of all families in a row, with what they are compared with; every array is (k,)."""

    up: np.ndarray
    down: np.ndarray
    rows: np.ndarray
    margin: np.ndarray
    paired: np.ndarray

    @classmethod
    def of(cls, families: Sequence[Tallies]) -> Counts:
        """Put families side by side."""
        sizes = [len(f.names) for f in families]
        return cls(
            np.concatenate([f.up for f in families]).astype(np.float64),
            np.concatenate([f.down for f in families]).astype(np.float64),
            np.concatenate([f.rows for f in families]),
            np.repeat([f.margin for f in families], sizes),
            np.repeat([f.paired for f in families], sizes),
        )

    def worth(self, scale: np.ndarray) -> Counts:
        """Return them in effective rows."""
        return Counts(self.up * scale, self.down * scale, self.rows * scale, self.margin, self.paired)

    def only(self, which: np.ndarray) -> Counts:
        """Return some of them."""
        return Counts(self.up[which], self.down[which], self.rows[which], self.margin[which], self.paired[which])

    def as_shares(self) -> Counts:
        """Return rises as if nothing could change to the better: what is left of the worse."""
        net = np.maximum(self.up - self.down, 0)
        return Counts(net, np.zeros_like(net), self.rows, self.margin, np.zeros_like(self.paired))

    def inside(self) -> np.ndarray:
        """Return the p of a rise of at least the margin."""
        return chance_inside(self.up, self.down, self.rows, self.margin)

    def outside(self) -> np.ndarray:
        """Return the p of a rise of at most the margin."""
        return chance_outside(self.up, self.down, self.rows, self.margin, self.paired)


def judged(families: Sequence[Tallies], n_rows: int, part: float = 1.0) -> list[tuple[Change, ...]]:
    """Hold all counts against their margins.

    Families share the level of a wrong no, or a part of it, in equal parts, and so do the counts of a family, by Holm's steps.
    All have to be inside for a yes, so that every one is compared with its margin at the full level.

    Examples
    --------
    >>> from conjugacy.numerics.dependent_counts import independent
    >>> one = np.ones(1)
    >>> told = judged([Tallies(("churn",), 20 * one, 0 * one, 2000 * one, 0.05, False, independent(1))], 2000)
    >>> told[0][0].state, round(told[0][0].high, 4)
    ('inside', 0.0154)
    """
    level, sizes = LEVEL * part, [len(f.names) for f in families]
    weights = np.concatenate([np.full(n, 1 / (len(sizes) * max(n, 1))) for n in sizes])
    counts = Counts.of(families)
    usual = np.concatenate([f.worth.scale(LEVEL) for f in families])
    strict = np.concatenate([f.worth.scale(level * weights.min()) for f in families])
    testable = np.concatenate([f.testable for f in families])
    refutable = np.concatenate([f.refutable for f in families])
    effective = counts.worth(usual)
    low, high = bounds_of_rise(effective.up, effective.down, effective.rows, effective.paired, LEVEL)
    outside = np.zeros(len(weights), dtype=bool)
    outside[refutable] = holm(counts.worth(strict).outside()[refutable], weights[refutable]) <= level
    shown = np.where(high <= counts.margin, "inside", "open")
    leaning = ~testable & (effective.as_shares().outside() <= LEANING)
    state = np.where(outside, "outside", np.where(testable | leaning, shown, "not_testable"))

    def shows(times: np.ndarray, which: np.ndarray) -> np.ndarray:
        """Return whether so many times more rows of the same kind would decide."""
        some = counts.only(which)
        refuted = some.worth(strict[which] * times).outside() <= level * weights[which]
        return np.where(
            some.up - some.down > some.margin * some.rows, refuted, some.worth(usual[which] * times).inside() <= LEVEL
        )

    needed = rows_needed(np.flatnonzero(state == "open"), shows, n_rows)
    ends = np.cumsum(sizes)
    return [
        tuple(
            replace(
                _change(family, i, (float(low[at]), float(high[at])), str(state[at]), needed.get(at)),
                leaning=bool(leaning[at] and state[at] == "open"),
            )
            for i, at in enumerate(range(end - size, end))
        )
        for family, size, end in zip(families, sizes, ends.tolist(), strict=True)
    ]


def _change(family: Tallies, i: int, bounds: tuple[float, float], state: str, needed: int | None) -> Change:
    value = float((family.up[i] - family.down[i]) / max(family.rows[i], 1))
    before, after = (None if v is None else float(v[i]) for v in (family.before, family.after))
    return Change(family.names[i], value, *bounds, family.margin, state, int(family.rows[i]), before, after, needed)


def rows_needed(
    which: np.ndarray, shows: Callable[[np.ndarray, np.ndarray], np.ndarray], n_rows: int
) -> dict[int, int | None]:
    """Return how many rows would decide what is open, were the estimates the truth; None where no number would.

    Parameters
    ----------
    which : int array, (k,)
        What is open.
    shows : callable
        Of how many times more rows, (k,), and what is open: whether these would decide.
    n_rows : int
        How many rows there are.

    Examples
    --------
    >>> rows_needed(np.array([3]), lambda times, which: times * 100 >= 1234, 100)
    {3: 1300}
    """
    if not len(which):
        return {}
    low, high = np.zeros(len(which)), np.full(len(which), np.log(MANY))
    ever = shows(np.exp(high), which)
    for _ in range(12):
        middle = (low + high) / 2
        enough = shows(np.exp(middle), which)
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return {int(i): _rounded(n_rows * np.exp(h)) if e else None for i, h, e in zip(which, high, ever, strict=True)}


def _rounded(rows: float) -> int:
    """Return it to two digits, upwards."""
    step = 10 ** max(int(np.floor(np.log10(rows))) - 1, 0)
    return int(np.ceil(rows / step) * step)


def worst_first(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Return what is outside, then what is open, inside and not testable, each the largest change first."""
    order = ("outside", "open", "inside", "not_testable")
    return tuple(sorted(changes, key=lambda c: (order.index(c.state), -(c.value if c.value is not None else np.inf))))
