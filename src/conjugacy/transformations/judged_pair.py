"""Two layers with matched rows become a ladder: independent rows, a series, near repeats."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from conjugacy.transformations.chance import Chance, chance_of_means
from conjugacy.transformations.direction import judge_both_ways
from conjugacy.transformations.ladder import Ladder
from conjugacy.transformations.layer import Layer
from conjugacy.transformations.rungs import RUNGS


def judge(
    a: Layer,
    b: Layer,
    clusters: np.ndarray,
    *,
    tolerance: float,
    seed: int = 0,
    up_to: str = RUNGS[-1],
    first_alone: bool = False,
) -> Ladder:
    """Return the ladder between two networks with matched rows; each rung is fitted and judged when it is asked for.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=(100, 4))
    >>> ladder = judge(Layer(x), Layer(2 * x[:, ::-1] + 1), np.arange(100), tolerance=0.05)
    >>> ladder.rung, ladder.exact_rung
    ('permutation', 'permutation')
    """
    a_to_b, b_to_a = judge_both_ways(a, b, clusters, seed=seed, first_alone=first_alone)
    chance = Chance(a, b, clusters, seed)
    return Ladder(a, b, a_to_b, b_to_a, clusters, tolerance, seed, chance, up_to, first_alone=first_alone)


def judge_series(apart: Ladder, row_by_row: Ladder, places: np.ndarray) -> Ladder:
    """Return the ladder of a series, from its blocks held out and from its rows held out one by one.

    Parameters
    ----------
    apart : Ladder
        Its clusters are blocks of rows that depend on each other.
    row_by_row : Ladder
        The same without them.
    places : int array, (m,)
        Where every row stands.
    """
    chance = chance_of_means(apart.a, apart.b, apart.clusters, apart.seed)
    return replace(apart, places=places, near=replace(row_by_row, places=places), chance=chance)


def judge_repeats(apart: Ladder) -> Ladder:
    """Return the same with chance tested on means of clusters: one that holds two states by mistake does so in both networks."""
    return replace(apart, chance=chance_of_means(apart.a, apart.b, apart.clusters, apart.seed))
