"""The chunks of a .zarr array, compared with what its description declares before zarr unpacks any of them."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from conjugacy.errors import FormatError
from conjugacy.storage.limits import LEEWAY, amount, require_chunks
from conjugacy.storage.unpacked import COMPRESSORS, unpacked_bytes

Specification = Mapping[str, Any]

_CHECKSUMS = {"crc32c": (0, 4), "crc32": (4, 0), "adler32": (4, 0), "fletcher32": (0, 4)}
"""Bytes before and behind what they guard."""

_LOCATIONS = {name: "start" if before else "end" for name, (before, _) in _CHECKSUMS.items()}
_TEXT = "vlen-utf8"

_BYTES_OF_TEXT = 64
"""What a text may take in a chunk, in the mean and beyond the leeway: descriptions say nothing of it."""

_SMALL = 2**12
"""What a chunk may hold besides: checksums."""

_WIDEST = 16
_NAME = re.compile(r"(c[/.])?\d+([/.]\d+)*|c")
_SHARDED = "sharding_indexed"


@dataclass(frozen=True)
class Chain:
    """How a chunk is packed.

    Attributes
    ----------
    outer : tuple of str
        Codecs from bytes to bytes, the one that was applied last first.
    expected : int
        Bytes inside of them.
    inner : Chain or None
        How the chunks of a shard are packed.
    count : int
        Chunks of a shard.
    index_at_end : bool
        Where a shard says where they are.
    index_bytes : int
    texts : int
        Texts of a chunk, where it holds texts.
    """

    outer: tuple[str, ...]
    expected: int
    inner: Chain | None = None
    count: int = 0
    index_at_end: bool = True
    index_bytes: int = 0
    texts: int = 0

    @property
    def compressor(self) -> str | None:
        """The one codec that makes chunks smaller."""
        return next((codec for codec in self.outer if codec in COMPRESSORS), None)


def chain_of(specification: Specification, chunk: Sequence[int], itemsize: int, *, is_text: bool) -> Chain:
    """Return how the chunks of an array are packed; `chunk` is the shape of one, or of one shard.

    Raises
    ------
    FormatError
        Where they are packed in a way whose size cannot be known beforehand.
    """
    filling = specification.get("fill_value")
    if is_text and isinstance(filling, str) and 4 * len(filling) > _BYTES_OF_TEXT:
        raise FormatError(
            f"its chunks that are not there would hold a text of {len(filling)} characters again and again; expected an empty one"
        )
    if "codecs" not in specification:
        return _chain_2(specification, math.prod(chunk), itemsize, is_text)
    return _chain_3(specification["codecs"], chunk, itemsize, is_text)


def require_honest_chunks(key: str, folder: Path, chain: Chain, shape: Sequence[int], chunk: Sequence[int]) -> None:
    """Look at every chunk of an array, and refuse one that unpacks to more than declared.

    Raises
    ------
    FormatError
    """
    files = list(_chunk_files(folder))
    chunks = math.prod(-(-n // max(step, 1)) for n, step in zip(shape, chunk, strict=True))
    require_chunks(repr(key), chunks * max(chain.count, 1), len(files) * max(chain.count, 1))
    for file in files:
        _require_honest(f"chunk {file.relative_to(folder).as_posix()!r} of {key!r}", file, chain)


def _require_honest(what: str, file: Path, chain: Chain) -> None:
    size = file.stat().st_size
    most = chain.expected + _SMALL if chain.inner is None else chain.count * (chain.inner.expected + _SMALL)
    if size > most + most // 8 + 2**16:
        raise FormatError(f"{what} has {amount(size)} on disk, and its array declares {amount(chain.expected)} for it")
    with file.open("rb") as stream:
        # the header of these says it all
        says_all = chain.compressor in ("blosc", "lz4") and len(chain.outer) == 1 and not chain.texts
        raw = stream.read(32 if says_all else -1)
    _require_piece(what, memoryview(raw), chain)


def _require_piece(what: str, raw: memoryview, chain: Chain) -> None:
    _require_size(what, raw, chain)
    if chain.texts:
        _require_texts(what, raw, chain)


def _require_texts(what: str, raw: memoryview, chain: Chain) -> None:
    """Refuse a chunk that says that it holds more texts than declared: room is made for all of them before one is read.

    What it unpacks to is bounded already.
    """
    from numcodecs import get_codec

    for codec in chain.outer:
        before, behind = _CHECKSUMS.get(codec, (0, 0))
        raw = raw[before : len(raw) - behind]
        if codec in COMPRESSORS:
            try:
                unpacked: Any = get_codec({"id": codec}).decode(bytes(raw))
                raw = memoryview(unpacked).cast("B")
            except Exception as error:  # each raises kinds of its own over damaged bytes
                raise FormatError(f"{what} cannot be unpacked ({error}); it is damaged") from None
    said = int.from_bytes(raw[:4], "little")
    if said > chain.texts:
        raise FormatError(
            f"{what} says that it holds {said} texts, and its array declares {chain.texts} for it; it is damaged, or made to "
            "fill the memory"
        )


def _require_size(what: str, raw: memoryview, chain: Chain) -> None:
    most = chain.expected + _SMALL
    for codec in chain.outer:
        if codec in COMPRESSORS:
            unpacked = unpacked_bytes(codec, raw, most)
            if unpacked > most:
                raise FormatError(
                    f"{what} unpacks to more than the {amount(chain.expected)} that its array declares; it is damaged, or made "
                    "to fill the memory"
                )
            return
        before, behind = _CHECKSUMS[codec]
        raw = raw[before : len(raw) - behind]
    if chain.inner is not None:
        for start, size in _parts_of_shard(what, raw, chain):
            _require_piece(what, raw[start : start + size], chain.inner)


def _parts_of_shard(what: str, raw: memoryview, chain: Chain) -> Iterator[tuple[int, int]]:
    width = 16 * chain.count
    if len(raw) < chain.index_bytes:
        raise FormatError(f"{what} is shorter than its index")
    index = raw[len(raw) - chain.index_bytes :] if chain.index_at_end else raw[: chain.index_bytes]
    places = np.frombuffer(index[:width], "<u8").reshape(-1, 2)
    for start, size in places[places[:, 0] != np.iinfo(np.uint64).max].tolist():
        if start + size > len(raw):
            raise FormatError(f"{what} refers to bytes that it does not hold")
        yield start, size


def _chain_3(codecs: Any, chunk: Sequence[int], itemsize: int, is_text: bool) -> Chain:
    listed = [_named(codec) for codec in cast("list[Any]", codecs)]
    names = [name for name, _ in listed]
    at = next((i for i, name in enumerate(names) if name in ("bytes", _TEXT, _SHARDED)), None)
    if at is None:
        raise FormatError("its codecs turn no array into bytes")
    outer = _outer(names[at + 1 :])
    if names[at] != _SHARDED:
        texts = _texts(names[at], names[at + 1 :], math.prod(chunk)) if is_text else 0
        return Chain(outer, _expected(math.prod(chunk), itemsize, is_text), texts=texts)
    return _shard(listed[at][1], chunk, itemsize, is_text, outer)


def _shard(said: Specification, chunk: Sequence[int], itemsize: int, is_text: bool, outer: tuple[str, ...]) -> Chain:
    """Return how a shard is packed: its own chunks, and an index of fixed size."""
    index = [name for name, _ in map(_named, said.get("index_codecs", [{"name": "bytes"}, {"name": "crc32c"}]))]
    small = [int(n) for n in said["chunk_shape"]]
    if any(codec in COMPRESSORS for codec in outer) or set(index) - {"bytes", "crc32c"}:
        raise FormatError("its shards, or their indices, are compressed as a whole; compress the chunks inside alone")
    if len(small) != len(chunk) or any(n < 1 for n in small):
        raise FormatError(f"its shards of {tuple(chunk)} hold chunks of {tuple(small)}")
    inner = _chain_3(said["codecs"], small, itemsize, is_text)
    count = math.prod(-(-n // step) for n, step in zip(chunk, small, strict=True))
    expected = _expected(math.prod(chunk), itemsize, is_text)
    return Chain(
        outer, expected, inner, count, said.get("index_location") != "start", 16 * count + 4 * ("crc32c" in index)
    )


def _chain_2(specification: Specification, count: int, itemsize: int, is_text: bool) -> Chain:
    filters = [_named(codec) for codec in cast("list[Any]", specification.get("filters") or [])]
    compressor = specification.get("compressor")
    names = [name for name, _ in filters]
    wider = False
    for name, said in filters:
        if name in _CHECKSUMS and (said.get("location") or _LOCATIONS[name]) != _LOCATIONS[name]:
            raise FormatError(
                f"its checksums {name} stand at the {said['location']!s} of a chunk; leave them where they belong"
            )
        for key in ("dtype", "astype"):
            wider = wider or key in said
            if key in said and (kind := np.dtype(str(said[key]))).itemsize > _WIDEST:
                raise FormatError(f"a filter makes values of type {kind}; expected numbers")
    own = [] if compressor is None else [_named(compressor)[0]]
    outer = _outer([name for name in names if name in _CHECKSUMS or name in COMPRESSORS] + own)
    texts = _texts((names or ["none"])[0], [*names[1:], *own], count) if is_text else 0
    return Chain(outer, _expected(count, max(itemsize, _WIDEST) if wider else itemsize, is_text), texts=texts)


def _texts(first: str, others: Sequence[str], count: int) -> int:
    """Return how many texts a chunk may hold; what else is done to their bytes must be known."""
    odd = [first] * (first != _TEXT) + [name for name in others if name != "crc32c" and name not in COMPRESSORS]
    if odd:
        raise FormatError(
            f"its texts are packed with {odd[0]!r}, which is not read; use {_TEXT!r} and one of zstd, blosc, gzip"
        )
    return count


def _outer(applied: Sequence[str]) -> tuple[str, ...]:
    found = tuple(name for name in reversed(applied) if name in COMPRESSORS or name in _CHECKSUMS)
    if sum(name in COMPRESSORS for name in found) > 1:
        raise FormatError("its chunks are compressed twice; compress them once")
    return found


def _expected(count: int, itemsize: int, is_text: bool) -> int:
    return _BYTES_OF_TEXT * count + LEEWAY if is_text else count * itemsize


def _named(codec: Any) -> tuple[str, Specification]:
    if not isinstance(codec, dict):
        return str(codec), {}
    known = cast("dict[str, Any]", codec)
    if "name" not in known:
        return str(known.get("id")), known
    said = known.get("configuration")
    return str(known["name"]), cast("dict[str, Any]", said) if isinstance(said, dict) else {}


def _chunk_files(folder: Path) -> Iterator[Path]:
    for here, _, files in os.walk(folder):
        for name in files:
            file = Path(here, name)
            if _NAME.fullmatch(file.relative_to(folder).as_posix()):
                yield file
