"""Whether targets say of every row and column yes or no."""

from __future__ import annotations

import numpy as np


def column_targets(targets: np.ndarray | None, shape: tuple[int, ...]) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Return yes or no for every row and column, or None, and a warning where targets are there and are something else.

    Examples
    --------
    >>> column_targets(np.array([0, 1, 1]), (3, 1))[0].ravel()
    array([False,  True,  True])
    """
    if targets is None:
        return None, ()
    if targets.size != shape[0] * shape[1] or len(targets) != shape[0]:
        return None, (f"the targets are left out: they have shape {targets.shape}, expected {shape} of 0 and 1",)
    if targets.dtype.kind not in "iufb" or not np.all((targets == 0) | (targets == 1)):
        return None, ("the targets are left out: some are neither 0 nor 1",)
    return targets.reshape(shape).astype(bool), ()
