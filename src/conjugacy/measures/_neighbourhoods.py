"""What measures on nearest stimuli share: who is near whom in one network, and how neighbourhoods follow another row order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from conjugacy.data import Rows
from conjugacy.errors import InputError
from conjugacy.measure import as_activations
from conjugacy.numerics.dissimilarities import euclidean
from conjugacy.results import Status

SAME = 1e-12  # spread of rows of length 1, up to which it is rounding


@dataclass(frozen=True, eq=False)
class PreparedNeighbours:
    """The k nearest stimuli of every stimulus (m, k), and why there are none."""

    rows: Rows
    near: np.ndarray
    status: Status


def check_k(k: int, least: int = 1) -> None:
    """Refuse a number of neighbours that is none."""
    if k < least:
        raise InputError(f"k: got {k}, expected at least {least} neighbours")


def prepare_neighbours(data: Any, k: int, distance: str) -> PreparedNeighbours:
    """Find every stimulus' neighbours by cosine (rows as they are) or by Euclidean distance."""
    layer = as_activations(data)
    if not np.ptp(layer.values, axis=0).any():
        return PreparedNeighbours(layer.rows, np.zeros((0, 0), dtype=np.int64), Status.DEGENERATE)
    if len(layer.values) <= k + 1:
        return PreparedNeighbours(layer.rows, np.zeros((0, 0), dtype=np.int64), Status.TOO_FEW_ROWS)
    if distance == "cosine":
        rows = unit_rows(layer.values)
        status = cosine_status(rows, k)
        if not status.is_ok:
            return PreparedNeighbours(layer.rows, np.zeros((0, 0), dtype=np.int64), status)
        near = nearest_rows(rows @ rows.T, k)
    else:
        near = nearest_rows(-euclidean(layer.values, squared=True), k)
    return PreparedNeighbours(layer.rows, near, Status.OK)


def unit_rows(values: np.ndarray) -> np.ndarray:
    """Return every row divided by its length; a row of zeros stays."""
    sizes = np.linalg.norm(values, axis=1, keepdims=True)
    return values / np.where(sizes > 0, sizes, 1.0)


def cosine_status(rows: np.ndarray, k: int) -> Status:
    """Say whether rows of length 1 have cosines to tell them by: ties fall to the order of rows, which networks share."""
    if int((~rows.any(axis=1)).sum()) > k:
        return Status.UNDEFINED_ROWS
    return Status.OK if np.ptp(rows, axis=0).max() > SAME else Status.DEGENERATE


def nearest_rows(alike: np.ndarray, k: int) -> np.ndarray:
    """Return the k other rows that are most alike to every row, (m, k), the nearest first; ties go to the earlier row."""
    others = alike.copy()
    np.fill_diagonal(others, -np.inf)
    some = np.argpartition(-others, k - 1, axis=1)[:, :k]
    limit = np.take_along_axis(others, some, axis=1).min(axis=1)
    tied = (others >= limit[:, None]).sum(axis=1) > k
    order = np.lexsort((some, -np.take_along_axis(others, some, axis=1)), axis=1)
    near = np.take_along_axis(some, order, axis=1)
    # partition breaks ties at the rim as it likes
    near[tied] = np.argsort(-others[tied], axis=1, kind="stable")[:, :k]
    return near


def reordered(near: np.ndarray, rows: np.ndarray | slice) -> np.ndarray:
    """Return the neighbourhoods of rows in another order, in their new numbers."""
    if isinstance(rows, slice):
        return near
    place = np.empty(len(rows), dtype=np.int64)
    place[rows] = np.arange(len(rows))
    return place[near[rows]]


def membership(near: np.ndarray) -> np.ndarray:
    """Return whether row j is a neighbour of row i, (m, m)."""
    found = np.zeros((len(near), len(near)), dtype=bool)
    np.put_along_axis(found, near, values=True, axis=1)
    return found
