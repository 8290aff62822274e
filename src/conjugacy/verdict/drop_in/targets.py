"""Whether targets say of every row which class is right."""

from __future__ import annotations

import numpy as np


def class_targets(targets: np.ndarray | None, rows: int, columns: int) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Return the class of every row, or None, and a warning where targets are there and are something else.

    Parameters
    ----------
    targets : array or None
        As they were recorded.
    rows, columns : int
        Of the outputs; no columns where they are labels.

    Examples
    --------
    >>> class_targets(np.array([0.0, 1.0]), 2, 2)[0]
    array([0, 1])
    >>> class_targets(np.array([0, 7]), 2, 2)[1]
    ('the targets are left out: they name class 7, and the outputs have columns for 0 to 1',)
    """
    if targets is None:
        return None, ()
    flat = targets.ravel()
    if len(flat) != rows:
        return None, (
            f"the targets are left out: they have shape {targets.shape}, expected one class for each of {rows} rows",
        )
    if flat.dtype.kind not in "iufb" or not np.all(np.isfinite(flat)) or not np.array_equal(flat, np.round(flat)):
        return None, ("the targets are left out: they are no whole numbers, expected one class for each row",)
    classes = flat.astype(np.int64)
    if columns and (classes.min() < 0 or classes.max() >= columns):
        other = classes.max() if classes.max() >= columns else classes.min()
        return None, (
            f"the targets are left out: they name class {other}, and the outputs have columns for 0 to {columns - 1}",
        )
    return classes, ()


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
