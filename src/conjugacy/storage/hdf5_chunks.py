"""The chunks of a data set in an .h5 file, compared with what its description declares before HDF5 unpacks any of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from conjugacy.errors import FormatError
from conjugacy.storage.limits import LEEWAY, amount, require_chunks
from conjugacy.storage.unpacked import unpacked_bytes

_DEFLATE, _SHUFFLE, _FLETCHER, _LZF = 1, 2, 3, 32000
_AT_ONCE = 2**16
_COMPRESSORS = {_DEFLATE: "zlib", _LZF: "lzf"}


def chunk_bytes(data: Any) -> int:
    """Return the bytes of one chunk, which HDF5 unpacks as a whole; 0 where the data stand in one piece."""
    return 0 if data.chunks is None else math.prod(data.chunks) * data.id.get_type().get_size()


def require_honest_chunks(key: str, data: Any, path: Path) -> None:
    """Look at every chunk of a data set, and refuse one that unpacks to more than declared.

    Raises
    ------
    FormatError
    """
    if data.chunks is None:
        return
    filters = _filters(key, data)
    expected = chunk_bytes(data)
    declared = math.prod(-(-n // step) for n, step in zip(data.shape, data.chunks, strict=True))
    require_chunks(repr(key), declared, data.id.get_num_chunks())
    with path.open("rb") as stream:
        for chunk in _chunks(data):
            _require_honest(key, stream, chunk, filters, expected)


def require_honest_texts(key: str, data: Any, path: Path, on_disk: int) -> None:
    """Refuse texts that refer to the same bytes over and over: together they are longer than the file.

    Raises
    ------
    FormatError
    """
    total = sum(_lengths(data, path))
    if total > on_disk + LEEWAY:
        raise FormatError(f"the texts in {key!r} take {amount(total)} together, and the file has {amount(on_disk)}")


def texts_one_by_one(data: Any) -> bool:
    """Whether the lengths of texts can only be known by reading them."""
    if data.chunks is None:
        return data.id.get_offset() is None
    return data.id.get_create_plist().get_nfilters() > 0


def _require_honest(key: str, stream: IO[bytes], chunk: Any, filters: list[int], expected: int) -> None:
    if chunk.size > expected + expected // 8 + 2**16:
        raise FormatError(
            f"a chunk of {key!r} has {amount(chunk.size)} on disk, and {amount(expected)} are declared for it"
        )
    applied = [code for place, code in enumerate(filters) if not chunk.filter_mask >> place & 1]
    if not any(code in _COMPRESSORS for code in applied):
        return
    stream.seek(chunk.byte_offset)
    raw = memoryview(stream.read(chunk.size))
    most = expected + 4096
    for code in reversed(applied):
        if code == _FLETCHER:
            raw = raw[:-4]
        elif code in _COMPRESSORS and unpacked_bytes(_COMPRESSORS[code], raw, most) > most:
            raise FormatError(
                f"a chunk of {key!r} unpacks to more than the {amount(expected)} that are declared for it; it is damaged, or "
                "made to fill the memory"
            )
        elif code in _COMPRESSORS:
            return


def _filters(key: str, data: Any) -> list[int]:
    plist = data.id.get_create_plist()
    found = [int(plist.get_filter(place)[0]) for place in range(plist.get_nfilters())]
    unknown = set(found) - {_SHUFFLE, _FLETCHER, *_COMPRESSORS}
    if unknown or sum(code in _COMPRESSORS for code in found) > 1:
        raise FormatError(
            f"{key!r} is stored with the filters {found}, which are not read; use gzip or lzf, with shuffle where you like"
        )
    return found


def _chunks(data: Any) -> Iterator[Any]:
    found: list[Any] = []
    add: Callable[[Any], None] = found.append
    data.id.chunk_iter(add)
    yield from found


def _lengths(data: Any, path: Path) -> Iterator[int]:
    """Yield the lengths of texts, summed by blocks: what stands in the data set for a text begins with its length."""
    width = data.id.get_type().get_size()
    if data.chunks is None:
        places = [(data.id.get_offset(), data.size)]
    else:
        places = [(chunk.byte_offset, math.prod(data.chunks)) for chunk in _chunks(data)]
    with path.open("rb") as stream:
        for offset, count in places:
            stream.seek(offset)
            for start in range(0, count, _AT_ONCE):
                piece = stream.read(width * min(count - start, _AT_ONCE))
                whole = np.frombuffer(piece[: len(piece) // width * width], np.uint8).reshape(-1, width)
                yield int(np.ascontiguousarray(whole[:, :4]).view("<u4").astype(np.int64).sum())
