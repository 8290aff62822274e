"""What of a study's table is missing: the tiles to compute, and what can be filled in without computing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from conjugacy.results import CODES
from conjugacy.storage.tables import STATUS, TableStore, Tile
from conjugacy.study.work.ledger import Ledger
from conjugacy.study.work.prepared import Prepared, Subject
from conjugacy.study.work.tiles import Sheet, TileTask, mirrored
from conjugacy.study.work.wanted import WantedPairs

NOT_DONE = np.array([CODES[s] for s in ("missing", "unreadable", "mismatched", "failed")], dtype=np.uint8)
"""Statuses that are tried again wherever both networks are ready; what failed may succeed next time."""


@dataclass(frozen=True, eq=False)
class Missing:
    """Finds what is missing in a table.

    Attributes
    ----------
    table : TableStore
    ledger : Ledger
    sheets : tuple of Sheet
        Measures on layer pairs.
    wanted : WantedPairs or None
        The pairs that are asked for; all, where None.
    """

    table: TableStore
    ledger: Ledger
    sheets: tuple[Sheet, ...]
    wanted: WantedPairs | None = None

    def tasks(self) -> Iterator[TileTask]:
        """Yield a task for every tile in which pairs are missing; write what is known without computing."""
        n_rows, n_cols = self.table.shape[:2]
        step = self.table.block
        halved = self.ledger.cols is None and all(sheet.is_symmetric for sheet in self.sheets)
        for top in range(0, n_rows, step):
            for left in range(top if halved else 0, n_cols, step):
                rows = slice(top, min(top + step, n_rows))
                cols = slice(left, min(left + step, n_cols))
                asked = None if self.wanted is None else self.wanted.within(rows, cols)
                if asked is not None and not asked.any():
                    continue  # it is not even read
                needed = tuple(self._needed(sheet, rows, cols) for sheet in self.sheets)
                needed = needed if asked is None else tuple(mask & asked for mask in needed)
                if any(mask.any() for mask in needed):
                    prepared = [
                        tuple(self.ledger.prepared[name] for name in names[part])
                        for names, part in ((self.ledger.rows, rows), (self.ledger.columns, cols))
                    ]
                    yield TileTask((top, left), prepared[0], prepared[1], self.sheets, needed, self.ledger.seed)

    def _needed(self, sheet: Sheet, rows: slice, cols: slice) -> np.ndarray:
        tile = Tile(rows, cols, sheet.measure, sheet.layer_pair)
        both_ways = self.ledger.cols is None and sheet.is_symmetric
        if both_ways and rows.start > cols.start:
            return np.zeros(tile.shape, dtype=bool)  # follows from the tile on the other side
        cells = self.table.read(tile)
        known = cells[STATUS].copy()
        block, ready = self._impossible(sheet, rows, cols)
        cells[STATUS] = np.where(block > 0, block, cells[STATUS])
        needed = np.isin(cells[STATUS], NOT_DONE) & ready
        if both_ways:
            index = np.arange(rows.start, rows.stop)[:, None] <= np.arange(cols.start, cols.stop)[None, :]
            needed &= index
        if not needed.any() and (cells[STATUS] != known).any():
            self.table.write(tile, _cleared(cells))
        if both_ways and rows.start < cols.start and not needed.any():
            other = mirrored(_cleared(cells))
            if (self.table.read(tile.mirrored)[STATUS] != other[STATUS]).any():
                self.table.write(tile.mirrored, other)
        return needed

    def forget(self, changed: frozenset[str]) -> None:
        """Take out of the table what was found for networks whose recordings have changed since."""
        rows, cols = (np.isin(names, sorted(changed)) for names in (self.ledger.rows, self.ledger.columns))
        for tile in self.table.tiles():
            old = rows[tile.rows][:, None] | cols[tile.cols][None, :]
            if old.any():
                cells = self.table.read(tile)
                cells[STATUS][old] = CODES["missing"]
                self.table.write(tile, _cleared(cells))

    def _impossible(self, sheet: Sheet, rows: slice, cols: slice) -> tuple[np.ndarray, np.ndarray]:
        """Return the status of pairs that cannot be compared, 0 for the others, and which pairs are ready."""
        a = [_state(self.ledger.prepared[name], sheet.a) for name in self.ledger.rows[rows]]
        b = [_state(self.ledger.prepared[name], sheet.b) for name in self.ledger.columns[cols]]
        codes, ready = ([np.array([state[i] for state in side]) for side in (a, b)] for i in (0, 1))
        return np.maximum(codes[0][:, None], codes[1][None, :]).astype(np.uint8), ready[0][:, None] & ready[1][None, :]

    def merge(self, task: TileTask, found: Sequence[dict[str, np.ndarray]]) -> None:
        """Write what a task found into the table, on both sides of the diagonal where the measure is symmetric."""
        shape = task.needed[0].shape
        rows, cols = (slice(start, start + n) for start, n in zip(task.start, shape, strict=True))
        for sheet, needed, new in zip(self.sheets, task.needed, found, strict=True):
            if not needed.any():
                continue
            tile = Tile(rows, cols, sheet.measure, sheet.layer_pair)
            cells = self.table.read(tile)
            both_ways = self.ledger.cols is None and sheet.is_symmetric
            _overlay(cells, new, needed)
            if both_ways and rows == cols:
                _overlay(cells, mirrored(new), needed.T & ~needed)
            block, _ = self._impossible(sheet, rows, cols)
            cells[STATUS] = np.where(block > 0, block, cells[STATUS])
            self.table.write(tile, _cleared(cells))
            if both_ways and rows != cols:
                self.table.write(tile.mirrored, mirrored(_cleared(cells)))


def _overlay(cells: dict[str, np.ndarray], new: dict[str, np.ndarray], where: np.ndarray) -> None:
    for name, values in cells.items():
        values[where] = new[name][where]


def _cleared(cells: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the tile without numbers where nothing was compared."""
    empty = np.isin(cells[STATUS], [*NOT_DONE.tolist()])
    return {name: values if name == STATUS else np.where(empty, np.nan, values) for name, values in cells.items()}


def _state(prepared: Prepared, subject: Subject) -> tuple[int, bool]:
    """Return what keeps a network from being compared, 0 for nothing, and whether it is ready: it may not have been tried."""
    if prepared.network.state:
        return CODES[prepared.network.state], False
    if subject.label in prepared.failures:
        return CODES["failed"], False
    return 0, subject.label in prepared.keys
