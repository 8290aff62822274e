"""Where an .h5 file keeps its texts: heaps of objects in a row; one that leads nowhere is refused before HDF5 follows it."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from pathlib import Path

from conjugacy.errors import FormatError

_SIGN = b"GCOL\x01\x00\x00\x00"
_OBJECT = struct.Struct("<HHIQ")
"""Number, references, nothing, bytes."""


def require_sound_heaps(path: Path) -> None:
    """Walk through every heap of a file, and refuse one whose objects do not end where it does.

    Raises
    ------
    FormatError
    """
    if not path.is_file() or not path.stat().st_size:
        return
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as held:
        for start in _starts(held):
            if not _is_sound(held, start):
                raise FormatError(f"the texts at byte {start} of it are damaged: their lengths lead nowhere")


def _starts(held: mmap.mmap) -> Iterator[int]:
    place = held.find(_SIGN)
    while place >= 0:
        if place % 8 == 0:
            yield place
        place = held.find(_SIGN, place + 1)


def _is_sound(held: mmap.mmap, start: int) -> bool:
    size = int.from_bytes(held[start + 8 : start + 16], "little")
    if size < 4096 or start + size > len(held):
        return False
    place, end = start + 16, start + size
    while end - place >= _OBJECT.size:
        number, _, _, length = _OBJECT.unpack_from(held, place)
        if number == 0:  # what is free, to the end
            return length == end - place
        place += _OBJECT.size + (length + 7) // 8 * 8
    return place <= end
