"""The .mat file: up to version 7 read by scipy, version 7.3, which is HDF5, by h5py."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import IO, Any

import numpy as np

from conjugacy.errors import FormatError
from conjugacy.storage.contents import require_key
from conjugacy.storage.laboratory.held import Held
from conjugacy.storage.laboratory.matlab_elements import MATRIX, require_sound_variable
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
COPIES = 4  # what is kept at the same time: the bytes that are looked at, and scipy's bytes, array and conversion


def read_matlab(path: Path) -> Held:
    """Read the variables of a .mat file of any version: numbers with MATLAB's axes, text without padding, cells and structs.

    Raises
    ------
    MissingExtraError
        Where version 7.3 is met and h5py is not installed.
    FormatError
        Where it is damaged, or would unpack to more than fits into memory.
    """
    import scipy.io
    from scipy.io.matlab import matfile_version

    with path.open("rb") as stream:
        if any(_is_hdf5(stream, place) for place in HDF5_PLACES):
            return as_held(hdf5_values(path))
        _require_sound_variables(stream, path.stat().st_size, matfile_version(path)[0])
    found: dict[str, Any] = scipy.io.loadmat(path, chars_as_strings=True, verify_compressed_data_integrity=True)
    values = {str(key): value for key, value in found.items() if not str(key).startswith("__")}
    require_count(len(values))
    for key in values:
        require_key(key)
    return as_held({key: _value(value, 0) for key, value in values.items()})


def _is_hdf5(stream: IO[bytes], place: int) -> bool:
    stream.seek(place)
    return stream.read(len(HDF5)) == HDF5


def _require_sound_variables(stream: IO[bytes], size: int, version: int) -> None:
    """Look at every variable: refuse a file that unpacks to far more than it has bytes, and arrays that scipy would misread."""
    order, found = _variables(stream, size, version)
    total = sum(_unpacked(stream, *one) for one in found)
    require_honest(total, size)
    require_memory("the file", COPIES * total)
    for place, length, kind in found if order else ():
        stream.seek(place)
        raw = stream.read(length)
        if kind == COMPRESSED:
            kind, raw = _inside(raw, order)
        if kind != MATRIX:
            raise FormatError(f"the variable at byte {place} is of the unknown kind {kind}")
        require_sound_variable(memoryview(raw), order)


def _inside(raw: bytes, order: str) -> tuple[int, bytes]:
    """Return the kind and the bytes of a variable that is compressed."""
    try:
        whole = zlib.decompressobj().decompress(raw)
    except zlib.error:
        raise FormatError("a variable in it cannot be unpacked") from None
    if len(whole) < 8:
        raise FormatError("a variable in it ends before it begins")
    kind, length = struct.unpack_from(order + "II", whole)
    if length != len(whole) - 8:
        raise FormatError(
            f"a variable in it declares {amount(length)} and unpacks to {amount(len(whole) - 8)}; it is damaged"
        )
    return kind, whole[8:]


def _variables(stream: IO[bytes], size: int, version: int) -> tuple[str, list[tuple[int, int, int]]]:
    """Return the order of bytes, and where each variable begins, its bytes and its kind; of version 4 the file as a whole."""
    if version == 0:
        return "", [(0, size, 0)]
    stream.seek(HEADER - 2)
    order = {b"IM": "<", b"MI": ">"}.get(stream.read(2), "")
    if version != 1 or not order:
        raise FormatError("its header is not that of a .mat file; it is damaged")
    place, found = HEADER, list[tuple[int, int, int]]()
    while place + 8 <= size:
        stream.seek(place)
        kind, length = struct.unpack(order + "II", stream.read(8))
        if place + 8 + length > size:
            raise FormatError(f"the variable at byte {place} declares {amount(length)}, and the file ends before")
        found.append((place + 8, length, kind))
        place += 8 + length
        require_count(len(found))
    return order, found


def _unpacked(stream: IO[bytes], place: int, length: int, kind: int) -> int:
    if kind != COMPRESSED:
        return length
    stream.seek(place)
    found = unpacked_bytes("zlib", memoryview(stream.read(length)), LARGEST)
    if found > LARGEST:
        raise FormatError(f"a variable in it unpacks to more than {amount(LARGEST)}; save it with '-v7.3'")
    return found


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
