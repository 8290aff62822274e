"""Memory for large arrays that do not last: given back to the system, not kept in pieces by this process."""

from __future__ import annotations

import mmap
import sys

import numpy as np

LARGE = 4_000_000  # bytes; what is smaller is left to the allocator


def scratch(shape: tuple[int, ...], dtype: np.dtype | type = np.float64) -> np.ndarray:
    """Return an array of any values.

    An allocator keeps what was freed for the next array and cuts it up, so that each network's kernel would take new memory.

    Examples
    --------
    >>> scratch((3, 2)).shape, scratch((1000, 1000)).flags.c_contiguous
    ((3, 2), True)
    """
    size = np.dtype(dtype).itemsize * int(np.prod(shape))
    if size < LARGE:
        return np.empty(shape, dtype)
    # private where a process may be copied: what one copy writes is none of the other's
    held = (
        mmap.mmap(-1, size) if sys.platform == "win32" else mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    )
    return np.frombuffer(held, dtype).reshape(shape)
