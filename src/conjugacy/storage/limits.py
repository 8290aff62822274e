"""How much a file may ask for: what it declares is held against the memory there is before anything is read."""

from __future__ import annotations

import os
from pathlib import Path

from conjugacy.errors import FormatError

MAX_RATIO = 100
"""Declared bytes per byte on disk; real activations, sparse ones too, compress by far less."""

RATIO_FROM = 256 * 2**20
"""Below this many declared bytes any ratio is harmless."""


def require_memory(what: str, needed: int) -> None:
    """Refuse what would not fit into the memory that is free now."""
    free = available_memory()
    if free is not None and needed > free:
        raise FormatError(
            f"{what} needs {amount(needed)} of memory, {amount(free)} are free; load fewer layers, or record fewer stimuli"
        )


def require_honest(declared: int, on_disk: int) -> None:
    """Refuse a file that declares far more than its bytes can reasonably hold."""
    if declared > RATIO_FROM and declared > MAX_RATIO * max(on_disk, 1):
        raise FormatError(
            f"it declares {amount(declared)} in {amount(on_disk)} on disk, more than {MAX_RATIO} to 1; "
            "this looks like a decompression bomb; if it is none, save it again without compression"
        )


def available_memory() -> int | None:
    """Return the bytes of memory that are free for this process, or None where the system does not say."""
    limits = [x for x in (_proc_available(), _container_limit()) if x is not None]
    if limits:
        return min(limits)
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def _proc_available() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError, IndexError, StopIteration):
        return None


def _container_limit() -> int | None:
    try:
        return int(Path("/sys/fs/cgroup/memory.max").read_text())
    except (OSError, ValueError):
        return None


def amount(count: float) -> str:
    """Return a number of bytes in words.

    Examples
    --------
    >>> amount(1234567), amount(4e9)
    ('1.23 MB', '4 GB')
    """
    size, units = float(count), ["bytes", "kB", "MB", "GB", "TB", "PB"]
    while size >= 1000 and len(units) > 1:
        size, units = size / 1000, units[1:]
    return f"{size:.3g} {units[0]}"
