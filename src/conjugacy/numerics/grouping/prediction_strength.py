"""How many clusters: as many as one half of the things predicts of the other."""

from __future__ import annotations

import numpy as np
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

THRESHOLD = 0.8  # Tibshirani and Walther 2005, section 2.2: .8 to .9
MOST = 600  # things that are divided at most
SMALLEST = 4  # things per cluster, below which halves hold too few pairs


def average_tree(distances: np.ndarray) -> np.ndarray:
    """Return the tree of average linkage over (n, n) distances, as of `scipy.cluster.hierarchy`; (0, 4) for one thing."""
    if len(distances) < 2:
        return np.zeros((0, 4))
    return linkage(squareform(distances, checks=False), "average")


def cut(tree: np.ndarray, k: int) -> np.ndarray:
    """Cut a tree over n things into exactly k clusters, 0 to k - 1, also where several merges are at one height.

    Each node's leaves stand side by side in the order of the leaves, so that the k - 1 topmost nodes are all that is read.
    """
    n = len(tree) + 1
    leaves = leaves_list(tree) if n > 1 else np.zeros(1, int)
    starts = {2 * n - 2: 0}
    for node in range(2 * n - 2, 2 * n - 1 - k, -1):
        start = starts.pop(node)
        left, right = (int(child) for child in tree[node - n, :2])
        starts[left], starts[right] = start, start + (1 if left < n else int(tree[left - n, 3]))
    labels = np.empty(n, int)
    bounds = sorted(starts.values())
    for label, (start, stop) in enumerate(zip(bounds, [*bounds[1:], n], strict=True)):
        labels[leaves[start:stop]] = label
    return labels


def prediction_strengths(
    distances: np.ndarray, *, most: int = 40, divisions: int = 10, seed: int = 0
) -> dict[int, float]:
    """Ask for every number of clusters how well one half of the things predicts which of the other half stay together.

    ps(k) = min over clusters of the test half of the share of its pairs that the clusters of the other half, taken over by
    smallest average distance, leave together; mean over divisions and both roles (Tibshirani and Walther 2005, eq. 2.1). ps(1)
    is 1. Other than there, halves are drawn within each of the k clusters of all things: a plain half misses a class of five in
    one division out of five, and one missed class is enough for a strength near 0. Where one of the k clusters has fewer than
    four things the strength is 0, so that splitting off single things is never rewarded and smaller classes are not found.

    Parameters
    ----------
    distances : array, (n, n)
    most : int
        Largest number of clusters that is tried; at most a quarter of the things.
    divisions : int
        Random divisions into halves; of more than 600 things so many are drawn for each.
    seed : int

    Examples
    --------
    >>> x = np.concatenate([np.random.default_rng(0).normal(size=20) + 50 * i for i in range(3)])
    >>> strengths = prediction_strengths(np.abs(x[:, None] - x))
    >>> number_of_clusters(strengths)
    3
    """
    tree = average_tree(distances)
    rng = np.random.default_rng(seed)
    found = {1: 1.0}
    for k in range(2, min(most, len(distances) // SMALLEST) + 1):
        found[k] = 0.0
        labels = cut(tree, k)
        if np.bincount(labels).min() >= SMALLEST:
            halves = (_halves(labels, rng) for _ in range(divisions))
            roles = [_predicted(distances, *pair, k) for one, other in halves for pair in ((one, other), (other, one))]
            found[k] = float(np.mean(roles))
    return found


def _halves(labels: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Divide every cluster by chance; of many things some are drawn, of each cluster at least the smallest size."""
    share = min(1.0, MOST / len(labels))
    sides: tuple[list[np.ndarray], list[np.ndarray]] = [], []
    for label in range(int(labels.max()) + 1):
        members = rng.permutation(np.flatnonzero(labels == label))
        drawn = members[: max(SMALLEST, round(share * len(members)))]
        middle = (len(drawn) + int(rng.integers(2))) // 2  # the odd one goes to either side
        sides[0].append(drawn[:middle])
        sides[1].append(drawn[middle:])
    return np.concatenate(sides[0]), np.concatenate(sides[1])


def number_of_clusters(strengths: dict[int, float]) -> int:
    """Return the largest number of clusters whose prediction strength reaches the threshold."""
    return max(k for k, strength in strengths.items() if strength >= THRESHOLD)


def _predicted(distances: np.ndarray, train: np.ndarray, test: np.ndarray, k: int) -> float:
    """Return the prediction strength of one half for the other."""
    known, asked = (cut(average_tree(distances[np.ix_(half, half)]), k) for half in (train, test))
    return _strength(asked, _nearest_cluster(distances[np.ix_(test, train)], known))


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
