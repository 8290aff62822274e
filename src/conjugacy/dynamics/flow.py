"""How long a step has to be for the states to move."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

MOVES = 0.35  # a step is long enough when the states move by so much of their standard deviation


def common_lag(a: Sequence[np.ndarray], b: Sequence[np.ndarray]) -> int:
    """Return the smallest lag over which both systems' states move by a third of their standard deviation."""
    shortest = min(len(x) for x in a)
    for lag in range(1, max(2, shortest // 4)):
        if all(_moved(trials, lag) >= MOVES for trials in (a, b)):
            return lag
    return max(1, shortest // 4 - 1)


def _moved(trials: Sequence[np.ndarray], lag: int) -> float:
    steps = np.concatenate([x[lag:] - x[:-lag] for x in trials])
    return float(np.sqrt((steps**2).mean()) / np.concatenate(trials).std(axis=0).mean())
