"""Which trials run the same course: repeats are no independent evidence of dynamics."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from conjugacy.numerics.kernels import squared_distances

ALIKE = 0.01  # trials whose mean squared distance is below this share of twice the variance run the same course
POINTS = 50


def distinct_courses(trials: Sequence[np.ndarray]) -> np.ndarray:
    """Return a course number per trial, (k,): complete linkage, so that a dense range of starts stays many courses.

    Distances are taken over the time points that both trials have, at 50 of them.
    """
    k = len(trials)
    if k == 1:
        return np.zeros(1, dtype=np.int64)
    variance = float(np.concatenate(trials).var(axis=0).sum())
    if variance == 0:
        return np.zeros(k, dtype=np.int64)
    shortest = min(len(x) for x in trials)
    at = np.unique(np.linspace(0, shortest - 1, POINTS).astype(np.int64))
    flat = np.stack([x[at].ravel() for x in trials])
    distances = squared_distances(flat, flat) / (len(at) * 2.0 * variance)
    np.fill_diagonal(distances, 0.0)
    tree = linkage(squareform((distances + distances.T) / 2.0, checks=False), method="complete")
    return fcluster(tree, ALIKE, criterion="distance").astype(np.int64) - 1
