"""What is checked before any work begins: places to write to, shapes that are written as text."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from conjugacy.errors import InputError

DEVICE = "Do heavy arithmetic on this device of torch, as cuda. Default: numpy."


def require_place(path: Path, option: str = "--report") -> None:
    """Refuse a file that could not be written."""
    if path.is_dir():
        name = (
            f"give the name of a file, as {path / 'report.html'}" if option == "--report" else "give the name of a file"
        )
        raise InputError(f"{option} {path}: is a folder; {name}")
    _require_parent(path, option)


def require_saved(path: Path | None) -> None:
    """Refuse a saved comparison of another ending, before the work."""
    if path is None:
        return
    from conjugacy.comparison.saved import ENDING

    if path.suffix.lower() != ENDING:
        raise InputError(f"--save {path}: expected a name that ends in {ENDING}")


def sides_of(text: str) -> tuple[int, ...]:
    """Return the numbers of a shape like 8x8.

    Examples
    --------
    >>> sides_of("32x32x3")
    (32, 32, 3)
    """
    parts = text.lower().split("x")
    if not all(part.strip().isdecimal() for part in parts):
        raise InputError(f"--image-shape {text}: expected whole numbers with an x between, as 8x8")
    return tuple(int(part) for part in parts)


def require_folder(path: Path) -> None:
    """Refuse an output folder that cannot be made."""
    if path.exists() and not path.is_dir():
        raise InputError(f"--out {path}: is a file, expected a folder")


def require_new_recordings(paths: Sequence[Path], *, overwrite: bool) -> None:
    """Refuse recordings that could not be written, before the network runs."""
    from conjugacy.storage.formats import endings, format_of

    if len({path.resolve() for path in paths}) < len(paths):
        twice = next(path for path in paths if [p.resolve() for p in paths].count(path.resolve()) > 1)
        raise InputError(f"two recordings would be written to {twice}; give two names")
    for path in paths:
        if format_of(path) is None:
            raise InputError(f"{path} has the unknown extension {path.suffix!r}; expected {', '.join(endings())}")
        if path.exists() and not overwrite:
            raise InputError(f"{path} exists; choose another name, or add --overwrite")
        _require_parent(path, "output")


def _require_parent(path: Path, what: str) -> None:
    folder = path.parent
    if not folder.is_dir():
        raise InputError(f"{what} {path}: there is no folder {folder}; make it first")
    if not os.access(folder, os.W_OK):
        raise InputError(f"{what} {path}: the folder {folder} cannot be written to")
