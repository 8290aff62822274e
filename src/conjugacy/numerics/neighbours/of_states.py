"""Nearest states, exactly: by a tree where it looks at few of them, else by all distances."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial import KDTree

from conjugacy.numerics.neighbours.dimension import distance_ratio_dimensions

FEW_UNITS = 3  # up to so many a tree is always fast
CROWD = 800  # a tree is faster than all distances from so many states per corner of the cube that they fill
SAMPLE, NEAR, FAR = 200, 10, 20  # states, and neighbours, by which the dimension of the cube is told
LEAF = 32
AT_ONCE = 50_000
NUMBERS = 20_000_000  # held at once


def nearest_states(x: np.ndarray, k: int, among: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return Euclidean distances and rows of the k nearest states of every row; of its own rows' the row itself is left out.

    A tree's work grows with the number of coordinates that states need locally rather than with the number of units, once they
    are turned to their principal axes.
    """
    base = x if among is None else among
    n = base.shape[1]
    if n <= FEW_UNITS:
        return _by_tree(x, base, k, among is None)
    # centred, as products of states far from the origin lose their distances to rounding
    mean = base.mean(axis=0)
    centred = base - mean
    if len(base) <= 4 * CROWD or len(base) <= CROWD * 2.0 ** _dimension(centred):
        search = _brute(centred)
        rows = search.kneighbors(None if among is None else x - mean, n_neighbors=k, return_distance=False)
    else:
        axes = np.linalg.eigh(centred.T @ centred)[1][:, ::-1]
        turned = centred @ axes
        rows = _by_tree(turned if among is None else (x - mean) @ axes, turned, k, among is None)[1]
    del centred
    # from differences: sums of squares lose small distances to rounding
    distances = np.empty(rows.shape)
    size = max(1, NUMBERS // (k * n))
    for at in range(0, len(x), size):
        part = slice(at, at + size)
        offset = base[rows[part]] - x[part, None, :]
        distances[part] = np.sqrt(np.einsum("qkn,qkn->qk", offset, offset))
    return distances, rows


def _brute(x: np.ndarray) -> Any:
    from sklearn.neighbors import NearestNeighbors  # half a second to load, and not every comparison searches

    return NearestNeighbors(algorithm="brute").fit(x)


def _dimension(base: np.ndarray) -> float:
    """Return how many coordinates the states need locally, by the ratios of some states' distances."""
    some = np.random.default_rng(0).choice(len(base), min(SAMPLE, len(base)), replace=False)
    search = _brute(base)
    distances = search.kneighbors(base[some], n_neighbors=FAR + 1)[0][:, 1:]
    distances = distances[distances[:, 0] > 0]
    if not len(distances):
        return 0.0
    return 1.0 / max(float(distance_ratio_dimensions(distances, NEAR).mean()), 1e-3)


def _by_tree(x: np.ndarray, base: np.ndarray, k: int, own: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return distances and rows; of `own` rows in the order of the tree's leaves, which finds the neighbours in the cache."""
    tree: Any = KDTree(base, leafsize=LEAF, balanced_tree=False)
    looked = k + 1 if own else k
    order = np.asarray(tree.indices) if own else np.arange(len(x))
    distances, rows = np.empty((len(x), k)), np.empty((len(x), k), dtype=np.intp)
    for at in range(0, len(x), AT_ONCE):
        queries = order[at : at + AT_ONCE]
        found, near = tree.query(x[queries], np.arange(1, looked + 1))
        if own:
            # the state itself goes; where so many coincide that it is not among them, the last
            keep = near != queries[:, None]
            keep[keep.all(axis=1), -1] = False
            found, near = found[keep].reshape(-1, k), near[keep].reshape(-1, k)
        distances[queries], rows[queries] = found, near
    return distances, rows
