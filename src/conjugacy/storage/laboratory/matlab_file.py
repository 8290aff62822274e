"""The .mat file: up to version 7 read by scipy, version 7.3, which is HDF5, by h5py."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from conjugacy.errors import FormatError
from conjugacy.storage.contents import require_key
from conjugacy.storage.laboratory.held import Held
from conjugacy.storage.laboratory.matlab_hdf5 import hdf5_values
from conjugacy.storage.laboratory.matlab_values import (
    MatlabCell,
    MatlabStruct,
    MatlabStructArray,
    Unread,
    Value,
    as_held,
    opaque,
)
from conjugacy.storage.limits import amount, require_count, require_honest, require_memory
from conjugacy.storage.unpacked import unpacked_bytes

HEADER, COMPRESSED, LARGEST = 128, 15, 2**32
HDF5, HDF5_PLACES = b"\x89HDF\r\n\x1a\n", (0, 512, 1024, 2048)
COPIES = 3  # what scipy keeps at the same time: the bytes, the array, and its conversion


def read_matlab(path: Path) -> Held:
    """Read the variables of a .mat file of any version: numbers with MATLAB's axes, text without padding, cells and structs.

    Raises
    ------
    MissingExtraError
        Where version 7.3 is met and h5py is not installed.
    FormatError
        Where it is damaged, or would unpack to more than fits into memory.
    """
    with path.open("rb") as stream:
        if any(_is_hdf5(stream, place) for place in HDF5_PLACES):
            return as_held(hdf5_values(path))
        _require_honest_variables(stream, path.stat().st_size)
    import scipy.io

    found: dict[str, Any] = scipy.io.loadmat(path, chars_as_strings=True, verify_compressed_data_integrity=True)
    values = {str(key): value for key, value in found.items() if not str(key).startswith("__")}
    require_count(len(values))
    for key in values:
        require_key(key)
    return as_held({key: _value(value, 0) for key, value in values.items()})


def _is_hdf5(stream: IO[bytes], place: int) -> bool:
    stream.seek(place)
    return stream.read(len(HDF5)) == HDF5


def _require_honest_variables(stream: IO[bytes], size: int) -> None:
    """Look at every variable, and refuse a file whose compressed ones unpack to far more than it has bytes."""
    total = sum(_unpacked(stream, place, length, kind) for place, length, kind in _variables(stream, size))
    require_honest(total, size)
    require_memory("the file", COPIES * total)


def _variables(stream: IO[bytes], size: int) -> Iterator[tuple[int, int, int]]:
    """Yield where each variable begins, its bytes and its kind; of version 4, which has no header, the file as a whole."""
    stream.seek(HEADER - 4)
    version, mark = stream.read(2), stream.read(2)
    order = {b"IM": "<", b"MI": ">"}.get(mark)
    if order is None or struct.unpack(order + "H", version)[0] >> 8 != 1:
        yield 0, size, 0
        return
    place, count = HEADER, 0
    while place + 8 <= size:
        stream.seek(place)
        kind, length = struct.unpack(order + "II", stream.read(8))
        if place + 8 + length > size:
            raise FormatError(f"the variable at byte {place} declares {amount(length)}, and the file ends before")
        yield place + 8, length, kind
        place += 8 + length
        count += 1
        require_count(count)


def _unpacked(stream: IO[bytes], place: int, length: int, kind: int) -> int:
    if kind != COMPRESSED:
        return length
    stream.seek(place)
    raw = memoryview(stream.read(length))
    found = unpacked_bytes("zlib", raw, LARGEST)
    if found > LARGEST:
        raise FormatError(f"a variable in it unpacks to more than {amount(LARGEST)}; save it with '-v7.3'")
    if length >= 2:
        _require_same_length(raw)
    return found


def _require_same_length(raw: memoryview) -> None:
    """Refuse a variable whose own header declares more than its stream holds: room for it would be made before it is read."""
    stream = zlib.decompressobj()
    try:
        head = stream.decompress(bytes(raw[:4096]), 8)
    except zlib.error:
        raise FormatError("a variable in it cannot be unpacked") from None
    declared = struct.unpack("<I", head[4:8])[0] if len(head) == 8 else 0
    if declared > unpacked_bytes("zlib", raw, LARGEST) and declared > 2**24:
        raise FormatError(f"a variable in it declares {amount(declared)} and unpacks to less; it is damaged")


def _value(found: Any, depth: int) -> Value:
    """Return what scipy read as MATLAB has it."""
    from scipy.io.matlab import MatlabFunction, MatlabOpaque

    if depth > 32:
        return Unread("it lies too deep")
    if isinstance(found, MatlabOpaque):
        return opaque("object of a class")
    if isinstance(found, MatlabFunction):
        return opaque("function")
    if hasattr(found, "toarray"):
        return opaque("sparse")
    array = np.asarray(found)
    if array.dtype.names:
        names = list(array.dtype.names)
        if array.size == 1:
            return MatlabStruct({name: _value(array[name].reshape(-1)[0], depth + 1) for name in names})
        fields = {name: array[name].reshape(-1, order="F").tolist() for name in names}
        return MatlabStructArray(
            {name: MatlabCell([_value(one, depth + 1) for one in own]) for name, own in fields.items()}
        )
    if array.dtype == object:
        return MatlabCell([_value(one, depth + 1) for one in array.reshape(-1, order="F").tolist()])
    if array.dtype.kind == "U" and not array.size:
        return np.array([""])
    return array
