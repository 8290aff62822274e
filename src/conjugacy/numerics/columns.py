"""Columns centred without losing small data to large offsets, and which of them vary at all.

A column is compared with itself: against the rounding of the numbers it is given in, and of its own mean. How loud the other
columns are does not count, since units of a network have no unit in common. Only single precision also leaves rounding of
what a column was computed from, sums of numbers as large as those around it: under its precision beside the median column
nothing can be told from that.
"""

from __future__ import annotations

import numpy as np

from conjugacy.numerics.scratch import scratch

ROUNDING = 1e-14  # of double precision, after some arithmetic
SINGLE = float(np.finfo(np.float32).eps)
ARITHMETIC = 8.0  # roundings of single precision that a sum may gather
LARGEST = 1e150  # beyond it squares, and sums of them, are no numbers
_SAMPLE = 8  # rows that tell at once that numbers are doubles


def spacing(values: np.ndarray) -> float:
    """Return the relative spacing of the coarsest floating-point numbers that hold all values; integers are exact.

    Half precision and bfloat16 are told by the values themselves, since both are often kept in something wider.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(20, 3))
    >>> [spacing(y) * 2.0**k for y, k in ((x, 52), (x.astype(np.float32), 23), (x.astype(np.float16), 10))]
    [1.0, 1.0, 1.0]
    """
    for part in (values[:_SAMPLE], values):
        with np.errstate(over="ignore"):
            narrow = part.astype(np.float32)
        if not np.array_equal(narrow, part):
            return float(np.finfo(np.float64).eps)
    if not (np.rint(narrow) != narrow).any():
        return 0.0
    if not (np.ascontiguousarray(narrow).view(np.uint32) & 0xFFFF).any():
        return 2.0**-7
    with np.errstate(over="ignore"):
        half = narrow.astype(np.float16)
    return 2.0**-10 if np.array_equal(half, narrow) else SINGLE


def varies(values: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Return which columns vary beyond rounding, given their standard deviations, (n,) bool.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(50, 3)) * [1e12, 1.0, 0.0] + [0.0, 0.0, 0.1]
    >>> varies(x, x.std(axis=0))
    array([ True,  True, False])
    """
    apart = spacing(values)
    # what is stored more coarsely than it was computed only steps from a number to the next
    gathered = ARITHMETIC * SINGLE if apart == SINGLE else apart / 2 if apart > SINGLE else ROUNDING
    live = spread > gathered * np.abs(values, out=scratch(values.shape, values.dtype)).mean(axis=0)
    if apart < SINGLE or not live.any():
        return live
    return live & (spread > SINGLE * np.median(spread[live]))


def any_varies(values: np.ndarray) -> bool:
    """Return whether any column varies beyond rounding.

    Examples
    --------
    >>> x = np.full((20, 2), 0.1, dtype=np.float32)
    >>> rounding = np.where(np.eye(20, 2) > 0, np.spacing(x), np.float32(0))
    >>> any_varies(x), any_varies(x + rounding), any_varies(x + np.eye(20, 2))
    (False, False, True)
    """
    largest = float(np.abs(values).max(initial=0.0))
    if LARGEST < largest < np.inf:
        values = values / largest
    with np.errstate(over="ignore", invalid="ignore"):
        spread = (values - values.mean(axis=0)).std(axis=0)
        apart = np.ptp(values, axis=0).any()
    return bool(apart) and bool(varies(values, np.nan_to_num(spread, nan=np.inf, posinf=np.inf)).any())


def centred_live(values: np.ndarray) -> np.ndarray:
    """Return the columns that vary, centred twice (the second time removes the first mean's rounding), (m, p)."""
    mean = values.mean(axis=0)
    centred = np.subtract(values, mean, out=scratch(values.shape, mean.dtype))
    centred -= centred.mean(axis=0)
    live = varies(values, spreads(centred))
    return centred if live.all() else centred[:, live]


def standardised_live(values: np.ndarray) -> np.ndarray:
    """Return the columns that vary, centred and scaled to unit variance, (m, p)."""
    centred = centred_live(values)
    centred /= spreads(centred)
    return centred


def spreads(centred: np.ndarray) -> np.ndarray:
    """Return the standard deviations of centred columns, (n,), without an array of their squares.

    Examples
    --------
    >>> spreads(np.array([[-1.0, 2.0], [1.0, -2.0]])).tolist()
    [1.0, 2.0]
    """
    return np.sqrt(np.einsum("ij,ij->j", centred, centred, dtype=np.float64) / len(centred))


def unit_norm(centred: np.ndarray) -> np.ndarray:
    """Return the columns scaled together to Frobenius norm 1."""
    return centred / np.linalg.norm(centred)


def compact(centred: np.ndarray) -> np.ndarray:
    """Return at most m columns with the same m x m products: principal coordinates where there are more units than rows."""
    m, n = centred.shape
    if n <= m:
        return centred
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    return u * s
