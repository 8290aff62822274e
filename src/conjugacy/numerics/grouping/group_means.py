"""Means of distances between and within two groups, with the things and not their pairs as what was drawn."""

from __future__ import annotations

import numpy as np
from scipy.special import stdtrit

TERMS = 4  # between, within first, within second, difference


def group_means(distances: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return mean distances between two groups, within each, and between less the mean of both within, for many weightings.

    Within a group sum_{i != j} w_i w_j d_ij / sum_{i != j} w_i w_j: copies of one thing are no pair.

    Parameters
    ----------
    distances : array, (n, n)
        Symmetric; NaN where there is none.
    first, second : array, (draws, n)
        How often each thing stands in either group.

    Returns
    -------
    array, (draws, 4)
        NaN where a mean has no pair.

    Examples
    --------
    >>> x = np.array([0.0, 1, 5, 6])
    >>> group_means(np.abs(x[:, None] - x), np.array([[1, 1, 0, 0]]), np.array([[0, 0, 1, 1]])).tolist()
    [[5.0, 1.0, 1.0, 4.0]]
    """
    there = np.isfinite(distances) & ~np.eye(len(distances), dtype=bool)
    known, weight = np.where(there, distances, 0.0), there.astype(float)
    found = np.empty((len(first), TERMS))
    for column, (left, right) in enumerate(((first, second), (first, first), (second, second))):
        sums, counts = (np.einsum("dn,dn->d", left @ table, right) for table in (known, weight))
        found[:, column] = np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0)
    found[:, 3] = found[:, 0] - (found[:, 1] + found[:, 2]) / 2
    return found


def bootstrap_interval(values: np.ndarray, draws: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return 95 % intervals of means from their resampled values: normal, with what few things need.

    half = t_{.975, size - 1} sqrt(size / (size - 1)) sd: things drawn with replacement spread by (size - 1) / size too little,
    and that spread is itself uncertain.

    Parameters
    ----------
    values : array, (k,)
    draws : array, (draws, k)
    sizes : int array, (k,)
        Things that settle each mean: those of the group, of the smaller one where there are two.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> low, high = bootstrap_interval(np.zeros(1), rng.normal(size=(1000, 1)), np.array([1000]))
    >>> np.round([low[0], high[0]], 1).tolist()
    [-1.9, 1.9]
    """
    spread = np.full(len(values), np.nan)
    for i, size in enumerate(sizes):
        known = draws[np.isfinite(draws[:, i]), i]
        if size > 1 and len(known) > len(draws) / 2:
            spread[i] = known.std() * np.sqrt(size / (size - 1)) * float(stdtrit(size - 1, 0.975))
    return values - spread, values + spread


def resampled(groups: tuple[np.ndarray, np.ndarray], draws: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Draw both groups with replacement; how often each thing was drawn, (draws, n) for either.

    Parameters
    ----------
    groups : two of bool array, (n,)
    """
    found: list[np.ndarray] = []
    for group in groups:
        weights = np.zeros((draws, len(group)))
        size = int(group.sum())
        weights[:, group] = rng.multinomial(size, np.full(size, 1 / size), size=draws)
        found.append(weights)
    return found


def divided(groups: tuple[np.ndarray, np.ndarray], draws: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Divide the things of both groups again into groups of the same sizes; (draws, n) of 0 and 1 for either."""
    either = groups[0] | groups[1]
    labels = np.tile(groups[0][either], (draws, 1)).astype(float)
    labels = rng.permuted(labels, axis=1)
    first, second = np.zeros((draws, len(either))), np.zeros((draws, len(either)))
    first[:, either], second[:, either] = labels, 1 - labels
    return [first, second]
