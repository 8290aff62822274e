"""Whether neighbours stay neighbours: a statistic that fits no map."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.special import bdtrc

NEIGHBOURS = (8, 13)
LEVEL, CHANCE = 0.05, 0.5


@cache
def _enough() -> tuple[int, ...]:
    """Return for every number of neighbours how many must land close for it not to be chance, at least one."""
    first, last = NEIGHBOURS
    # the tail of the binomial distribution; scipy.stats, which has it by name, takes a quarter of a second to load
    return tuple(next(x for x in range(k + 1) if bdtrc(x, k, CHANCE) <= LEVEL) + 1 for k in range(first, last + 1))


def continuity_radii(y: np.ndarray, rows: np.ndarray, neighbours: np.ndarray) -> np.ndarray:
    """Return the smallest radius in y that catches the neighbours of a row beyond chance, for every chosen row.

    epsilon*_i = min over k of the distance from y_i to the l(k)-th nearest of the images of its k nearest neighbours, with
    l(k) the smallest number that a fair coin reaches in k throws with a probability below 5 %. This is the continuity
    statistic of Pecora, Moniz, Nichols and Carroll (Chaos 17, 013110, 2007), read in the source of DelayEmbeddings.jl,
    for images of any dimension in Euclidean distance.

    Parameters
    ----------
    y : array, (m, r)
        Images.
    rows : int array, (q,)
    neighbours : int array, (q, 13)
        The nearest rows of every chosen row in the source, nearest first.

    Returns
    -------
    array, (q,)
    """
    differences = y[neighbours] - y[rows][:, None, :]
    distances = np.sqrt(np.einsum("qkr,qkr->qk", differences, differences))
    first, last = NEIGHBOURS
    radii = [
        np.partition(distances[:, :k], needed - 1, axis=1)[:, needed - 1]
        for k, needed in zip(range(first, last + 1), _enough(), strict=True)
    ]
    return np.min(radii, axis=0)
