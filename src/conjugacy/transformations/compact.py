"""Two layers in few coordinates, where maps are fitted to all pairs of units: with many units everything is cheaper there."""

from __future__ import annotations

import numpy as np

from conjugacy.numerics.spectral import LARGE, Square, leading_components, principal_components, square_of

WIDE = 512  # units, above which
LEFT_OUT = 1e-5  # of the units' variance may be left out
LEADING, LEFT_OUT_LARGE = (
    768,
    1e-4,
)  # of more than 1024 rows and units so many coordinates, where these leave out no more

Compact = tuple[np.ndarray, "np.ndarray | None"]
"""Rows (m, r), and an orthonormal basis (p, r) of their coordinates; None where these are the units."""


def compact_pair(x: np.ndarray, y: np.ndarray) -> tuple[Compact, Compact]:
    """Return centred rows (m, p) and (m, q) in few coordinates: at most m, and of many units those that matter.

    Of more than 512 units the last principal coordinates are left out, as far as a hundred-thousandth of the units' variance
    goes, every unit of either layer counted alike: both keep as many, so that what is loud in one leaves its coordinates to what
    is quiet in the other. Of more than 1024 rows and units it is the leading 768 at the most, where these leave out at most a
    ten-thousandth.
    """
    few = _leading(x, y) if min(*x.shape, *y.shape) > LARGE else None
    if few is not None:
        return few
    squares = [square_of(rows) if rows.shape[1] > min(len(rows), WIDE) else None for rows in (x, y)]
    count = max(_needed(rows, square) for rows, square in zip((x, y), squares, strict=True))
    a, b = (_cut(rows, square, count) for rows, square in zip((x, y), squares, strict=True))
    return a, b


def _leading(x: np.ndarray, y: np.ndarray) -> tuple[Compact, Compact] | None:
    """Return both in their leading coordinates, where these are enough."""
    found, counts = list[tuple[np.ndarray, np.ndarray]](), list[int]()
    for rows in (x, y):
        points, basis = leading_components(rows, LEADING)
        held = ((points**2).sum(axis=0) * basis**2 / (rows**2).sum(axis=0)[:, None]).mean(axis=0)
        enough = np.cumsum(held) >= 1.0 - LEFT_OUT_LARGE
        if not enough.any():
            return None
        found.append((points, basis))
        counts.append(int(enough.argmax()) + 1)
    a, b = ((points[:, : max(counts)], basis[:, : max(counts)]) for points, basis in found)
    return a, b


def _needed(rows: np.ndarray, square: Square | None) -> int:
    m, p = rows.shape
    if square is None or p <= WIDE:
        return min(m, p)
    w, v = np.maximum(square[0][::-1], 0.0), square[1][:, ::-1]
    if p > m:
        w, v = w[w > 0], v[:, w > 0]
        v = rows.T @ (v / np.sqrt(w))
    shares = w * (v**2 / (rows**2).sum(axis=0)[:, None]).mean(axis=0)
    return max(1, len(w) - int((np.cumsum(shares[::-1]) <= LEFT_OUT).sum()))


def _cut(rows: np.ndarray, square: Square | None, count: int) -> Compact:
    if square is None or count >= rows.shape[1]:
        return rows, None
    return principal_components(rows, keep=1.0, most=count, square=square)
