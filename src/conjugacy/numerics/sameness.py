"""Whether two arrays hold the same numbers, or the same up to rounding: one pass, and nothing is fitted."""

from __future__ import annotations

import numpy as np

from conjugacy.numerics.columns import spacing, varies

ROUNDINGS = 8.0  # spacings of the coarser type, beside the largest number of a column
ROUNDED = 0.1  # of the tolerance: what rounding may leave
_FEW = 8  # rows that tell at once
SEEN = 1e-4  # of a column's variance: what rounds away more is no rounding


def same_numbers(a: np.ndarray, b: np.ndarray) -> float | None:
    """Return 0 where two arrays are equal, the relative spacing at which they are equal up to rounding, else None.

    Up to rounding: no two numbers are further apart than 8 spacings of the coarser of both types (`spacing`) beside the largest
    number of their column, and what is apart makes up at most a ten-thousandth of the variance of every column. Numbers that
    are not finite have to be the same.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(5, 3))
    >>> same_numbers(x, x.copy()), same_numbers(x, x.astype(np.float32).astype(float)) == 2.0**-23
    (0.0, True)
    >>> same_numbers(x, x + 1e-3) is None
    True
    """
    if a.shape != b.shape:
        return None
    if np.array_equal(a, b):
        return 0.0
    if _differ_early(a, b):
        return None
    finite = np.isfinite(a)
    if not finite.all():
        if not np.array_equal(a[~finite], b[~finite]):
            return None
        a, b = np.where(finite, a, 0.0), np.where(finite, b, 0.0)
    apart = np.abs(a - b)
    most = ROUNDINGS * np.maximum(np.abs(a), np.abs(b)).max(axis=0)
    if not np.isfinite(apart).all() or (apart > 2.0**-7 * most).any():
        return None  # not even rounding of the coarsest type
    coarser = max(spacing(a), spacing(b))
    if (apart > coarser * most).any():
        return None
    spreads = [x.std(axis=0) for x in (a, b)]
    live = varies(a, spreads[0]) | varies(b, spreads[1])
    lost = (apart**2).mean(axis=0) > SEEN * np.minimum(*spreads) ** 2
    return None if (lost & live).any() else coarser


def _differ_early(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether a few rows tell at once that this is no rounding, whatever the column."""
    if not a.size:
        return False
    largest = max(float(a.max()), -float(a.min()), float(b.max()), -float(b.min()))
    return bool(np.isfinite(largest)) and bool((np.abs(a[:_FEW] - b[:_FEW]) > 2.0**-7 * ROUNDINGS * largest).any())


def same_within(a: np.ndarray, b: np.ndarray, tolerance: float) -> float | None:
    """Return the same, and None where rounding may make up a tenth of a tolerance."""
    spaced = same_numbers(a, b)
    return None if spaced and tolerance < SEEN / ROUNDED else spaced


def precision(spaced: float) -> str:
    """Name the type of numbers of a relative spacing.

    Examples
    --------
    >>> precision(2.0**-23)
    'single precision'
    """
    names = {2.0**-7: "bfloat16", 2.0**-10: "half precision", 2.0**-23: "single precision"}
    return names.get(spaced, "double precision")
