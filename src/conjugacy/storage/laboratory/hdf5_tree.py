"""What other programs keep in HDF5, looked through before a library follows it into other files, or into lies."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conjugacy.errors import FormatError
from conjugacy.storage.hdf5_chunks import chunk_bytes, require_honest_chunks, require_honest_texts, texts_one_by_one
from conjugacy.storage.hdf5_heaps import require_sound_heaps
from conjugacy.storage.limits import require_count, require_honest, require_memory

DEEPEST = 32


def require_own_data(path: Path, *, soft_links: bool = False, read_whole: bool = False) -> None:
    """Walk through a file, and refuse what leads into other files; `read_whole`: also what cannot be read as a whole.

    Raises
    ------
    FormatError
    """
    import h5py

    require_sound_heaps(path)
    with h5py.File(path, "r") as opened:
        file: Any = opened
        total = 0
        for place, data in _walked(h5py, file, "", soft_links, set()):
            if data.is_virtual or data.external is not None:
                raise FormatError(f"{place!r} in it keeps its data in other files; copy them into this one")
            if read_whole and data.shape is not None:
                require_readable(place, data, path)
                total += int(data.nbytes)
    if read_whole:
        require_honest(total, path.stat().st_size)
        require_memory("the file", total)


def require_readable(key: str, data: Any, path: Path, *, whole: bool = True) -> None:
    """Hold one data set against what it declares, before it is read, as a whole or in parts.

    Raises
    ------
    FormatError
    """
    if data.shape is None:
        raise FormatError(f"{key!r} in it is a data set without values")
    on_disk = path.stat().st_size
    require_honest(max(int(data.nbytes), chunk_bytes(data)), on_disk)
    require_memory(repr(key), chunk_bytes(data) + (math.prod(data.shape) * max(data.dtype.itemsize, 8) if whole else 0))
    require_honest_chunks(key, data, path)
    import h5py

    if h5py.check_string_dtype(data.dtype) is not None and data.dtype.hasobject and not texts_one_by_one(data):
        require_honest_texts(key, data, path, on_disk)


def _walked(h5py: Any, group: Any, prefix: str, soft_links: bool, seen: set[int]) -> Iterator[tuple[str, Any]]:
    if prefix.count("/") > DEEPEST:
        raise FormatError(f"{prefix[:80]!r} in it lies more than {DEEPEST} groups deep")
    require_count(len(group))
    for name in group:
        link = group.get(name, getlink=True)
        if isinstance(link, h5py.SoftLink) and soft_links:
            continue  # to another place of this file, which is walked through by itself
        if not isinstance(link, h5py.HardLink):
            raise FormatError(f"{prefix + name!r} in it is a link to somewhere else; expected the data themselves")
        node = group[name]
        address = h5py.h5o.get_info(node.id).addr
        if address in seen:
            continue  # a second name of what was looked at
        seen.add(address)
        require_count(len(seen))
        if isinstance(node, h5py.Group):
            yield from _walked(h5py, node, f"{prefix}{name}/", soft_links, seen)
        elif isinstance(node, h5py.Dataset):
            yield prefix + name, node
