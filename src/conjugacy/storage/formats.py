"""Which file formats there are: a format is a file beside this one and a line here, and nothing else knows it by name."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from conjugacy.storage.file_format import FileFormat
from conjugacy.storage.hdf5_file import Hdf5File
from conjugacy.storage.npz_file import NpzFile
from conjugacy.storage.safetensors_file import SafetensorsFile
from conjugacy.storage.zarr_folder import ZarrFolder

FORMATS: tuple[FileFormat, ...] = (NpzFile(), SafetensorsFile(), ZarrFolder(), Hdf5File())


def endings() -> tuple[str, ...]:
    """Return the endings of all formats.

    Examples
    --------
    >>> endings()
    ('.npz', '.safetensors', '.zarr', '.h5')
    """
    return tuple(ending for one in FORMATS for ending in one.endings)


def format_of(path: str | os.PathLike[str]) -> FileFormat | None:
    """Return the format that a name asks for by its ending, or None where it asks for none.

    Examples
    --------
    >>> format_of("net.NPZ").endings, format_of("net.txt")
    (('.npz',), None)
    """
    ending = Path(path).suffix.lower()
    return next((one for one in FORMATS if ending in one.endings), None)


def is_recording_name(path: str | os.PathLike[str], *, folder: bool) -> bool:
    """Whether a folder, or a file, of that name is taken for a recording.

    Examples
    --------
    >>> is_recording_name("net.zarr", folder=True), is_recording_name("net.zarr", folder=False)
    (True, False)
    """
    found = format_of(path)
    return found is not None and found.is_folder == folder


def in_words(names: Sequence[str]) -> str:
    """Return endings as they stand in a sentence.

    Examples
    --------
    >>> in_words((".npy", ".npz", ".h5"))
    '.npy, .npz or .h5'
    """
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last
