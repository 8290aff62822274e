"""Shares of a number of trials, with the interval that belongs to them."""

from __future__ import annotations

import numpy as np


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927)."""
    z, p = 1.96, hits / trials
    centre, half = p + z * z / (2 * trials), z * np.sqrt(p * (1 - p) / trials + z * z / (4 * trials**2))
    return max(0.0, (centre - half) / (1 + z * z / trials)), min(1.0, (centre + half) / (1 + z * z / trials))


def share(hits: int, trials: int) -> str:
    """Return a share in words: ``3 of 200, 1.5 % [0.5, 4.3]``."""
    if not trials:
        return "0 of 0"
    low, high = wilson(hits, trials)
    return f"{hits} of {trials}, {100 * hits / trials:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"
