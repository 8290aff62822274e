"""Few states that stand for many, evenly spread."""

from __future__ import annotations

import numpy as np

from conjugacy.numerics.neighbours.of_states import nearest_states

ROUNDS = 3
PER_LANDMARK = 20  # states per landmark that are looked at


def spread_landmarks(x: np.ndarray, count: int, seed: int = 0) -> np.ndarray:
    """Return rows of landmarks, rising, at most `count`: states nearest to centres after a few rounds of k-means.

    Drawn at random they would leave gaps, and modes would be some three times less exact.
    """
    rng = np.random.default_rng(seed)
    some = np.sort(rng.permutation(len(x))[: PER_LANDMARK * count])
    looked = x[some]
    centres = looked[rng.permutation(len(some))[:count]]
    for _ in range(ROUNDS):
        owner = nearest_states(looked, 1, centres)[1][:, 0]
        sizes = np.bincount(owner, minlength=len(centres))
        order = np.argsort(owner, kind="stable")
        filled = sizes > 0
        first = (np.cumsum(sizes) - sizes)[filled]
        centres = np.add.reduceat(looked[order], first, axis=0) / sizes[filled][:, None]
    return some[np.unique(nearest_states(centres, 1, looked)[1])]
