"""How many bytes a compressed piece unpacks to, found out without keeping them: what its own header says may be a lie."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from conjugacy.errors import FormatError

PIECE = 2**16
_STEP = 2**20
_ZSTD_MAGIC, _ZSTD_BLOCK = 0xFD2FB528, 2**17
_ZSTD_WINDOW = 2**25
DEFLATE_RATIO = 1040
"""One byte of a deflated stream stands for no more than so many."""


def unpacked_bytes(codec: str, raw: memoryview, most: int) -> int:
    """Return a bound of the bytes that a library makes of a compressed piece; counting stops beyond `most`.

    Raises
    ------
    FormatError
        Where it does not begin as pieces of this codec do.

    Examples
    --------
    >>> unpacked_bytes("zlib", memoryview(zlib.compress(bytes(5000))), 10_000)
    5000
    """
    return COMPRESSORS[codec](raw, most)


def _counted(raw: memoryview, most: int, wbits: int) -> int:
    if DEFLATE_RATIO * len(raw) <= most:
        return DEFLATE_RATIO * len(raw)
    total, place = 0, 0
    while place < len(raw) and total <= most:
        stream = zlib.decompressobj(wbits)
        while not stream.eof and total <= most:
            piece = bytes(raw[place : place + PIECE])
            if not piece:
                return total  # cut off: whoever unpacks it will say so
            place += len(piece)
            while total <= most:
                try:
                    made = len(stream.decompress(piece, _STEP))
                except zlib.error:
                    return total
                total += made
                piece = stream.unconsumed_tail
                if stream.eof or (not piece and made < _STEP):
                    break
        place -= len(stream.unused_data)
        if wbits == zlib.MAX_WBITS:
            return total  # what follows is left alone; gzip goes on with the next member
        while place < len(raw) and raw[place] == 0:
            place += 1
    return total


def _zlib(raw: memoryview, most: int) -> int:
    return _counted(raw, most, zlib.MAX_WBITS)


def _gzip(raw: memoryview, most: int) -> int:
    return _counted(raw, most, zlib.MAX_WBITS | 16)


def _blosc(raw: memoryview, most: int) -> int:
    if len(raw) < 16:
        raise FormatError("a chunk is shorter than the header of blosc")
    return max(_number(raw, 4, 4), _number(raw, 8, 4))  # all of it, and one block


def _lz4(raw: memoryview, most: int) -> int:
    if len(raw) < 4:
        raise FormatError("a chunk is shorter than the header of lz4")
    return _number(raw, 0, 4)


def _zstd(raw: memoryview, most: int) -> int:
    total, place = 0, 0
    while place + 5 <= len(raw) and total <= most:
        magic = _number(raw, place, 4)
        if magic & 0xFFFFFFF0 == 0x184D2A50:  # to be skipped
            place += 8 + _number(raw, place + 4, 4)
            continue
        if magic != _ZSTD_MAGIC:
            if place:
                return total
            raise FormatError("a chunk is not a zstd frame")
        said, window, place, has_checksum = _zstd_header(raw, place + 4)
        if said is None and window > max(_ZSTD_WINDOW, most):
            return window
        # without a size they are counted as whole blocks, which the last of a frame seldom is
        roughly = 2 * most + 2 * _ZSTD_BLOCK
        blocks, place = _zstd_blocks(raw, place, roughly)
        total += said if said is not None else blocks if blocks > roughly else min(blocks, most)
        place += 4 * has_checksum
    return total


def _zstd_header(raw: memoryview, place: int) -> tuple[int | None, int, int, bool]:
    """Return the size that a frame says, its window, where its blocks begin, and whether a checksum follows them."""
    flags = raw[place]
    place += 1
    single = bool(flags & 32)
    window = 0
    if not single:
        exponent, mantissa = raw[place] >> 3, raw[place] & 7
        window = (1 << (10 + exponent)) * (8 + mantissa) // 8
        place += 1
    place += (0, 1, 2, 4)[flags & 3]
    width = (1 if single else 0, 2, 4, 8)[flags >> 6]
    said = _number(raw, place, width) + (256 if width == 2 else 0) if width else None
    return said, window, place + width, bool(flags & 4)


def _zstd_blocks(raw: memoryview, place: int, most: int) -> tuple[int, int]:
    """Return a bound of what the blocks of a frame hold, and where they end."""
    total = 0
    while place + 3 <= len(raw) and total <= most:
        head = _number(raw, place, 3)
        kind, size = (head >> 1) & 3, head >> 3
        total += size if kind < 2 else _ZSTD_BLOCK
        place += 3 + (1 if kind == 1 else size)
        if head & 1:
            break
    return total, place


def _lzf(raw: memoryview, most: int) -> int:
    data, place, total = bytes(raw), 0, 0
    while place < len(data) and total <= most:
        control = data[place]
        if control < 32:  # so many bytes as they are
            place += control + 2
            total += control + 1
            continue
        length = control >> 5
        if length == 7 and place + 1 < len(data):
            length += data[place + 1]
            place += 1
        place += 2
        total += length + 2
    return total


def _number(raw: memoryview, place: int, width: int) -> int:
    return int.from_bytes(raw[place : place + width], "little")


COMPRESSORS: dict[str, Callable[[memoryview, int], int]] = {
    "zlib": _zlib,
    "gzip": _gzip,
    "blosc": _blosc,
    "lz4": _lz4,
    "zstd": _zstd,
    "lzf": _lzf,
}
"""The codecs that make pieces smaller, each with what tells the size of a piece."""
