"""Products x_i^T y_i of many pairs of networks, computed once where several measures need the same ones."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from conjugacy.numerics.device import Device, device_for

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
        return _multiplied(list(zip(x, y, strict=True)))
    keys = [(id(a), id(b)) for a, b in zip(x, y, strict=True)]
    new = {key: pair for key, pair in zip(keys, zip(x, y, strict=True), strict=True) if key not in kept}
    for (key, pair), product in zip(new.items(), _multiplied(list(new.values())), strict=True):
        kept[key] = (*pair, product)  # the arrays are held, so that no other takes their number
    return [kept[key][2] for key in keys]


def _multiplied(pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> list[np.ndarray]:
    """Return a^T b of all pairs, in one piece of memory where they are of one kind: many small ones are handed out slowly."""
    device = device_for(float(sum(a.size * b.shape[1] for a, b in pairs)))
    if device is not None:
        return _multiplied_on(device, pairs)
    kinds = {(a.shape[1], b.shape[1], a.dtype, b.dtype) for a, b in pairs}
    if len(kinds) != 1:
        return [a.T @ b for a, b in pairs]
    ((n, p, *dtypes),) = kinds
    found = np.empty((len(pairs), n, p), np.result_type(*dtypes))
    return [np.matmul(a.T, b, out=one) for (a, b), one in zip(pairs, found, strict=True)]


def _multiplied_on(device: Device, pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> list[np.ndarray]:
    """Return the same from a device, to which every array is sent once: one network stands in many pairs."""
    arrays = list({id(x): x for pair in pairs for x in pair}.values())
    place = {id(x): i for i, x in enumerate(arrays)}

    def multiplied(*there: Any) -> tuple[Any, ...]:
        return tuple(there[place[id(a)]].mT @ there[place[id(b)]] for a, b in pairs)

    return list(device.call(multiplied, *arrays))


@contextmanager
def products_kept() -> Generator[None]:
    """Keep all products until the end of the block: for the measures on one batch of pairs."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)
