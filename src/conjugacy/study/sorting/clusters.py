"""Networks clustered by distance alone: how many clusters, how stable, which networks lie apart, and a plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import leaves_list

from conjugacy.numerics.grouping.cluster_stability import cluster_stability
from conjugacy.numerics.grouping.prediction_strength import average_tree, cut, number_of_clusters, prediction_strengths
from conjugacy.numerics.grouping.principal_coordinates import principal_coordinates
from conjugacy.results import Clustering

NEAREST = 3  # networks that say how far one lies from its nearest
FEWEST = 8  # networks below which none is called an outlier


@dataclass(frozen=True, eq=False)
class ClusterLayout:
    """Clusters, plane and outliers of N networks; fields as in `Classes`."""

    clustering: Clustering
    plane: np.ndarray
    plane_share: float
    outliers: np.ndarray
    notes: tuple[str, ...]


def lay_out(distances: np.ndarray, group: np.ndarray | None, seed: int, same: float = 0.0) -> ClusterLayout | None:
    """Cluster networks by average linkage and show them in a plane; None where fewer than two have distances.

    Outliers are left out when the number of clusters is chosen, since each would claim one, and belong to no cluster.

    Parameters
    ----------
    distances : array, (N, N)
        Symmetric; NaN where there is none. Networks with less than half of theirs are left out; what else is missing is filled
        with the mean of what the two networks have, and said.
    group : int array, (N,), or None
        Networks that are kept together in `order`; -1 for none.
    seed : int
    same : float
        A distance up to which two networks count as the same; none that is so near to its nearest is an outlier.
    """
    n = len(distances)
    placed = _placed(distances)
    if len(placed) < 2:
        return None
    known, filled = _filled(distances[np.ix_(placed, placed)])
    far = _far_out(known, same)
    kept = np.flatnonzero(~far)
    core = known[np.ix_(kept, kept)]
    strengths = prediction_strengths(core, seed=seed)
    core_labels = cut(average_tree(core), number_of_clusters(strengths))
    labels = np.full(n, -1)
    labels[placed[kept]] = core_labels
    tree = average_tree(known)
    points, share = principal_coordinates(known)
    plane = np.full((n, 2), np.nan)
    plane[placed] = points
    clustering = Clustering(
        labels, strengths, cluster_stability(core, core_labels, seed=seed), placed, tree, _order(tree, placed, group, n)
    )
    notes = (f"{filled} missing distances were filled with the mean of the two networks' others",) if filled else ()
    return ClusterLayout(clustering, plane, share, placed[far], notes)


def _placed(distances: np.ndarray) -> np.ndarray:
    """Return the networks that have at least half of their distances among each other."""
    there = np.isfinite(distances)
    np.fill_diagonal(there, False)
    placed = np.flatnonzero(there.any(axis=1))
    while len(placed) > 1:
        known = there[np.ix_(placed, placed)].sum(axis=1)
        if known.min() >= (len(placed) - 1) / 2:
            break
        placed = np.delete(placed, known == known.min())
    return placed


def _filled(distances: np.ndarray) -> tuple[np.ndarray, int]:
    missing = ~np.isfinite(distances)
    if missing.any():
        off = np.where(np.eye(len(distances), dtype=bool), np.nan, distances)
        means = np.nanmean(off, axis=1)
        distances = np.where(missing, (means[:, None] + means) / 2, distances)
    return distances, int(missing.sum()) // 2


def _far_out(distances: np.ndarray, same: float) -> np.ndarray:
    """Mark the networks that are far from their nearest ones: above the third quartile by three times the spread (Tukey 1977).

    The spread is at least a tenth of the median distance: among networks that are nearly the same, small differences are none.
    """
    n = len(distances)
    if n < FEWEST:
        return np.zeros(n, bool)
    nearest = np.partition(distances + np.diag(np.full(n, np.inf)), NEAREST - 1, axis=1)[:, :NEAREST].mean(axis=1)
    low, high = np.quantile(nearest, [0.25, 0.75])
    spread = max(high - low, 0.1 * float(np.median(distances[np.triu_indices(n, 1)])))
    return nearest > max(high + 3 * spread, same)


def _order(tree: np.ndarray, placed: np.ndarray, group: np.ndarray | None, n: int) -> np.ndarray:
    """Order networks by the leaves of the tree; each group stands at the middle of its members' places."""
    leaves = placed[leaves_list(tree)]
    place = np.full(n, float(n))
    place[leaves] = np.arange(len(leaves))
    if group is None:
        return np.argsort(place, kind="stable")
    middle = place.copy()
    for name in np.unique(group[group >= 0]):
        members = group == name
        middle[members] = np.median(place[members])
    return np.lexsort((place, group, middle))
