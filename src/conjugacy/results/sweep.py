"""How well linear models of one network's trajectories forecast, over delays and ranks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Sweep:
    """Held-out errors of linear models over delays and ranks.

    Attributes
    ----------
    delays, ranks : tuple of int
    errors : array, (delays, ranks)
        What one step ahead leaves unexplained of the newest state's variance on held-out trials, the same rows for every model;
        NaN where the data hold no so many coordinates.
    threshold_ranks : tuple of int
        For every number of delays, the rank by the optimal hard threshold.
    chosen : (int, int)
        Delays and rank: the fewest coordinates, then the fewest delays, within `parsimony` of the least error.
    parsimony : float
    """

    delays: tuple[int, ...]
    ranks: tuple[int, ...]
    errors: np.ndarray
    threshold_ranks: tuple[int, ...]
    chosen: tuple[int, int]
    parsimony: float
