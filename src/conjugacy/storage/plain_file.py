"""What is neither a file nor a folder is not opened: who reads a pipe waits for ever, and a device has no end."""

from __future__ import annotations

from pathlib import Path

from conjugacy.errors import FormatError


def require_plain(path: Path, *, folders: bool = False) -> None:
    """Refuse pipes, sockets and devices, and folders unless they are asked for; what is not there is told by who opens it.

    Raises
    ------
    FormatError

    Examples
    --------
    >>> require_plain(Path("/dev/null"))
    Traceback (most recent call last):
    conjugacy.errors.FormatError: '/dev/null' is not a regular file (a pipe or a device); copy what it gives into one
    """
    try:
        odd = path.exists() and not (path.is_file() or path.is_dir())
        folder = path.is_dir()
    except (OSError, ValueError):
        return
    if odd:
        raise FormatError(f"{str(path)!r} is not a regular file (a pipe or a device); copy what it gives into one")
    if folder and not folders:
        raise FormatError(f"{str(path)!r} is a folder; expected a file")
