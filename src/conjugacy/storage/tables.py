"""The table of a study on disk: zarr arrays of networks x networks x measure x layer pair, one chunk a tile."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from conjugacy.errors import FormatError, InputError
from conjugacy.numerics.process_wide import Shared
from conjugacy.results.states import VARIABLES

STATUS = "status"  # written last: a tile whose status is there is there as a whole
DIMS = ("network_a", "network_b", "measure", "layer_pair")


@dataclass(frozen=True)
class Tile:
    """One chunk of the table: rows and columns, and which measure and pair of layers."""

    rows: slice
    cols: slice
    measure: int
    layer_pair: int

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of rows and columns."""
        return self.rows.stop - self.rows.start, self.cols.stop - self.cols.start

    @property
    def mirrored(self) -> Tile:
        """The tile on the other side of the diagonal."""
        return Tile(self.cols, self.rows, self.measure, self.layer_pair)


def _with_empty_chunks() -> contextlib.AbstractContextManager[Any]:
    import zarr

    return zarr.config.set({"array.write_empty_chunks": True})


_EMPTY_CHUNKS = Shared(_with_empty_chunks)


class TableStore:
    """The arrays of one study; `block` is the number of networks along a side of a tile.

    Every chunk carries a checksum: one that is damaged reads as missing, and is done again.
    """

    def __init__(self, root: Path, shape: tuple[int, int, int, int], block: int, *, readonly: bool = False) -> None:
        self.root, self.shape, self.block, self.readonly = root, shape, block, readonly
        with _EMPTY_CHUNKS.held():  # a chunk that is not there is one that got lost
            self._arrays = {name: self._open(name) for name in (*VARIABLES, STATUS)}

    def _open(self, name: str) -> Any:
        import zarr

        if self.readonly:
            array: Any = zarr.open_array(str(self.root / name), mode="r")
            if not self._is_described(array, name):
                raise FormatError(f"the description of {name!r} in it is damaged")
            return array
        group = self._group()
        try:
            array = group[name]
            grows = all(there <= wanted for there, wanted in zip(array.shape, self.shape, strict=True))
            if grows and self._is_described(array, name):
                if tuple(array.shape) != self.shape:
                    array.resize(self.shape)
                return array
        except OSError:
            raise
        except Exception:  # noqa: S110 - missing or damaged; zarr raises many kinds of errors over damaged descriptions
            pass
        (self.root / name / "zarr.json").unlink(missing_ok=True)  # the chunks are as they were
        return self._create(group, name)

    def _group(self) -> Any:
        import zarr

        try:
            return zarr.open_group(str(self.root), mode="a", zarr_format=3)
        except OSError:
            raise
        except Exception:  # it says nothing that is not known
            (self.root / "zarr.json").unlink(missing_ok=True)
            return zarr.open_group(str(self.root), mode="a", zarr_format=3)

    def _is_described(self, array: Any, name: str) -> bool:
        """Whether an array is described as it was made, whatever its shape."""
        return _described(array) == _as_made(self.shape, self.block, name == STATUS)

    def _create(self, group: Any, name: str) -> Any:
        return _create(group, name, self.shape, self.block)

    def label(self, coordinates: Mapping[str, tuple[str, Sequence[str]]]) -> None:
        """Write coordinates: name -> (dimension, texts); what is damaged is written again."""
        group = self._group()
        for name, (dim, texts) in coordinates.items():
            try:
                if np.asarray(_any(group[name])[...]).tolist() == list(texts):
                    continue
            except OSError:
                raise
            except Exception:  # noqa: S110 - missing or damaged: what it should say is known
                pass
            array = group.create_array(
                name, shape=(len(texts),), dtype="string", dimension_names=(dim,), overwrite=True
            )
            array[...] = np.array(list(texts), dtype=object)

    def tiles(self) -> Iterator[Tile]:
        """Yield all tiles, along rows."""
        n_rows, n_cols, n_measures, n_pairs = self.shape
        rows, cols = ([slice(i, min(i + self.block, n)) for i in range(0, n, self.block)] for n in (n_rows, n_cols))
        for row, col in itertools.product(rows, cols):
            for measure, pair in itertools.product(range(n_measures), range(n_pairs)):
                yield Tile(row, col, measure, pair)

    def read(self, tile: Tile) -> dict[str, np.ndarray]:
        """Return what a tile holds; nothing (status 0) where it, or a part of it, is missing or damaged.

        Raises
        ------
        OSError, MemoryError
            Where the disk or the memory refuses: that is no damage.
        """
        place = (tile.rows, tile.cols, tile.measure, tile.layer_pair)
        if not self._is_whole(tile):
            return empty_tile(tile.shape)
        try:
            found = {name: np.asarray(self._arrays[name][place]) for name in (STATUS, *VARIABLES)}
        except (OSError, MemoryError):
            raise
        except Exception:  # zarr and its codecs raise many kinds of errors over damaged chunks
            if not self.readonly:
                self.discard(tile)
            return empty_tile(tile.shape)
        # while it grows, somebody who reads may find it shorter
        return found if all(part.shape == tile.shape for part in found.values()) else empty_tile(tile.shape)

    def is_damaged(self, tile: Tile) -> bool:
        """Whether a tile is there in part, or cannot be decoded; one that was never written is not."""
        there = [file.exists() for file in self._files(tile)]
        return any(there) and not (all(there) and self._decodes(tile))

    def discard(self, tile: Tile) -> None:
        """Take a tile out of the table, so that it is done again."""
        for file in self._files(tile):
            with contextlib.suppress(OSError):
                file.unlink()

    def _decodes(self, tile: Tile) -> bool:
        place = (tile.rows, tile.cols, tile.measure, tile.layer_pair)
        try:
            return all(np.asarray(array[place]).shape == tile.shape for array in self._arrays.values())
        except (OSError, MemoryError):
            raise
        except Exception:  # zarr and its codecs raise many kinds of errors over damaged chunks
            return False

    def load(self) -> dict[str, np.ndarray]:
        """Return the whole table; what is damaged, or not there yet, is missing."""
        whole = {STATUS: np.zeros(self.shape, np.uint8), **{name: np.full(self.shape, np.nan) for name in VARIABLES}}
        for tile in self.tiles():
            for name, values in self.read(tile).items():
                whole[name][tile.rows, tile.cols, tile.measure, tile.layer_pair] = values
        return whole

    def write(self, tile: Tile, values: Mapping[str, np.ndarray]) -> None:
        """Write a tile, its status last.

        Raises
        ------
        InputError
            Where the disk refuses; what was written before is kept.
        """
        place = (tile.rows, tile.cols, tile.measure, tile.layer_pair)
        try:
            for name in (*VARIABLES, STATUS):
                self._arrays[name][place] = values[name]
        except OSError as error:
            raise InputError(
                f"{str(self.root)!r} cannot be written: {error.strerror or error}; what was written before is kept: make room "
                "and run the same again"
            ) from None

    def _files(self, tile: Tile) -> list[Path]:
        place = (tile.rows.start // self.block, tile.cols.start // self.block, tile.measure, tile.layer_pair)
        # status first: a tile without it is missing
        return [self.root.joinpath(name, "c", *map(str, place)) for name in (STATUS, *VARIABLES)]

    def _is_whole(self, tile: Tile) -> bool:
        return all(file.exists() for file in self._files(tile))


def empty_tile(shape: tuple[int, int]) -> dict[str, np.ndarray]:
    """Return a tile in which nothing has been compared."""
    return {STATUS: np.zeros(shape, np.uint8), **{name: np.full(shape, np.nan) for name in VARIABLES}}


def _create(group: Any, name: str, shape: tuple[int, int, int, int], block: int) -> Any:
    from zarr.codecs import Crc32cCodec, ZstdCodec

    return group.create_array(
        name,
        shape=shape,
        chunks=(block, block, 1, 1),
        dtype="uint8" if name == STATUS else "float64",
        fill_value=0 if name == STATUS else np.nan,
        compressors=[ZstdCodec(level=1), Crc32cCodec()],
        dimension_names=DIMS,
    )


@lru_cache(maxsize=64)
def _as_made(shape: tuple[int, int, int, int], block: int, states: bool) -> str:
    import zarr
    from zarr.storage import MemoryStore

    group = zarr.open_group(MemoryStore(), mode="w", zarr_format=3)
    return _described(_create(group, STATUS if states else VARIABLES[0], shape, block))


def _described(array: Any) -> str:
    said = {key: value for key, value in array.metadata.to_dict().items() if key not in ("shape", "attributes")}
    return json.dumps(said, default=str, sort_keys=True)


def _any(value: Any) -> Any:
    return value
