"""The division of the rows that all rungs share, and how few rows it takes."""

from __future__ import annotations

import numpy as np

from conjugacy.errors import InputError
from conjugacy.numerics.resample import remembered_folds

FOLDS = 10
MIN_ROWS, MIN_CLUSTERS = 10, 10


def depend(clusters: np.ndarray) -> bool:
    """Return whether some rows depend on each other, of cluster numbers without gaps."""
    return int(clusters.max()) + 1 < len(clusters)  # unique ones take longer to find than a fit


def make_folds(clusters: np.ndarray, seed: int) -> np.ndarray:
    """Return the folds that all rungs share.

    Raises
    ------
    InputError
        Where there are fewer than 10 rows, or all rows depend on each other.
    """
    if len(clusters) < MIN_ROWS:
        raise InputError(f"got {len(clusters)} matched rows, expected at least {MIN_ROWS}: record more stimuli")
    if int(clusters.max()) == 0:
        raise InputError("all rows belong to one group: nothing can be held out; record more groups (stimuli, trials)")
    return remembered_folds(clusters, FOLDS, seed)
