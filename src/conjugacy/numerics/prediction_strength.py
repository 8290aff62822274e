"""How many clusters: as many as one half of the things predicts of the other."""

from __future__ import annotations

import numpy as np
from scipy.cluster.hierarchy import cut_tree, linkage
from scipy.spatial.distance import squareform

THRESHOLD = 0.8  # Tibshirani and Walther 2005, section 2.2: .8 to .9
MOST = 1000  # things drawn at most for one division
SMALLEST = 4  # things per cluster, below which halves hold too few pairs


def average_tree(distances: np.ndarray) -> np.ndarray:
    """Return the tree of average linkage over (n, n) distances, as of `scipy.cluster.hierarchy`; (0, 4) for one thing."""
    if len(distances) < 2:
        return np.zeros((0, 4))
    return linkage(squareform(distances, checks=False), "average")


def cut(tree: np.ndarray, k: int) -> np.ndarray:
    """Cut a tree over n things into k clusters, numbered in the order of their first members; exactly k, also with ties."""
    if not len(tree):
        return np.zeros(1, int)
    return cut_tree(tree, k).ravel()


def prediction_strengths(
    distances: np.ndarray, *, most: int = 40, divisions: int = 20, seed: int = 0
) -> dict[int, float]:
    """Ask for every number of clusters how well one half of the things predicts which of the other half stay together.

    ps(k) = min over clusters of the test half of the share of its pairs that the clusters of the other half, taken over by
    smallest average distance, leave together; mean over divisions and both roles (Tibshirani and Walther 2005, eq. 2.1). ps(1)
    is 1. A test cluster of one thing has no pair and counts 0, so that splitting off single things is never rewarded; classes
    of fewer than four things are therefore not found.

    Parameters
    ----------
    distances : array, (n, n)
    most : int
        Largest number of clusters that is tried; at most a quarter of the things.
    divisions : int
        Random divisions into halves.
    seed : int

    Examples
    --------
    >>> x = np.concatenate([np.random.default_rng(0).normal(size=20) + 50 * i for i in range(3)])
    >>> strengths = prediction_strengths(np.abs(x[:, None] - x))
    >>> number_of_clusters(strengths)
    3
    """
    n = len(distances)
    tries = range(2, min(most, min(n, MOST) // SMALLEST) + 1)
    rng = np.random.default_rng(seed)
    found = np.ones((2 * divisions, len(tries)))
    for i in range(divisions if tries else 0):
        drawn = rng.permutation(n)[:MOST]
        halves = drawn[: len(drawn) // 2], drawn[len(drawn) // 2 :]
        found[2 * i] = _predicted(distances, halves[0], halves[1], tries)
        found[2 * i + 1] = _predicted(distances, halves[1], halves[0], tries)
    return {1: 1.0, **{k: float(s) for k, s in zip(tries, found.mean(axis=0), strict=True)}}


def number_of_clusters(strengths: dict[int, float]) -> int:
    """Return the largest number of clusters whose prediction strength reaches the threshold."""
    return max(k for k, strength in strengths.items() if strength >= THRESHOLD)


def _predicted(distances: np.ndarray, train: np.ndarray, test: np.ndarray, tries: range) -> list[float]:
    """Return the prediction strength of one half for every number of clusters."""
    known, asked = (average_tree(distances[np.ix_(half, half)]) for half in (train, test))
    across = distances[np.ix_(test, train)]
    return [_strength(cut(asked, k), _nearest_cluster(across, cut(known, k))) for k in tries]


def _nearest_cluster(across: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return for every row the cluster of the columns with the smallest average distance."""
    members = np.eye(labels.max() + 1)[labels]
    return np.argmin((across @ members) / members.sum(axis=0), axis=1)


def _strength(clusters: np.ndarray, predicted: np.ndarray) -> float:
    """Return the smallest share of pairs of one cluster that are predicted together."""
    table = np.zeros((clusters.max() + 1, predicted.max() + 1))
    np.add.at(table, (clusters, predicted), 1)
    sizes = table.sum(axis=1)
    if (sizes < 2).any():
        return 0.0
    return float(((table * (table - 1)).sum(axis=1) / (sizes * (sizes - 1))).min())
