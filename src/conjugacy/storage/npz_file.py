"""The .npz file type, read member by member so that a header is judged before memory is taken."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy

from conjugacy.errors import FormatError
from conjugacy.storage.contents import Entry
from conjugacy.storage.limits import LEEWAY, amount, require_count

_MOST_HEADER = 10_000
"""Bytes of an array's header; numpy itself refuses longer ones, but reads them first."""

_MOST_DIRECTORY = LEEWAY // 4
_PIECE = 2**22


class NpzFile:
    """Arrays in a zip archive, as `numpy.savez` writes them."""

    endings = (".npz",)
    is_folder = False
    extra = None

    def is_own(self, path: Path) -> bool:
        """Whether it is a plain file."""
        return path.is_file()

    @contextmanager
    def entries(self, path: Path) -> Generator[list[Entry]]:
        """Open an .npz file and list its arrays."""
        with path.open("rb") as stream:
            if stream.read(1) == b"\x80":
                raise FormatError("it is a pickle, which could run code; expected a file written by numpy.savez")
            _require_short_directory(stream)
        with zipfile.ZipFile(path) as archive:
            require_count(len(archive.infolist()))
            yield [_entry(archive, member) for member in archive.infolist()]

    def write(self, path: Path, arrays: Mapping[str, np.ndarray], meta: str) -> None:
        """Write an .npz file that `numpy.load` reads."""
        with zipfile.ZipFile(path, "x", zipfile.ZIP_STORED, allowZip64=True) as archive:
            # not numpy.savez, whose keyword arguments forbid a layer called "file"
            for key, array in {**arrays, "meta": np.array(meta)}.items():
                with archive.open(key + ".npy", "w", force_zip64=True) as member:
                    npy.write_array(member, np.asanyarray(array), allow_pickle=False)


def _require_short_directory(stream: IO[bytes]) -> None:
    """Refuse an archive whose list of members is far longer than any network: it is read as a whole."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - 2**16 - 22))
    end = stream.read()
    place = end.rfind(b"PK\x05\x06")
    if place < 0:
        return  # zipfile says that it is none
    length = int.from_bytes(end[place + 12 : place + 16], "little")
    if length == 2**32 - 1 and end[max(0, place - 76) : place].startswith(b"PK\x06\x06"):
        length = int.from_bytes(end[place - 76 + 40 : place - 76 + 48], "little")
    if length > _MOST_DIRECTORY:
        raise FormatError(f"its list of members takes {amount(length)}; expected {amount(_MOST_DIRECTORY)} at most")


def _entry(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Entry:
    if not member.filename.endswith(".npy"):
        raise FormatError(f"its member {member.filename!r} is not a .npy array; expected a file written by numpy.savez")
    key = member.filename.removesuffix(".npy")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FormatError(f"{key!r} is compressed as numpy never does; expected numpy.savez or numpy.savez_compressed")
    with archive.open(member) as stream:
        shape, _, dtype, offset = npy_header(stream, key)
    nbytes = math.prod(shape) * dtype.itemsize
    if offset + nbytes != member.file_size:
        raise FormatError(
            f"{key!r} declares {nbytes} bytes of data and holds {member.file_size - offset}; it is damaged"
        )
    return Entry(key, shape, nbytes, lambda: _read(archive, member, key), is_float=dtype.kind == "f")


def npy_header(stream: IO[bytes], key: str) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Return shape, whether columns come first, type, and where the data begin, of an array in .npy form.

    Raises
    ------
    FormatError
    """
    version = npy.read_magic(stream)
    if version not in ((1, 0), (2, 0)):
        raise FormatError(f"{key!r} is in version {version} of the .npy format; expected (1, 0) or (2, 0)")
    length = stream.read(2 if version == (1, 0) else 4)
    size = int.from_bytes(length, "little")
    if size > _MOST_HEADER:
        raise FormatError(f"{key!r} has a header of {amount(size)}; expected {amount(_MOST_HEADER)} at most")
    header = io.BytesIO(length + stream.read(size))
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, fortran, dtype = read(header)
    if dtype.hasobject:
        raise FormatError(
            f"{key!r} is an array of Python objects, which could run code; "
            "save numbers, or text as numpy.asarray(ids, dtype=str)"
        )
    if any(size < 0 for size in shape):
        raise FormatError(f"{key!r} declares the impossible shape {shape}")
    return shape, fortran, dtype, npy.MAGIC_LEN + len(header.getvalue())


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo, key: str) -> np.ndarray:
    with archive.open(member) as stream:
        shape, fortran, dtype, _ = npy_header(stream, key)
        array = np.empty(shape, dtype, order="F" if fortran else "C")
        flat = (
            array.reshape(-1, order="F" if fortran else "C").view(np.uint8) if array.nbytes else np.empty(0, np.uint8)
        )
        view, done = memoryview(flat.data), 0
        while done < len(view):
            got = stream.readinto(view[done : done + _PIECE])  # pyright: ignore[reportAttributeAccessIssue]
            if not got:
                raise FormatError(f"{key!r} ends after {done} of {len(view)} bytes; it is truncated")
            done += got
        stream.read(1)  # the checksum is verified at the end of the member
    return array
