"""The .zarr file type (formats 2 and 3): a folder, every array's codecs checked before zarr touches it."""

from __future__ import annotations

import math
import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np

from conjugacy.errors import FormatError
from conjugacy.numerics.process_wide import no_warnings
from conjugacy.storage.contents import Entry
from conjugacy.storage.json_text import parse_json
from conjugacy.storage.limits import LEEWAY, amount, require_count
from conjugacy.storage.paths import KEY_ATTRIBUTE, paths_of
from conjugacy.storage.zarr_chunks import chain_of, require_honest_chunks

# "pickle" and its like run code when a chunk is decoded; whatever is not known to be harmless is refused
_SAFE_CODECS = frozenset(
    [
        "adler32",
        "blosc",
        "bytes",
        "crc32",
        "crc32c",
        "delta",
        "fixedscaleoffset",
        "fletcher32",
        "gzip",
        "lz4",
        "sharding_indexed",
        "shuffle",
        "transpose",
        "vlen-utf8",
        "zlib",
        "zstd",
    ]
)
MOST_JSON = LEEWAY // 2
"""Bytes of one description; attributes, `meta` among them, stand in it."""

_ARRAY_FILES = ("zarr.json", ".zarray")
_METADATA_FILES = (*_ARRAY_FILES, ".zattrs", ".zgroup", ".zmetadata")


class ZarrFolder:
    """A group of arrays in chunks."""

    endings = (".zarr",)
    is_folder = True
    extra = None

    def is_own(self, path: Path) -> bool:
        """Whether a folder is the root of a zarr store."""
        return any((path / name).is_file() for name in _METADATA_FILES)

    @contextmanager
    def entries(self, path: Path) -> Generator[list[Entry]]:
        """List the arrays of a .zarr folder."""
        if not path.is_dir():
            raise FormatError("it is a file; expected a .zarr folder")
        if not self.is_own(path):
            raise FormatError("the folder holds no zarr.json and no .zgroup; expected a zarr group of arrays")
        with no_warnings():  # zarr warns of types that have no final specification yet; they are read all the same
            found = [_entry(path, folder) for folder in _array_folders(path)]
            meta = _attributes(path).get("meta")
            yield (
                found if meta is None else [*(e for e in found if e.key != "meta"), Entry("meta", (), 0, lambda: meta)]
            )

    def write(self, path: Path, arrays: Mapping[str, np.ndarray], meta: str) -> None:
        """Write a .zarr folder in format 3."""
        import zarr

        group = zarr.open_group(str(path), mode="w-", zarr_format=3)
        group.attrs["meta"] = meta
        for key, place in paths_of(arrays).items():
            put_array(group, place, key, arrays[key])


def put_array(group: Any, place: str, key: str, array: np.ndarray) -> None:
    """Write one array, of numbers or text, as a whole."""
    if array.dtype.kind == "U":
        node = group.create_array(place, shape=array.shape, dtype="string")
    else:
        node = group.create_array(
            place,
            shape=array.shape,
            dtype=array.dtype,
            fill_value=filling(array.dtype),
            compressors=compressors(array.dtype),
        )
    node[...] = array.astype(object) if array.dtype.kind == "U" else array
    if place != key:
        node.attrs[KEY_ATTRIBUTE] = key


def compressors(dtype: np.dtype[Any]) -> list[Any]:
    """Return what makes numbers small at the speed of a disk: bytes of one place side by side.

    The empty half of a widened bfloat16 goes away.
    """
    from zarr.codecs import BloscCodec

    return [BloscCodec(cname="lz4", clevel=1, shuffle="shuffle", typesize=dtype.itemsize)]


def filling(dtype: np.dtype[Any]) -> float | None:
    """Return what a chunk that got lost reads as: NaN, which is refused, and not zeros."""
    return np.nan if dtype.kind == "f" else None


def _array_folders(root: Path) -> list[Path]:
    folders: list[Path] = []
    for folder, subfolders, files in os.walk(root):
        here = Path(folder)
        for name in (*subfolders, *files):
            entry = here / name
            if entry.is_symlink() or not (entry.is_dir() or entry.is_file()):
                raise FormatError(
                    f"{str(entry.relative_to(root))!r} in it is a link or no plain file; expected a folder of its own files"
                )
        if _is_array(here, files):
            folders.append(here)
    require_count(len(folders))
    return sorted(folders)


def _is_array(folder: Path, files: list[str]) -> bool:
    return ".zarray" in files or ("zarr.json" in files and _json(folder / "zarr.json").get("node_type") == "array")


def _entry(root: Path, folder: Path) -> Entry:
    import zarr
    from zarr.storage import LocalStore

    place = folder.relative_to(root).as_posix()
    if place == ".":
        raise FormatError("it is a single array without a name; expected a zarr group with one array per layer")
    specification = _json(folder / ("zarr.json" if (folder / "zarr.json").is_file() else ".zarray"))
    for codec in _codec_names(specification):
        if codec not in _SAFE_CODECS:
            raise FormatError(
                f"{place!r} is stored with the codec {codec!r}, which is not read; use blosc, zstd or gzip"
            )
    # consolidated metadata may say something else than the files that were checked
    array = zarr.open_array(LocalStore(root, read_only=True), path=place, mode="r")
    key = str(_attributes(folder).get(KEY_ATTRIBUTE, place))
    width = max(array.dtype.itemsize, 1)
    return Entry(
        key,
        tuple(array.shape),
        math.prod(array.shape) * width,
        lambda: _read(array, folder, key, specification),
        is_float=array.dtype.kind == "f",
        beside=math.prod(array.chunks) * width,
    )


def _read(array: Any, folder: Path, key: str, specification: Mapping[str, Any]) -> np.ndarray:
    chunk = getattr(array, "shards", None) or array.chunks
    is_text = array.dtype.kind in "OT"
    chain = chain_of(specification, chunk, max(array.dtype.itemsize, 1), is_text=is_text)
    require_honest_chunks(key, folder, chain, array.shape, chunk)
    if array.ndim >= 2 and not any(set(files) - set(_METADATA_FILES) for _, _, files in os.walk(folder)):
        raise FormatError(f"{key!r} declares shape {array.shape} and holds no data; writing it was interrupted")
    return np.asarray(array[...])


def _codec_names(specification: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of all codecs of an array, those inside shards too."""
    for field in ("codecs", "index_codecs", "filters", "compressor"):
        value: Any = specification.get(field)
        listed: list[Any] = cast("list[Any]", value) if isinstance(value, list) else [] if value is None else [value]
        for codec in listed:
            if not isinstance(codec, dict):
                yield str(codec)
                continue
            known = cast("dict[str, Any]", codec)
            yield str(known.get("name", known.get("id")))
            if isinstance(known.get("configuration"), dict):
                yield from _codec_names(known["configuration"])


def _attributes(folder: Path) -> dict[str, Any]:
    if (folder / ".zattrs").is_file():
        return _json(folder / ".zattrs")
    if (folder / "zarr.json").is_file():
        found: Any = _json(folder / "zarr.json").get("attributes")
        return cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    return {}


def _json(path: Path) -> dict[str, Any]:
    if path.stat().st_size > MOST_JSON:
        raise FormatError(
            f"{path.name!r} in it has {amount(path.stat().st_size)}; expected {amount(MOST_JSON)} at most"
        )
    value: Any = parse_json(path.read_bytes(), f"{path.name!r} in it", 4 * MOST_JSON)
    if not isinstance(value, dict):
        raise FormatError(f"{path.name!r} in it is not a JSON object; the folder is damaged")
    return cast("dict[str, Any]", value)
