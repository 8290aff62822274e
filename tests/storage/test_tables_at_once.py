"""Stores that are opened at one time by several threads keep tiles that hold nothing but what is missing."""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from conjugacy.results.states import VARIABLES
from conjugacy.storage.tables import STATUS, TableStore, Tile

SHAPE = (3, 3, 1, 1)


def test_tiles_without_numbers_are_there(tmp_path, monkeypatch):
    opened = TableStore._open

    def slowly(self, name):
        time.sleep(0.003 * (1 + int(self.root.name)))
        return opened(self, name)

    monkeypatch.setattr(TableStore, "_open", slowly)

    def status(number):
        table = TableStore(tmp_path / str(number), SHAPE, 8)
        tile = Tile(slice(0, 3), slice(0, 3), 0, 0)
        table.write(tile, {STATUS: np.ones((3, 3), np.uint8), **{name: np.full((3, 3), np.nan) for name in VARIABLES}})
        return int(table.read(tile)[STATUS].sum())

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(status, range(4))) == [9] * 4
