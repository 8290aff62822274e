"""A file is there as a whole or not at all: it is written beside its place and then moved there."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from conjugacy.errors import InputError


def write_whole(path: Path, data: bytes) -> Path:
    """Write one file as a whole or not at all; a file of that name is replaced.

    Raises
    ------
    InputError
        Where the disk refuses.

    Examples
    --------
    >>> import tempfile
    >>> write_whole(Path(tempfile.mkdtemp()) / "a.json", b"{}").read_bytes()
    b'{}'
    """
    try:
        with replacing(path) as temporary:
            temporary.write_bytes(data)
    except OSError as error:
        raise InputError(
            f"{str(path)!r} cannot be written: {error.strerror or error}; nothing was left behind"
        ) from None
    return path


@contextmanager
def replacing(path: Path) -> Generator[Path]:
    """Give a temporary sibling of `path` to write to; it takes the place of `path` if nothing was raised.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with replacing(folder / "a.txt") as temporary:
    ...     _ = temporary.write_text("whole")
    >>> [p.name for p in folder.iterdir()]
    ['a.txt']
    """
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        yield temporary
        if temporary.is_file():
            _flush(temporary)
        _move(temporary, path)
    except BaseException:  # also Ctrl-C
        _clear(temporary)
        raise


def _move(temporary: Path, path: Path) -> None:
    if not path.is_dir() or not temporary.is_dir():
        os.replace(temporary, path)  # a file in place of a folder is refused by the system
        return
    # a folder cannot be replaced in one step: the old one steps aside, and back if the new one cannot come
    aside = path.with_name(f".{secrets.token_hex(8)}.old")
    try:
        os.replace(path, aside)
        os.replace(temporary, path)
    finally:
        if path.exists():
            remove(aside)
        elif aside.exists():
            os.replace(aside, path)


def _flush(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _clear(path: Path) -> None:
    """Remove what a failed write left, and what its threads still write: zarr finishes its chunks in the background."""
    for _ in range(20):
        is_folder = path.is_dir()
        remove(path)
        if not is_folder:
            return
        time.sleep(0.02)


def remove(path: Path) -> None:
    """Remove a file or folder, where there is one."""
    if not path.is_dir():
        path.unlink(missing_ok=True)
        return
    try:
        shutil.rmtree(path, ignore_errors=True)
    except KeyboardInterrupt:
        # Ctrl-C in the middle of a folder must not leave the rest of it lying about
        shutil.rmtree(path, ignore_errors=True)
        raise
