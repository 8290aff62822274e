"""Counts of changed rows, compared with their margins."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from conjugacy.numerics.dependent_counts import Worth, independent, worth_of_rows
from conjugacy.numerics.proportions import bounds_of_rise
from conjugacy.results import Estimate

LEVEL = 0.025
"""Of every bound, one-sided; and of a wrong no, over all that could be said to be outside."""


@dataclass(frozen=True, eq=False)
class Tallies:
    """Counts of one kind, k of them: what changed to the worse and to the better, of how many rows.

    Attributes
    ----------
    names : tuple of str
    up, down, rows : float array, (k,)
    margin : float
    paired : bool
        Whether anything could change to the better; a share cannot.
    worth : Worth
        What rows are worth that depend on each other.
    before, after : float array, (k,), or None
        What A and B show by themselves.
    wanted : bool
        Whether a yes needs all of them, however few their rows are.
    """

    names: tuple[str, ...]
    up: np.ndarray
    down: np.ndarray
    rows: np.ndarray
    margin: float
    paired: bool
    worth: Worth
    before: np.ndarray | None = None
    after: np.ndarray | None = None
    wanted: bool = True

    @property
    def testable(self) -> np.ndarray:
        """Whether no change at all would show that the margin is kept, or it has to be shown anyhow, per count."""
        shown = np.power(1 - self.margin, self.rows * self.worth.scale(LEVEL, changed=False)) <= LEVEL
        return shown | self.wanted

    @property
    def refutable(self) -> np.ndarray:
        """Whether a change of all rows would show that it is not."""
        return np.power(self.margin, self.rows * self.worth.scale(LEVEL, changed=False)) <= LEVEL

    def of(self, chosen: np.ndarray) -> Tallies:
        """Return some of the counts."""
        at = np.flatnonzero(chosen)
        return replace(
            self,
            names=tuple(self.names[i] for i in at),
            up=self.up[at],
            down=self.down[at],
            rows=self.rows[at],
            worth=self.worth.of(at),
            before=None if self.before is None else self.before[at],
            after=None if self.after is None else self.after[at],
        )


def tallied(
    values: np.ndarray, groups: np.ndarray, clusters: np.ndarray, counts: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, Worth]:
    """Return changes to the worse, to the better, rows, and what rows are worth, of each of `counts` groups of rows.

    Parameters
    ----------
    values : int array, (m,)
        1 where a row changed to the worse, -1 where to the better, 0 else.
    groups, clusters : int array, (m,)
        The group of each row; which rows depend on each other.
    """
    up = np.bincount(groups, values > 0, counts)
    down = np.bincount(groups, values < 0, counts)
    rows = np.bincount(groups, minlength=counts).astype(np.float64)
    if not len(clusters) or int(clusters.max()) + 1 == len(clusters):
        return up, down, rows, independent(counts)
    part, where = np.unique(clusters.astype(np.int64) * counts + groups, return_inverse=True)
    net, changed = np.bincount(where, values), np.bincount(where, values != 0)
    return up, down, rows, worth_of_rows(part % counts, net, changed, np.bincount(where).astype(np.float64), counts)


def all_rows(name: str, values: np.ndarray, clusters: np.ndarray, margin: float, *, paired: bool = False) -> Tallies:
    """Return one count over all rows; values (m,) as in `tallied`."""
    up, down, rows, worth = tallied(values, np.zeros(len(values), dtype=np.int64), clusters, 1)
    return Tallies((name,), up, down, rows, margin, paired, worth)


def share_of_rows(hits: np.ndarray, clusters: np.ndarray) -> Estimate:
    """Return a share of rows with its bounds.

    Examples
    --------
    >>> share_of_rows(np.zeros(72, dtype=bool), np.arange(72)).high <= 0.05
    True
    """
    up, down, rows, worth = tallied(hits.astype(np.int64), np.zeros(len(hits), dtype=np.int64), clusters, 1)
    scale = worth.scale(LEVEL)
    low, high = bounds_of_rise(up * scale, down, rows * scale, np.zeros(1, dtype=bool), LEVEL)
    return Estimate(float(hits.mean()), float(low[0]), float(high[0]))
