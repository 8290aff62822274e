"""How strongly a map stretches the states' own directions, place by place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conjugacy.errors import InputError
from conjugacy.numerics.neighbours.of_rows import nearest

if TYPE_CHECKING:
    from conjugacy.transformations.row_map import RowMap

PLACES = 100
SPREAD = (0.05, 0.95)


def stretch_range(
    found: RowMap,
    x: np.ndarray,
    dimension: int,
    *,
    clusters: np.ndarray | None = None,
    scale_in: np.ndarray | None = None,
    scale_out: np.ndarray | None = None,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the weakest and the strongest stretch of the states' directions by a map.

    At up to 100 rows the Jacobian is taken on the first d local principal directions; the 5 % quantile over rows of its d-th
    singular value is the weakest stretch, the 95 % quantile of the first the strongest.

    Parameters
    ----------
    found : Transformation
    x : array, (m, n_in)
        States.
    dimension : int
        d, how many coordinates the states need.
    clusters : int array, (m,), optional
        Rows with one number depend on each other and are no neighbours.
    scale_in, scale_out : array, (n_in,) and (n_out,), optional
        Units are measured in these; 0 leaves a unit out.
    seed : int
        Draws the rows.

    Raises
    ------
    InputError
        Where there are too few independent neighbours, or a layer has fewer units than d.
    """
    inside = np.ones(found.n_in) if scale_in is None else scale_in
    outside = np.ones(found.n_out) if scale_out is None else scale_out
    live_in, live_out = inside > 0, outside > 0
    k = max(10, 3 * dimension)
    if not 1 <= dimension <= min(live_in.sum(), live_out.sum()):
        raise InputError(f"got dimension {dimension} for layers of {live_in.sum()} and {live_out.sum()} units")
    if k >= len(x):
        raise InputError(f"got {len(x)} rows, expected more than {k} for local directions")
    clusters = np.arange(len(x)) if clusters is None else clusters
    z = x[:, live_in] / inside[live_in]
    rows = np.sort(np.random.default_rng(seed).choice(len(x), min(PLACES, len(x)), replace=False))
    neighbours, distances = nearest(z, rows, clusters, k)
    usable = np.isfinite(distances[:, -1])
    if usable.sum() < 10:
        raise InputError("too few rows have independent neighbours")
    local = z[neighbours[usable]]
    _, _, vt = np.linalg.svd(local - local.mean(axis=1, keepdims=True), full_matrices=False)
    directions = np.zeros((len(local), found.n_in, dimension))
    directions[:, live_in] = np.swapaxes(vt[:, :dimension], 1, 2) * inside[live_in, None]
    s = np.linalg.svd(found.push(x[rows[usable]], directions)[:, live_out] / outside[live_out, None], compute_uv=False)
    return float(np.quantile(s[:, dimension - 1], SPREAD[0])), float(np.quantile(s[:, 0], SPREAD[1]))
