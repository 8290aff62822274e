"""The best path through a layer x layer map: which layers of two networks go together, both in their order."""

from __future__ import annotations

import numpy as np

_STEPS = ((1, 1), (1, 0), (0, 1))


def best_path(similarity: np.ndarray) -> tuple[tuple[int, int], ...]:
    """Return the pairs (i, j) from the first to the last with the least sum of 1 - similarity, never going back.

    Dynamic time warping (Sakoe and Chiba, 1978); of equal ways the diagonal one. Values that are missing count as 0.

    Parameters
    ----------
    similarity : array, (p, q)
        At most 1; NaN where missing.

    Examples
    --------
    >>> best_path(np.eye(3))
    ((0, 0), (1, 1), (2, 2))
    """
    if not similarity.size:
        return ()
    cost = 1.0 - np.nan_to_num(similarity, nan=0.0)
    total = np.full((cost.shape[0] + 1, cost.shape[1] + 1), np.inf)
    total[0, 0] = 0.0
    for i in range(cost.shape[0]):
        for j in range(cost.shape[1]):
            total[i + 1, j + 1] = cost[i, j] + min(total[i, j], total[i, j + 1], total[i + 1, j])
    i, j = cost.shape
    path: list[tuple[int, int]] = []
    while i > 0:
        path.append((i - 1, j - 1))
        i, j = min(((i - di, j - dj) for di, dj in _STEPS), key=lambda at: total[at])
    return tuple(reversed(path))
