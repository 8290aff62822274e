"""read_arrays and write_arrays: one door for all formats, where everything that can go wrong becomes one sentence."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from conjugacy.errors import ConjugacyError, FormatError, InputError, MissingExtraError
from conjugacy.storage.atomic import replacing
from conjugacy.storage.contents import Entry, RawFile, as_plain, parse_meta, require_key
from conjugacy.storage.file_format import FileFormat
from conjugacy.storage.formats import endings, format_of
from conjugacy.storage.limits import require_count, require_honest, require_memory
from conjugacy.storage.plain_file import require_plain
from conjugacy.storage.texts import require_characters


def read_arrays(path: str | os.PathLike[str], *, wanted: Callable[[str], bool] | None = None) -> RawFile:
    """Read the arrays of a file, all of them or those whose key is `wanted`.

    Parameters
    ----------
    path : path
        A file or folder of one of the formats. It is not trusted: nothing in it is executed.
    wanted : callable, optional
        Says for a key whether its array is read.

    Returns
    -------
    RawFile
        The arrays, `meta`, and the shapes of all arrays in the file.

    Raises
    ------
    InputError
        Where there is no such file, or the type is unknown.
    FormatError
        Where the file is damaged, hostile, too large, or no file of its type.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> path = write_arrays(tempfile.mkdtemp() + "/a.npz", {"hidden": np.zeros((3, 2))}, {})
    >>> read_arrays(path).shapes
    {'hidden': (3, 2)}
    """
    place = Path(path).expanduser()
    kind = _format(place)
    require_there(place)
    require_plain(place, folders=True)
    with one_sentence(place), _extra_named(kind, place, "reading"):
        on_disk = _size_on_disk(place, kind)
        with kind.entries(place) as entries:
            _require_keys(entries)
            chosen = [e for e in entries if e.key != "meta" and (wanted is None or wanted(e.key))]
            require_honest(sum(e.declared for e in entries), on_disk)
            require_memory("what was asked for", sum(e.cost for e in chosen))
            meta = next((parse_meta(e.read()) for e in entries if e.key == "meta"), {})
            arrays = {e.key: as_plain(e.key, e.read()) for e in chosen}
    widened = {e.key: e.widened for e in chosen if e.widened is not None}
    return RawFile(arrays, meta, {e.key: e.shape for e in entries if e.key != "meta"}, widened)


def write_arrays(
    path: str | os.PathLike[str], arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any], *, overwrite: bool = False
) -> Path:
    """Write named arrays and `meta`, as JSON text, to a new file: as a whole or not at all.

    Raises
    ------
    InputError
        Where the file exists and `overwrite` is false, the type is unknown, `meta` is no JSON, or the disk refuses.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> write_arrays(tempfile.mkdtemp() + "/a.zarr", {"hidden": np.zeros((3, 2))}, {}).name
    'a.zarr'
    """
    place = Path(path).expanduser()
    kind = _format(place)
    text = json_text(place, meta)
    for key, array in arrays.items():
        if array.dtype.kind == "U":
            require_characters(key, array)
    require_free(place, kind, overwrite)
    with disk_told(place), replacing(place) as temporary, _extra_named(kind, place, "writing"):
        kind.write(temporary, arrays, text)
    return place


@contextmanager
def disk_told(place: Path) -> Generator[None]:
    """Tell in words where the disk refuses what is written to a place; our own errors pass.

    Raises
    ------
    InputError
    """
    try:
        yield
    except OSError as error:
        if isinstance(error, ConjugacyError):
            raise
        raise InputError(
            f"{str(place)!r} cannot be written: {error.strerror or error}; nothing was left behind"
        ) from None


def _format(path: Path) -> FileFormat:
    kind = format_of(path)
    if kind is None:
        hint = "; numpy.savez('a.npz', layer=array) makes one of an array" if path.suffix.lower() == ".npy" else ""
        raise InputError(
            f"{str(path)!r} has the unknown extension {path.suffix!r}; expected {', '.join(endings())}{hint}"
        )
    return kind


def json_text(path: Path, meta: Mapping[str, Any]) -> str:
    """Return `meta` as JSON, or say that it is none."""
    try:
        text = json.dumps(dict(meta), ensure_ascii=False, allow_nan=False)
        text.encode()
        return text
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"{str(path)!r} cannot be written: its meta or provenance is not JSON ({error})") from None


def require_there(path: Path) -> None:
    """Refuse a path where nothing lies, and name what lies near it."""
    try:
        if path.exists():
            return
        if path.is_symlink():
            raise InputError(f"{str(path)!r} is a link that leads nowhere; repair it, or give the file itself")
        siblings = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
    except InputError:
        raise
    except (OSError, ValueError) as error:
        raise InputError(f"{str(path)!r} cannot be opened: {error}") from None
    near = difflib.get_close_matches(path.name, siblings, n=3)
    hint = f"did you mean {' or '.join(repr(n) for n in near)}?" if near else "check the path"
    raise InputError(f"there is no file {str(path)!r}; {hint}")


def require_free(path: Path, kind: FileFormat, overwrite: bool) -> None:
    """Refuse to write where no folder is, where something lies and may not be replaced, or where a foreign folder lies."""
    if not path.parent.is_dir():
        raise InputError(f"{str(path)!r} cannot be written: there is no folder {str(path.parent)!r}; create it first")
    if not (path.exists() or path.is_symlink()):
        return
    if not overwrite:
        raise InputError(
            f"{str(path)!r} exists already and is left as it is; choose another name, or pass overwrite=True"
        )
    if path.is_dir() and not kind.is_own(path):
        raise InputError(f"{str(path)!r} is a folder that is not a recording and is left as it is; choose another name")


def _size_on_disk(path: Path, kind: FileFormat) -> int:
    if not kind.is_folder and not path.is_file():
        raise FormatError("it is a folder; expected a file" if path.is_dir() else "it is not a regular file")
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    size = sum(p.stat().st_size for p in files)
    if size == 0:
        raise FormatError("it is empty")
    return size


def _require_keys(entries: list[Entry]) -> None:
    require_count(len(entries))
    seen: set[str] = set()
    for entry in entries:
        require_key(entry.key)
        if entry.key in seen:
            raise FormatError(f"it holds {entry.key!r} twice; expected every key once")
        seen.add(entry.key)


@contextmanager
def _extra_named(kind: FileFormat, path: Path, doing: str) -> Generator[None]:
    """Say what to install where a format's library is missing."""
    try:
        yield
    except ImportError as error:
        if kind.extra is None or isinstance(error, ConjugacyError):
            raise
        raise MissingExtraError.of(f"{doing} {path.suffix.lower()} files", kind.extra) from None


@contextmanager
def one_sentence(path: Path) -> Generator[None]:
    """Turn whatever a reader raises over an untrusted file into one error that names the file."""
    try:
        yield
    except FormatError as error:
        raise FormatError(f"{str(path)!r} cannot be read: {error}") from None
    except ConjugacyError:
        raise
    except PermissionError:
        raise InputError(f"{str(path)!r} cannot be read: permission denied") from None
    except MemoryError:
        raise FormatError(
            f"{str(path)!r} cannot be read: it needs more memory than there is; load fewer layers"
        ) from None
    except Exception as error:
        # the libraries and their codecs raise many kinds of errors over damaged bytes; none may reach the user
        reason = "".join(c if c.isprintable() else " " for c in str(error).strip())[:160] or type(error).__name__
        raise FormatError(
            f"{str(path)!r} cannot be read as {path.suffix}: {reason}; the file is damaged, incomplete or of another type"
        ) from None
