"""How much a file may ask for: what it declares is compared with the memory there is before anything is read."""

from __future__ import annotations

import math
import os
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from conjugacy.errors import FormatError
from conjugacy.results.digits import digits

MAX_RATIO = 100
"""Declared bytes per byte on disk; real activations, sparse ones too, compress by far less."""

RATIO_FROM = 256 * 2**20
"""Below this many declared bytes any ratio is harmless."""

LEEWAY = 32 * 2**20
"""Bytes that reading may take beyond what a file declares: what counts as harmless wherever a size is only known roughly."""

MOST_ARRAYS = 100_000
"""Arrays in one file; each takes a kilobyte of memory before anything is known of it."""

LONGEST_SHARE = 16
"""How much longer than the mean a text may be, as numpy gives every text the room of the longest."""

_may_be_used: ContextVar[float] = ContextVar("may_be_used", default=math.inf)


@contextmanager
def at_most(nbytes: float) -> Generator[None]:
    """Refuse, in here and in this thread, files that take more memory than so many bytes.

    Examples
    --------
    >>> with at_most(1000):
    ...     require_memory("a layer", 2000)
    Traceback (most recent call last):
    conjugacy.errors.FormatError: a layer needs 2 kB of memory, 1 kB may be used; load fewer layers, or record fewer stimuli
    """
    before = _may_be_used.set(min(nbytes, _may_be_used.get()))
    try:
        yield
    finally:
        _may_be_used.reset(before)


def require_memory(what: str, needed: float) -> None:
    """Refuse what would not fit into the memory that is free now, or into what may be used of it."""
    most = _may_be_used.get()
    free = available_memory()
    if needed > min(most, math.inf if free is None else free):
        there = f"{amount(most)} may be used" if needed > most else f"{amount(free or 0)} are free"
        raise FormatError(
            f"{what} needs {amount(needed)} of memory, {there}; load fewer layers, or record fewer stimuli"
        )


def require_count(count: int) -> None:
    """Refuse a file of more arrays than any network has layers."""
    if count > MOST_ARRAYS:
        raise FormatError(f"it holds {count} arrays; expected {MOST_ARRAYS} at most")


def require_chunks(what: str, declared: int, stored: int) -> None:
    """Refuse an array of far more chunks than are stored: each that is missing takes memory and time."""
    if declared > 10_000 and declared > 4 * stored:
        raise FormatError(
            f"{what} declares {declared} chunks and {stored} are there; it is damaged, or its chunks are far too small"
        )


def require_even(what: str, count: int, longest: int, total: int) -> None:
    """Refuse texts of which one is so long that room for all as long as this one cannot be meant."""
    room = 4 * longest * count
    if room > LEEWAY and longest * count > LONGEST_SHARE * max(total, 1):
        raise FormatError(
            f"one text in {what} has {longest} characters, and the mean of {count} is {digits(total / count)}: all would take "
            f"the room of the longest, {amount(room)}; shorten it"
        )
    require_memory(f"the text in {what}", room)


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
    ('1.2 MB', '4 GB')
    """
    size, units = float(count), ["bytes", "kB", "MB", "GB", "TB", "PB"]
    while size >= 1000 and len(units) > 1:
        size, units = size / 1000, units[1:]
    return f"{digits(size)} {units[0]}"
