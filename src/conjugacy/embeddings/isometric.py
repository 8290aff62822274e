"""Isometric coordinates: the world's own coordinates up to a rigid motion, for a world that is flat, closed on itself or not."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from conjugacy.embeddings.layout import Layout, lay_out
from conjugacy.embeddings.local_metric import LocalMetric
from conjugacy.embeddings.neighbour_graph import CANDIDATES, neighbour_graph
from conjugacy.embeddings.steps import Edges
from conjugacy.errors import InputError, ShapeError
from conjugacy.numerics.neighbours.of_states import nearest_states
from conjugacy.results import Status

CURVED = 0.15  # stress from which a layout is not the world's
NEXT = 10  # neighbours in the layout that are looked at for folds
BEYOND = 3.0  # times as far apart as they are laid out: such neighbours are on two sheets
FOLDED = 0.1  # least share of those that are, where a layout is folded


@dataclass(frozen=True, eq=False)
class IsometricCoordinates:
    """Coordinates whose distances are those of the world, up to a rigid motion.

    Attributes
    ----------
    values : array, (m, d)
        In units of the world; the open directions first, by falling spread, mean 0, then the closed one, from 0 to its period.
        States outside the largest part get the nearest ones' values.
    periods : array, (d,)
        Length of the closed direction, 0 of the open ones.
    stress : float
        How far steps between neighbours are from the local metric's: root mean square over their root mean square length.
    outside : int array
        States that no path of neighbours connects to the rest.
    rounds : int
    status : Status

    Examples
    --------
    >>> s = np.random.default_rng(0).random((400, 2))
    >>> skewed = np.array([[2.0, 1.0], [0.0, 0.5]])
    >>> metric = LocalMetric.from_jacobians(np.tile(skewed, (400, 1, 1)))
    >>> isometric_coordinates(s @ skewed.T, metric).values.shape
    (400, 2)
    """

    values: np.ndarray
    periods: np.ndarray
    stress: float
    outside: np.ndarray
    rounds: int
    status: Status

    @property
    def embedded(self) -> np.ndarray:
        """The coordinates without a seam: a closed direction of period L as the circle L / 2 pi (cos, sin), (m, d or d + 1)."""
        closed = self.periods > 0
        if not closed.any():
            return self.values
        radius = self.periods[closed] / (2 * np.pi)
        angle = self.values[:, closed] / radius
        return np.hstack([self.values[:, ~closed], radius * np.cos(angle), radius * np.sin(angle)])


def isometric_coordinates(
    x: np.ndarray, metric: LocalMetric, *, n_neighbors: int = 30, candidates: int = CANDIDATES
) -> IsometricCoordinates:
    """Lay states out so that steps between neighbours have the length and direction that they have in the world.

    min over coordinates y and orthogonal R_i of sum over edges |y_j - y_i - (R_i f_i + R_j f_j) / 2|^2, where f_i is the step in
    the frame of i and f_j that in the frame of j. The mean of both ends is right to third order in the length of an edge. Frames
    are first aligned: by the world's own axes if the metric comes from derivatives, otherwise by the leading eigenvectors of the
    connection Laplacian (Singer and Wu 2012). Then frames and coordinates are improved in turn (as rigid as possible, Sorkine and
    Alexa 2007). Shortest paths (Isomap) zigzag through the graph and are about ten times less exact. If steps along one direction
    add up to zero, the direction is closed, and its period is found too.

    Parameters
    ----------
    x : array, (m, n)
        States.
    metric : LocalMetric
        Of the same rows.
    n_neighbors, candidates : int
        As in `DiffusionMap`.

    Returns
    -------
    IsometricCoordinates

    Raises
    ------
    ShapeError, InputError
        If rows do not fit, or too few states are connected.

    Examples
    --------
    >>> s = np.random.default_rng(0).random((400, 2))
    >>> skewed = np.array([[2.0, 1.0], [0.0, 0.5]])
    >>> found = isometric_coordinates(s @ skewed.T, LocalMetric.from_jacobians(np.tile(skewed, (400, 1, 1))))
    >>> lengths = [np.linalg.norm(v[1:] - v[:-1], axis=1) for v in (found.values, s)]
    >>> bool(np.allclose(*lengths, atol=1e-4))
    True
    """
    x = np.asarray(x, dtype=np.float64)
    if metric.tangents.shape[:2] != x.shape:
        raise ShapeError(f"metric: is of {metric.tangents.shape[:2]} rows and units, the states of {x.shape}")
    graph = neighbour_graph(x, n_neighbors, metric, candidates)
    main = graph.main
    if len(main) < metric.d + 3:
        raise InputError(
            f"the largest connected part holds {len(main)} of {len(x)} states: take more neighbours, or look whether the "
            "metric's ends agree (bursts too wide, another number of coordinates d)"
        )
    laid = lay_out(Edges.of(x[main], metric.take(main), graph.squared[main][:, main]))
    outside = np.setdiff1d(np.arange(len(x)), main)
    values = np.empty((len(x), metric.d))
    values[main] = laid.y
    if len(outside):
        values[outside] = laid.y[nearest_states(x[outside], 1, x[main])[1][:, 0]]
    status = _status(laid, len(outside), len(x))
    found = IsometricCoordinates(values, laid.periods, laid.stress, outside, laid.rounds, status)
    may_be_folded = status in (Status.OK, Status.NOT_CONVERGED, Status.ISOLATED_POINTS)
    if may_be_folded and _folded(x[main], metric.take(main), found.embedded[main]):
        return replace(found, status=Status.FOLDED)
    return found


def _status(laid: Layout, outside: int, m: int) -> Status:
    """Return what is to be said of a layout of m states, some of them outside of its connected part."""
    if outside > 0.01 * m:
        return Status.DISCONNECTED
    if laid.stress > CURVED:
        return Status.NOT_FLAT
    if outside:
        return Status.ISOLATED_POINTS
    return Status.OK if laid.settled else Status.NOT_CONVERGED


def _folded(x: np.ndarray, metric: LocalMetric, laid: np.ndarray) -> bool:
    """Return whether many states lie next to some that are far from them: edges cannot tell, as all of them may be kept."""
    lengths, near = nearest_states(laid, min(NEXT, len(x) - 1))
    i, j = np.repeat(np.arange(len(x)), near.shape[1]), near.ravel()
    usual = float(np.median(lengths[:, -1]))
    apart = metric.squared(x, i, j) > BEYOND**2 * np.maximum(lengths.ravel(), usual) ** 2
    return float(apart.mean()) > FOLDED
