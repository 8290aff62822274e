"""Where a page or a figure is written: checked first, then written as a whole or not at all."""

from __future__ import annotations

from pathlib import Path

from conjugacy.asked import place
from conjugacy.errors import InputError
from conjugacy.storage.atomic import replacing


def check_place(path: str | Path) -> Path:
    """Return the path of a page to be written.

    Raises
    ------
    InputError
        Where the folder is missing, or `path` is a folder.
    """
    path = place("report", path)
    if not path.parent.is_dir():
        raise InputError(f"report: got {str(path)!r}, but there is no folder {str(path.parent)!r}; create it first")
    if path.is_dir():
        raise InputError(f"report: got {str(path)!r}, which is a folder; give a file, as {str(path / 'report.html')!r}")
    return path


def write_text(path: Path, text: str) -> Path:
    """Write a page as a whole or not at all.

    Raises
    ------
    InputError
        Where it cannot be written.
    """
    try:
        with replacing(path) as temporary:
            temporary.write_bytes(text.encode("utf-8", "replace"))  # names of files may hold what UTF-8 cannot
    except OSError as error:
        raise InputError(
            f"report: cannot write {str(path)!r}: {error.strerror or error}; choose another place"
        ) from error
    return path
