"""The .h5 file type: plain data sets only; links and data that lie in other files are refused."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from conjugacy.errors import FormatError
from conjugacy.storage.contents import Entry
from conjugacy.storage.paths import KEY_ATTRIBUTE, paths_of


class Hdf5File:
    """Data sets in groups."""

    endings = (".h5",)
    is_folder = False
    extra = "hdf5"

    def is_own(self, path: Path) -> bool:
        """Whether it is a plain file."""
        return path.is_file()

    @contextmanager
    def entries(self, path: Path) -> Generator[list[Entry]]:
        """Open an .h5 file and list its data sets."""
        import h5py

        with h5py.File(path, "r") as opened:
            file: Any = opened
            found = [_entry(h5py, name, data) for name, data in _datasets(h5py, file, "", set())]
            if "meta" in file.attrs and all(entry.key != "meta" for entry in found):
                found.append(Entry("meta", (), 0, lambda: file.attrs["meta"]))
            yield found

    def write(self, path: Path, arrays: Mapping[str, np.ndarray], meta: str) -> None:
        """Write an .h5 file."""
        import h5py

        text = h5py.string_dtype("utf-8")
        try:
            with h5py.File(path, "x") as file:
                for key, place in paths_of(arrays).items():
                    array = arrays[key]
                    is_text = array.dtype.kind == "U"
                    data = file.create_dataset(
                        place, data=array.astype(object) if is_text else array, dtype=text if is_text else None
                    )
                    if place != key:
                        data.attrs[KEY_ATTRIBUTE] = key
                file.create_dataset("meta", data=meta, dtype=text)
        except (RuntimeError, OSError) as error:
            # what HDF5 reports for a full disk: the system's own words stand deep inside its message
            words = re.search(r"error message = '([^']+)'", str(error))
            raise OSError(words[1] if words else str(error)) from None


def _datasets(h5py: Any, group: Any, prefix: str, seen: set[Any]) -> Iterator[tuple[str, Any]]:
    for name in group:
        place = prefix + name
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise FormatError(f"{place!r} in it is a link to somewhere else; expected the data themselves")
        node = group[name]
        address = h5py.h5o.get_info(node.id).addr
        if address in seen:
            raise FormatError(f"{place!r} in it is a second name of something else; expected every array once")
        seen.add(address)
        if isinstance(node, h5py.Group):
            yield from _datasets(h5py, node, place + "/", seen)
        elif isinstance(node, h5py.Dataset):
            yield place, node


def _entry(h5py: Any, place: str, data: Any) -> Entry:
    if data.is_virtual or data.external is not None:
        raise FormatError(f"{place!r} in it keeps its data in other files; copy them into this one")
    if data.shape is None:
        raise FormatError(f"{place!r} in it is a data set without values; remove it")
    is_text = h5py.check_string_dtype(data.dtype) is not None
    if data.dtype.hasobject and not is_text:
        raise FormatError(f"{place!r} in it is an array of objects; save numbers or text")
    key = data.attrs.get(KEY_ATTRIBUTE, place)
    is_float = data.dtype.kind == "f"
    return Entry(
        str(key),
        tuple(data.shape),
        int(data.nbytes),
        lambda: (data.asstr() if is_text else data)[()],
        is_float=is_float,
    )
