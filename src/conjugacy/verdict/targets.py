"""Whether targets say which class is right, in the forms in which people have them."""

from __future__ import annotations

import numpy as np

UNKNOWN = int(np.iinfo(np.int64).min)
"""The class of a row that its target does not tell."""


def class_targets(targets: np.ndarray | None, rows: int, columns: int) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Return the class of every row, or None, and a warning where targets are there and are something else.

    Whole numbers of any type count, one for each row, and a column per class with a single 1. Rows of a class that the outputs
    have no column for (-1, 255: "ignore") are `UNKNOWN`, as long as most rows are told.

    Parameters
    ----------
    targets : array or None
        As they were recorded.
    rows, columns : int
        Of the outputs; no columns where they are labels.

    Examples
    --------
    >>> class_targets(np.array([[1.0, 0.0], [0.0, 1.0]]), 2, 2)[0]
    array([0, 1])
    >>> found, said = class_targets(np.array([0, 1, 1, -1]), 4, 2)
    >>> int((found == UNKNOWN).sum()), said
    (1, ('1 row without a target is left out of every comparison with targets (class -1)',))
    """
    if targets is None:
        return None, ()
    if columns > 1 and targets.shape == (rows, columns) and _one_hot(targets):
        return targets.argmax(axis=1), ()
    flat = targets.ravel()
    if len(flat) != rows:
        return None, (
            f"the targets are left out: they have shape {targets.shape}, expected one class for each of {rows} rows",
        )
    if flat.dtype.kind not in "iufb" or not np.all(np.isfinite(flat)) or not np.array_equal(flat, np.round(flat)):
        return None, ("the targets are left out: they are no whole numbers, expected one class for each row",)
    classes = flat.astype(np.int64)
    if not columns:
        return classes, ()
    outside = (classes < 0) | (classes >= columns)
    if not outside.any():
        return classes, ()
    named = ", ".join(str(c) for c in np.unique(classes[outside])[:3])
    if classes.min() == 1 and classes.max() == columns:
        return classes - 1, (f"the targets run from 1 to {columns}: they are taken for columns 0 to {columns - 1}",)
    if 2 * outside.sum() > rows:
        return None, (
            f"the targets are left out: they name class {named}, and the outputs have columns for 0 to {columns - 1}",
        )
    count = int(outside.sum())
    left = f"{count} rows without a target are" if count > 1 else "1 row without a target is"
    return np.where(outside, UNKNOWN, classes), (f"{left} left out of every comparison with targets (class {named})",)


def _one_hot(targets: np.ndarray) -> bool:
    return bool(np.isin(targets, (0, 1)).all()) and bool((targets.sum(axis=1) == 1).all())
