"""Some pairs of a table: which are wanted of a tile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

FOUNDERS = 64  # networks that are compared with each other in one round of a study by representatives
KEPT = 3  # representatives of a class
EXPECTED_COLUMNS = 6 * FOUNDERS


def expected_pairs(networks: int) -> int:
    """Return about how many pairs a study by representatives compares: founders with the nearest, all others with one class.

    Examples
    --------
    >>> expected_pairs(20), expected_pairs(5000)
    (190, 16280)
    """
    return min(networks * (networks - 1) // 2, 20 * min(networks, FOUNDERS) + KEPT * networks)


@dataclass(frozen=True, eq=False)
class WantedPairs:
    """Pairs of a row and a column, in the order of the rows.

    Attributes
    ----------
    rows, cols : int array, (k,)

    Examples
    --------
    >>> WantedPairs.of([(5, 0), (1, 2)]).within(slice(0, 2), slice(1, 3)).tolist()
    [[False, False], [False, True]]
    """

    rows: np.ndarray
    cols: np.ndarray

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]]) -> WantedPairs:
        """Take pairs in any order."""
        listed = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
        return cls(listed[:, 0], listed[:, 1])

    def within(self, rows: slice, cols: slice) -> np.ndarray:
        """Return which pairs of a tile are wanted, bool."""
        found = np.zeros((rows.stop - rows.start, cols.stop - cols.start), dtype=bool)
        first, last = np.searchsorted(self.rows, [rows.start, rows.stop])
        i, j = self.rows[first:last], self.cols[first:last]
        here = (j >= cols.start) & (j < cols.stop)
        found[i[here] - rows.start, j[here] - cols.start] = True
        return found
