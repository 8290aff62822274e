"""The .npz file type, read member by member so that a header is judged before memory is taken."""

from __future__ import annotations

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
        with zipfile.ZipFile(path) as archive:
            yield [_entry(archive, member) for member in archive.infolist()]

    def write(self, path: Path, arrays: Mapping[str, np.ndarray], meta: str) -> None:
        """Write an .npz file that `numpy.load` reads."""
        with zipfile.ZipFile(path, "x", zipfile.ZIP_STORED, allowZip64=True) as archive:
            # not numpy.savez, whose keyword arguments forbid a layer called "file"
            for key, array in {**arrays, "meta": np.array(meta)}.items():
                with archive.open(key + ".npy", "w", force_zip64=True) as member:
                    npy.write_array(member, np.asanyarray(array), allow_pickle=False)


def _entry(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Entry:
    if not member.filename.endswith(".npy"):
        raise FormatError(f"its member {member.filename!r} is no .npy array; expected a file written by numpy.savez")
    key = member.filename.removesuffix(".npy")
    with archive.open(member) as stream:
        shape, _, dtype, offset = _header(stream, key)
    nbytes = math.prod(shape) * dtype.itemsize
    if offset + nbytes != member.file_size:
        raise FormatError(
            f"{key!r} declares {nbytes} bytes of data and holds {member.file_size - offset}; it is damaged"
        )
    return Entry(key, shape, nbytes, lambda: _read(archive, member, key), is_float=dtype.kind == "f")


def _header(stream: IO[bytes], key: str) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    version = npy.read_magic(stream)
    if version == (1, 0):
        shape, fortran, dtype = npy.read_array_header_1_0(stream)
    elif version == (2, 0):
        shape, fortran, dtype = npy.read_array_header_2_0(stream)
    else:
        raise FormatError(f"{key!r} is in version {version} of the .npy format; expected (1, 0) or (2, 0)")
    if dtype.hasobject:
        raise FormatError(
            f"{key!r} is an array of Python objects, which could run code; "
            "save numbers, or text as numpy.asarray(ids, dtype=str)"
        )
    if any(size < 0 for size in shape):
        raise FormatError(f"{key!r} declares the impossible shape {shape}")
    return shape, fortran, dtype, stream.tell()


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo, key: str) -> np.ndarray:
    with archive.open(member) as stream:
        shape, fortran, dtype, _ = _header(stream, key)
        array = np.empty(shape, dtype, order="F" if fortran else "C")
        flat = (
            array.reshape(-1, order="F" if fortran else "C").view(np.uint8) if array.nbytes else np.empty(0, np.uint8)
        )
        view, done = memoryview(flat.data), 0
        while done < len(view):
            got = stream.readinto(view[done : done + 2**24])  # pyright: ignore[reportAttributeAccessIssue]
            if not got:
                raise FormatError(f"{key!r} ends after {done} of {len(view)} bytes; it is truncated")
            done += got
        stream.read(1)  # the checksum is verified at the end of the member
    return array
