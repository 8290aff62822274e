"""The numbers of a study as short text for the page: rounded, deflated, in base64."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from conjugacy.results.states import CODES, MIRRORED, STATES, VARIABLES

if TYPE_CHECKING:
    from conjugacy.study import Study

VALUE_BITS, GAP_BITS, P_BITS, COARSE_BITS = 10, 4, 5, 6
"""Bits of the mantissa that are kept: of values, of the distances to the ends of intervals, of p, of values in a hurry."""

FINE_WORDS = (
    "Values stand here rounded to three digits (one part in 2000), p to one part in 60; the ends of an interval to "
    "one part in 30 of their distance from the value"
)
COARSE_WORDS = "values rounded to two digits (one part in 120), without intervals and p"
_AGREE = 1e-6  # both ways computed, rounding may differ


@dataclass(frozen=True, eq=False)
class Cells:
    """One measure on one pair of layers, rows x columns in the order of the page.

    Attributes
    ----------
    symmetric : bool
        The lower triangle follows from the upper one, with the two one-way answers exchanged.
    numbers : mapping of str to array
        `value`, `low`, `high`, `p`, (rows, columns).
    status : uint8 array, (rows, columns)
        Numbers of `STATES`.
    square : bool
        Rows and columns are the same networks.
    """

    measure: str
    layer_pair: str
    symmetric: bool
    numbers: Mapping[str, np.ndarray]
    status: np.ndarray
    square: bool = True

    @property
    def values(self) -> np.ndarray:
        """The values."""
        return self.numbers["value"]

    def counts(self) -> dict[str, int]:
        """Return how many pairs of different networks have which status, in the order of `STATES`; none is left out."""
        codes = self._pairs(self.status)
        return {STATES[code]: int(n) for code, n in enumerate(np.bincount(codes, minlength=len(STATES))) if n}

    def taken(self, rows: np.ndarray, columns: np.ndarray) -> Cells:
        """Return some rows and columns, or all in another order: the same for both where they are the same networks."""
        picked = np.ix_(rows, columns)
        numbers = {name: table[picked] for name, table in self.numbers.items()}
        return replace(self, numbers=numbers, status=self.status[picked])

    def _pairs(self, table: np.ndarray) -> np.ndarray:
        if not self.square:
            return table.ravel()
        above = table[np.triu_indices(len(table), 1)]
        return above if self.symmetric else np.r_[above, table[np.tril_indices(len(table), -1)]]


def cells_of(study: Study, measure: str, layer_pair: str) -> Cells:
    """Return one table in the order of the study; where only half of a square one was filled, the other half mirrors it."""
    tables = {name: np.asarray(study.table(name, measure, layer_pair), dtype=np.float64) for name in VARIABLES}
    status = np.asarray(study.table("status", measure, layer_pair)).astype(np.uint8)
    if not study.is_square:
        return Cells(measure, layer_pair, False, tables, status, square=False)
    swap = np.array([CODES[MIRRORED.get(state, state)] for state in STATES], dtype=np.uint8)
    back = swap[status].T
    both = (status != CODES["missing"]) & (back != CODES["missing"])
    np.fill_diagonal(both, val=False)
    if any(_differ(table, both) for table in tables.values()) or not np.array_equal(status[both], back[both]):
        return Cells(measure, layer_pair, False, tables, status)
    absent = status == CODES["missing"]
    tables = {name: np.where(absent, table.T, table) for name, table in tables.items()}
    return Cells(measure, layer_pair, True, tables, np.where(absent, back, status))


def _differ(table: np.ndarray, both: np.ndarray) -> bool:
    return not np.allclose(table[both], table.T[both], rtol=_AGREE, atol=0.0, equal_nan=True)


def packed(cells: Cells, *, fine: bool = True) -> dict[str, str]:
    """Return the numbers as base64 of deflated bytes; of a symmetric table the upper triangle with its diagonal, by rows.

    `gap_low` and `gap_high` are the distances from the value to the ends of its interval. What has no number is empty.
    """
    flat = np.triu_indices(len(cells.status)) if cells.symmetric else np.indices(cells.status.shape).reshape(2, -1)
    value, low, high, p = (cells.numbers[name][flat[0], flat[1]] for name in VARIABLES)
    found = {"value": rounded(value, VALUE_BITS if fine else COARSE_BITS)}
    if fine:
        found |= {"gap_low": rounded(value - low, GAP_BITS), "gap_high": rounded(high - value, GAP_BITS)}
        found["p"] = rounded(p, P_BITS)
    texts = {name: "" if np.isnan(numbers).all() else _text(_planes(numbers)) for name, numbers in found.items()}
    return texts | {"status": _text(cells.status[flat[0], flat[1]].tobytes())}


def rounded(numbers: np.ndarray, bits: int) -> np.ndarray:
    """Return single-precision numbers with so many bits after the first one, rounded to nearest.

    Examples
    --------
    >>> rounded(np.array([1.0 + 1 / 8 + 1 / 64, np.nan, 0.0]), 3).tolist()
    [1.125, nan, 0.0]
    """
    with np.errstate(over="ignore", under="ignore"):
        single = np.asarray(numbers, dtype=np.float32) + np.float32(0)  # no negative zero
    whole = single.view(np.uint32).astype(np.uint64)
    drop = 23 - bits
    whole = (whole + (1 << (drop - 1))) & ~np.uint64((1 << drop) - 1)
    return np.where(np.isfinite(single), whole.astype(np.uint32).view(np.float32), single)


def _planes(numbers: np.ndarray) -> bytes:
    """Return the first bytes of all numbers, then the second, and so on: alike bytes together deflate better."""
    little = np.where(np.isnan(numbers), np.float32(np.nan), numbers).astype("<f4")
    return little.view(np.uint8).reshape(-1, 4).T.tobytes()


def _text(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data, 6)).decode()
