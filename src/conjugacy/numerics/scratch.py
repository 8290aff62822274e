"""Memory for large arrays that do not last: given back to the system, not kept in pieces by this process."""

from __future__ import annotations

import mmap

import numpy as np

LARGE = 4_000_000  # bytes; what is smaller is left to the allocator


def scratch(shape: tuple[int, ...]) -> np.ndarray:
    """Return an array of float64 of any values.

    An allocator keeps what was freed for the next array and cuts it up, so that each network's kernel would take new memory.

    Examples
    --------
    >>> scratch((3, 2)).shape, scratch((1000, 1000)).flags.c_contiguous
    ((3, 2), True)
    """
    size = 8 * int(np.prod(shape))
    if size < LARGE:
        return np.empty(shape)
    return np.frombuffer(mmap.mmap(-1, size)).reshape(shape)
