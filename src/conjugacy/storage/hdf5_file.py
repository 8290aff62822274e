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
from conjugacy.storage.hdf5_chunks import chunk_bytes, require_honest_chunks, require_honest_texts, texts_one_by_one
from conjugacy.storage.hdf5_heaps import require_sound_heaps
from conjugacy.storage.limits import LEEWAY, require_count, require_even
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

        require_sound_heaps(path)
        with h5py.File(path, "r") as opened:
            file: Any = opened
            found = [_entry(h5py, path, name, data) for name, data in _datasets(h5py, file, "", set())]
            if "meta" in file.attrs and all(entry.key != "meta" for entry in found):
                found.append(Entry("meta", (), 0, lambda: _attribute(file, "meta")))
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
        require_count(len(seen))
        if isinstance(node, h5py.Group):
            yield from _datasets(h5py, node, place + "/", seen)
        elif isinstance(node, h5py.Dataset):
            yield place, node


def _entry(h5py: Any, path: Path, place: str, data: Any) -> Entry:
    if data.is_virtual or data.external is not None:
        raise FormatError(f"{place!r} in it keeps its data in other files; copy them into this one")
    if data.shape is None:
        raise FormatError(f"{place!r} in it is a data set without values; remove it")
    is_text = h5py.check_string_dtype(data.dtype) is not None
    if data.dtype.hasobject and not is_text:
        raise FormatError(f"{place!r} in it is an array of objects; save numbers or text")
    key = str(_attribute(data, KEY_ATTRIBUTE)) if KEY_ATTRIBUTE in data.attrs else place
    return Entry(
        key,
        tuple(data.shape),
        int(data.nbytes),
        lambda: _read(path, key, data, is_text),
        is_float=data.dtype.kind == "f",
        beside=chunk_bytes(data),
    )


def _attribute(node: Any, name: str) -> Any:
    """Return one text; an array of them may refer to the same bytes over and over."""
    if node.attrs.get_id(name).shape != ():
        raise FormatError(f"the attribute {name!r} in it is an array; expected one text")
    return node.attrs[name]


def _read(path: Path, key: str, data: Any, is_text: bool) -> Any:
    require_honest_chunks(key, data, path)
    if not is_text:
        return data[()]
    if not data.dtype.hasobject:  # text of one length
        return data.asstr()[()] if data.ndim == 0 else data[()]
    if not texts_one_by_one(data):
        require_honest_texts(key, data, path, path.stat().st_size)
        return data.asstr()[()]
    return _one_by_one(path, key, data)


def _one_by_one(path: Path, key: str, data: Any) -> np.ndarray:
    """Return texts whose lengths are only known when they are read."""
    texts, longest, total = data.asstr(), 0, 0
    found = np.empty(data.shape, dtype=object)
    most = path.stat().st_size + LEEWAY
    for place in np.ndindex(data.shape):
        found[place] = texts[place]
        longest, total = max(longest, len(found[place])), total + len(found[place])
        if total > most:
            raise FormatError(f"the texts in {key!r} refer to the same bytes over and over")
    require_even(repr(key), found.size, longest, total)
    return found
