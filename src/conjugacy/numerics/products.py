"""Products x_i^T y_i of many pairs of networks, worked out once where several measures need the same ones."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

_Kept = dict[tuple[int, int], tuple[np.ndarray, np.ndarray, np.ndarray]]
_kept: ContextVar[_Kept | None] = ContextVar("kept products", default=None)


def products(x: Sequence[np.ndarray], y: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return x[i]^T y[i] for all i; each pair is multiplied by itself, so that its bits do not depend on the others.

    Examples
    --------
    >>> x = np.eye(3)
    >>> with products_kept():
    ...     products([x], [x])[0] is products([x], [x])[0]
    True
    """
    kept = _kept.get()
    if kept is None:
        return [a.T @ b for a, b in zip(x, y, strict=True)]
    found: list[np.ndarray] = []
    for a, b in zip(x, y, strict=True):
        key = id(a), id(b)
        if key not in kept:
            kept[key] = (a, b, a.T @ b)  # the arrays are held, so that no other takes their number
        found.append(kept[key][2])
    return found


@contextmanager
def products_kept() -> Generator[None]:
    """Keep all products until the end of the block: for the measures on one batch of pairs."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)
