"""An array on disk to which rows are appended: whole chunks are written, and no chunk is written twice."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from conjugacy.errors import InputError, ShapeError
from conjugacy.storage.paths import KEY_ATTRIBUTE
from conjugacy.storage.zarr_folder import filling

CHUNK_BYTES = 2**21
"""Size of a chunk, and so of what waits in memory for each layer; one row where a row is larger."""


@dataclass(eq=False)
class GrowingArray:
    """A zarr array along whose first axis rows are appended.

    Attributes
    ----------
    node : zarr.Array
    chunk : int
        Rows of one chunk.
    tail : tuple of int
        Shape of one row; the first of two axes (time) grows where later rows are longer.
    rows, written : int
        Rows that were appended, and how many of them are on disk.
    waiting : list of array
        Rows that do not fill a chunk yet.
    """

    node: Any
    chunk: int
    tail: tuple[int, ...]
    rows: int = 0
    written: int = 0
    waiting: list[np.ndarray] = field(default_factory=list[np.ndarray])

    @classmethod
    def like(cls, group: Any, place: str, key: str, rows: np.ndarray) -> GrowingArray:
        """Create the array for rows of this kind."""
        from zarr.codecs import BloscCodec

        dtype = _kept(rows.dtype)
        tail = rows.shape[1:]
        chunk = max(1, CHUNK_BYTES // (math.prod(tail) * dtype.itemsize))
        node = group.create_array(
            place,
            shape=(0, *tail),
            chunks=(chunk, *tail),
            dtype=dtype,
            fill_value=filling(dtype),
            # bytes of one place side by side: the empty half of a widened bfloat16 goes away, at the speed of the disk
            compressors=[BloscCodec(cname="lz4", clevel=1, shuffle="shuffle", typesize=dtype.itemsize)],
        )
        if place != key:
            node.attrs[KEY_ATTRIBUTE] = key
        return cls(node, chunk, tail)

    def as_kept(self, rows: np.ndarray, what: str) -> np.ndarray:
        """Return further rows in the type of those before and count them, or say why they do not fit; `append` writes them."""
        if not np.can_cast(_kept(rows.dtype), self.node.dtype, "safe"):
            raise InputError(f"{what}: got {rows.dtype} after {self.node.dtype}; expected one type in all batches")
        moving = (
            len(self.tail) == 2 and rows.ndim == 3 and rows.shape[2] == self.tail[1] and self.node.dtype.kind == "f"
        )
        if rows.shape[1:] != self.tail and not moving:
            raise ShapeError(
                f"{what}: got rows of shape {rows.shape[1:]} after {self.tail}; expected one shape in all batches"
            )
        self.rows += len(rows)
        return np.ascontiguousarray(rows, dtype=self.node.dtype)

    def append(self, rows: np.ndarray) -> None:
        """Take further rows; whole chunks go to the disk, the rest waits."""
        rows = self._as_long(rows)
        waiting = sum(map(len, self.waiting))
        if waiting:
            fills = rows[: max(0, self.chunk - waiting)]
            self.waiting.append(np.array(fills, dtype=self.node.dtype))  # a copy: the batch must not stay in memory
            rows = rows[len(fills) :]
            if waiting + len(fills) < self.chunk:
                return
            self._write_waiting()
        whole = len(rows) - len(rows) % self.chunk
        if whole:
            self._write(rows[:whole])
        if whole < len(rows):
            self.waiting = [np.array(rows[whole:], dtype=self.node.dtype)]

    def close(self) -> None:
        """Write what waits and give the array its length."""
        self._write_waiting()
        self.node.resize((self.rows, *self.tail))

    def _write_waiting(self) -> None:
        if self.waiting:
            rows, self.waiting = np.concatenate(self.waiting), []
            self._write(rows)

    def _write(self, rows: np.ndarray) -> None:
        start, stop = self.written, self.written + len(rows)
        if stop > self.node.shape[0]:
            self.node.resize(
                (max(stop, 2 * self.node.shape[0]), *self.tail)
            )  # seldom: each writes the array's metadata
        self.node[start:stop] = rows
        self.written = stop

    def _as_long(self, rows: np.ndarray) -> np.ndarray:
        """Return the rows as long as those before, padded with NaN; or make room for longer ones."""
        if rows.shape[1:] == self.tail:
            return rows
        longest = max(rows.shape[1], self.tail[0])
        if longest > self.tail[0]:
            self.tail = (longest, self.tail[1])
            self.waiting = [_padded(part, longest) for part in self.waiting]
            self.node.resize((self.node.shape[0], *self.tail))
        return _padded(rows, longest)


def _padded(rows: np.ndarray, points: int) -> np.ndarray:
    if rows.shape[1] == points:
        return rows
    padded = np.full((len(rows), points, rows.shape[2]), np.nan, rows.dtype)
    padded[:, : rows.shape[1]] = rows
    return padded


def _kept(dtype: np.dtype[Any]) -> np.dtype[Any]:
    native = dtype.newbyteorder("=")
    return np.dtype(np.float64) if native.kind == "f" and native.itemsize > 8 else native
