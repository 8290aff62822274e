"""What measures on nearest stimuli share: who is near whom in one network, ties shared out, in any order of the rows.

Rows tied for the last places all count, each with the share of places left: its chance to be a neighbour where ties are broken
at random, in every row of every network again. Broken by the order of rows, which networks share, ties would make independent
networks of few distinct rows look alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from conjugacy.data import Rows
from conjugacy.errors import InputError
from conjugacy.measure import as_activations
from conjugacy.numerics.device import product
from conjugacy.numerics.neighbours.dissimilarities import euclidean
from conjugacy.results import Status

SAME = 1e-12  # spread of rows of length 1, up to which it is rounding
TIED = 1e-14  # gap, as a share of the largest likeness a row could have, up to which it is rounding


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Who is near whom, m rows and k places each.

    Attributes
    ----------
    weights : sparse array, (m, m)
        Chance of row j to be a neighbour of row i; 1 where nothing is tied. Rows sum to k.
    k : int
    tied : bool
        Whether any chance is below 1.
    """

    weights: csr_array
    k: int
    tied: bool

    @property
    def count(self) -> int:
        """Number of rows m."""
        return len(self.weights.indptr) - 1

    def take(self, rows: np.ndarray | slice) -> Neighbours:
        """Return the neighbourhoods of the rows in another order, in their new numbers."""
        return self if isinstance(rows, slice) else Neighbours(self.weights[rows][:, rows], self.k, self.tied)


@dataclass(frozen=True, eq=False)
class PreparedNeighbours:
    """The k nearest stimuli of every stimulus, or why there are none."""

    rows: Rows
    near: Neighbours | None
    status: Status


def check_k(k: int, least: int = 1) -> None:
    """Refuse a number of neighbours that is none."""
    if k < least:
        raise InputError(f"k: got {k}, expected at least {least} neighbours")


def prepare_neighbours(data: Any, k: int, distance: str) -> PreparedNeighbours:
    """Find every stimulus' neighbours by cosine (rows as they are) or by Euclidean distance."""
    layer = as_activations(data)
    if not np.ptp(layer.values, axis=0).any():
        return PreparedNeighbours(layer.rows, None, Status.DEGENERATE)
    if len(layer.values) <= k + 1:
        return PreparedNeighbours(layer.rows, None, Status.TOO_FEW_ROWS)
    if distance == "cosine":
        rows = unit_rows(layer.values)
        status = cosine_status(rows, k)
        if not status.is_ok:
            return PreparedNeighbours(layer.rows, None, status)
        near = nearest_rows(product(rows, rows.T), k)
    else:
        squared = euclidean(layer.values, squared=True)
        near = nearest_rows(-squared, k, float(squared.max()))
    return PreparedNeighbours(layer.rows, near, Status.OK)


def unit_rows(values: np.ndarray) -> np.ndarray:
    """Return every row divided by its length; a row of zeros stays."""
    sizes = np.linalg.norm(values, axis=1, keepdims=True)
    return values / np.where(sizes > 0, sizes, 1.0)


def cosine_status(rows: np.ndarray, k: int) -> Status:
    """Say whether rows of length 1 have cosines to tell them by."""
    if int((~rows.any(axis=1)).sum()) > k:
        return Status.UNDEFINED_ROWS
    return Status.OK if np.ptp(rows, axis=0).max() > SAME else Status.DEGENERATE


def nearest_rows(alike: np.ndarray, k: int, scale: float = 1.0) -> Neighbours:
    """Return the k other rows that are most alike to every row; rows tied for the last places share them.

    Parameters
    ----------
    alike : array, (m, m)
        The larger the nearer; gaps up to `TIED` times `scale` are none.
    k : int
        Below m.
    scale : float
        Largest size of a likeness, whose rounding decides what is tied.
    """
    m = len(alike)
    others = alike.copy()
    np.fill_diagonal(others, -np.inf)
    some = np.argpartition(-others, k - 1, axis=1)[:, :k]
    limit = np.take_along_axis(others, some, axis=1).min(axis=1, keepdims=True)
    rim = (others >= limit - TIED * scale).sum(axis=1)
    full = np.flatnonzero(rim == k)
    rows, columns, values = [np.repeat(full, k)], [some[full].ravel()], [np.ones(len(full) * k)]
    crowded = np.flatnonzero(rim > k)
    if crowded.size:
        inside = others[crowded] > limit[crowded] + TIED * scale
        found = others[crowded] >= limit[crowded] - TIED * scale
        places = k - inside.sum(axis=1)
        share = places / (rim[crowded] - inside.sum(axis=1))
        at, column = np.nonzero(found)
        rows.append(crowded[at])
        columns.append(column)
        values.append(np.where(inside[at, column], 1.0, share[at]))
    where = np.concatenate(rows), np.concatenate(columns)
    weights = csr_array((np.concatenate(values), where), shape=(m, m))
    return Neighbours(weights, k, bool(crowded.size))


def shared(a: Neighbours, b: Neighbours) -> float:
    """Return the mean share of places that both give to the same rows, in expectation over all ways to break ties."""
    return float(a.weights.multiply(b.weights).sum()) / (a.count * a.k)
