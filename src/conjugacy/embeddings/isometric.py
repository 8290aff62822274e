"""Isometric coordinates: the world's own coordinates up to a rigid motion, for a world that is flat, closed on itself or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array, csc_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

from conjugacy.embeddings.local_metric import LocalMetric
from conjugacy.embeddings.neighbour_graph import CANDIDATES, neighbour_graph
from conjugacy.embeddings.spectrum import leading_space, solver
from conjugacy.errors import InputError, ShapeError
from conjugacy.numerics.alignment.rotation_starts import nearest_rotation
from conjugacy.numerics.neighbours.of_states import nearest_states
from conjugacy.results import Status

PLAIN, ROUNDS = 6, 60
SETTLED = 1e-5  # change of a round over the size of the whole
CLOSED = 0.5  # of what is left of the squared steps, where a direction is taken to be closed
FAR = 10.0  # squared length of an edge, over the median, from which weights fall no further
SEAM = 3.0  # a period is at least so many times as long as an edge
APART = 1e-9  # length of an edge between states that coincide, so that it is one
SHORT_CUTS = 0.02  # share of the edges
NEXT, BEYOND, FOLDED = (
    10,
    3.0,
    0.1,
)  # layout's neighbours; times as far apart as laid out; least share of those that are
CURVED = 0.15  # stress from which a layout is not the world's


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
        How far steps between neighbours are from the local metric's: root-mean-square over their root-mean-square length.
    outside : int array
        States that no path of neighbours joins to the rest.
    rounds : int
    status : Status
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
    """Lay states out so that steps between neighbours are as long, and turned towards each other, as in the world.

    min over coordinates y and orthogonal R_i of sum over edges |y_j - y_i - (R_i f_i + R_j f_j) / 2|^2, f_i the step in the frame
    of i, f_j that in the frame of j: the mean of both ends is right to third order in the length of an edge. The frames are
    first turned towards each other by the world's own axes where the metric comes from derivatives, else by the leading
    eigenvectors of the connection Laplacian (Singer and Wu 2012), then frames and coordinates by turns (as rigid as possible,
    Sorkine and Alexa 2007). Shortest paths (Isomap) zigzag through the graph and are
    some ten times less exact. Where steps along one direction add up to nothing, it is closed; its period is found as well.

    Parameters
    ----------
    x : array, (m, n)
    metric : LocalMetric
        Of the same rows.
    n_neighbors, candidates : int
        As in `DiffusionMap`.

    Raises
    ------
    ShapeError, InputError
        Where rows do not fit, or too few states hang together.

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
    main, d = graph.main, metric.d
    if len(main) < d + 3:
        raise InputError(
            f"the largest connected part holds {len(main)} of {len(x)} states: take more neighbours, or look whether the "
            "metric's ends agree (bursts too wide, another number of coordinates d)"
        )
    edges = _Edges.of(x[main], metric.take(main), graph.squared[main][:, main])
    laid = _lay_out(edges)
    outside = np.setdiff1d(np.arange(len(x)), main)
    values = np.empty((len(x), d))
    values[main] = laid.y
    if len(outside):
        values[outside] = laid.y[nearest_states(x[outside], 1, x[main])[1][:, 0]]
    status = Status.OK if laid.settled else Status.NOT_CONVERGED
    if len(outside):
        status = Status.DISCONNECTED if len(outside) > 0.01 * len(x) else Status.ISOLATED_POINTS
    if laid.stress > CURVED and status is not Status.DISCONNECTED:
        status = Status.NOT_FLAT
    found = IsometricCoordinates(values, laid.periods, laid.stress, outside, laid.rounds, status)
    if status in (Status.OK, Status.NOT_CONVERGED, Status.ISOLATED_POINTS) and _folded(
        x[main], metric.take(main), found.embedded[main]
    ):
        return replace(found, status=Status.FOLDED)
    return found


def _folded(x: np.ndarray, metric: LocalMetric, laid: np.ndarray) -> bool:
    """Return whether many states lie next to some that are far from them: edges cannot tell, as all of them may be kept."""
    lengths, near = nearest_states(laid, min(NEXT, len(x) - 1))
    i, j = np.repeat(np.arange(len(x)), near.shape[1]), near.ravel()
    usual = float(np.median(lengths[:, -1]))
    apart = metric.squared(x, i, j) > BEYOND**2 * np.maximum(lengths.ravel(), usual) ** 2
    return float(apart.mean()) > FOLDED


@dataclass(frozen=True, eq=False)
class _Edges:
    """Edges from i to j, every one in both directions: `back` is the place of the other, `steps` are in the frame of i."""

    m: int
    i: np.ndarray
    j: np.ndarray
    back: np.ndarray
    steps: np.ndarray
    weights: np.ndarray
    links: np.ndarray  # (e, d, d): from coordinates in the frame of j to those in the frame of i
    frames: (
        np.ndarray | None
    )  # (m, d, d): from coordinates in the frame of a state to the world's own, where it is known

    @classmethod
    def of(cls, x: np.ndarray, metric: LocalMetric, squared: csr_array) -> _Edges:
        found = coo_array(squared)
        i, j, m = found.row.astype(np.int64), found.col.astype(np.int64), len(x)
        order = np.argsort(i * m + j)
        back = order[np.searchsorted(i * m + j, j * m + i, sorter=order)]
        lengths = np.asarray(found.data, dtype=np.float64)
        weights = np.exp(-np.minimum(lengths / (float(np.median(lengths)) or 1.0), FAR))
        inward = np.einsum("end,enc->edc", metric.tangents[i], metric.tangents[j])
        inward = inward * metric.gains[j][:, None, :] / metric.gains[i][:, :, None]
        return cls(m, i, j, back, metric.steps(x, i, j), weights, nearest_rotation(np, inward), metric.frames)

    @property
    def d(self) -> int:
        return self.steps.shape[1]

    def matrix(self, values: np.ndarray) -> csr_array:
        """Return the m x m matrix of values on the edges."""
        return csr_array(coo_array((values, (self.i, self.j)), shape=(self.m, self.m)))

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Return for every state the sum over its edges, (m, ...)."""
        flat = values.reshape(len(self.i), -1)
        out = np.stack([np.bincount(self.i, flat[:, c], self.m) for c in range(flat.shape[1])], axis=1)
        return out.reshape(self.m, *values.shape[1:])


@dataclass(frozen=True, eq=False)
class _Layout:
    y: np.ndarray
    periods: np.ndarray
    stress: float
    rounds: int
    settled: bool


def _lay_out(edges: _Edges) -> _Layout:
    frames = _aligned_frames(edges) if edges.frames is None else edges.frames
    turned = np.einsum("eab,eb->ea", frames[edges.i], edges.steps)
    solve = _solver(edges)
    wraps = np.zeros_like(turned)  # what an edge that crosses the seam is short of
    # the edge from the other end runs the other way: its step is minus that of the reversed edge
    wanted = (turned - turned[edges.back]) / 2.0
    y = solve(wanted)
    axes = _worst_last(edges, wanted - (y[edges.j] - y[edges.i]))
    turned, wanted = turned @ axes, wanted @ axes
    period, winding, solve = _windings(solve, wanted[:, -1])
    edges = solve.edges
    settled, rounds, stress = False, 0, np.inf
    y = np.full_like(y, np.inf)
    for rounds in range(1, ROUNDS + 1):
        if period:
            period = _period(edges, solve, wanted[:, -1], winding)
            wraps = np.zeros_like(wanted)
            wraps[:, -1] = period * winding
        moved = solve(wanted - wraps)
        size = float(np.sqrt((moved**2).sum() / edges.m)) or 1.0
        change = float(np.sqrt(((moved - y) ** 2).sum() / edges.m)) / size
        y = moved
        laid = y[edges.j] - y[edges.i] + wraps
        missed = edges.weights * ((laid - wanted) ** 2).sum(axis=1)
        stress = float(np.sqrt(missed.sum() / (edges.weights * (edges.steps**2).sum(axis=1)).sum()))
        if change < SETTLED and rounds > PLAIN:
            settled = True
            break
        # first every frame is fitted to the layout, which turns over what was mirrored; then to what it is to give of an edge
        # once the frame of j has given its half, as curvature bends both the other way
        seen = laid if rounds <= PLAIN else 2.0 * laid + turned[edges.back]
        frames = nearest_rotation(
            np, edges.sums(edges.weights[:, None, None] * seen[:, :, None] * edges.steps[:, None, :])
        )
        turned = np.einsum("eab,eb->ea", frames[edges.i], edges.steps)
        wanted = (turned - turned[edges.back]) / 2.0
    return _Layout(*_principal(y, period), stress, rounds, settled)


def _aligned_frames(edges: _Edges) -> np.ndarray:
    """Return orthogonal matrices that turn every state's frame into a common one, (m, d, d), as far as there is one."""
    m, d = edges.m, edges.d
    degree = edges.sums(edges.weights)
    scaled = edges.weights / np.sqrt(degree[edges.i] * degree[edges.j])
    blocks = scaled[:, None, None] * edges.links
    rows = (edges.i[:, None, None] * d + np.arange(d)[:, None]) + np.zeros((1, d), dtype=np.int64)
    columns = (edges.j[:, None, None] * d + np.arange(d)) + np.zeros((d, 1), dtype=np.int64)
    whole = csr_array(coo_array((blocks.ravel(), (rows.ravel(), columns.ravel())), shape=(m * d, m * d)))
    whole = csr_array((whole + whole.T) / 2.0)
    return nearest_rotation(np, leading_space(whole, m * d, d).reshape(m, d, d)).transpose(0, 2, 1)


def _solver(edges: _Edges) -> _Solver:
    laplacian = csc_array(-edges.matrix(edges.weights))
    laplacian.setdiag(edges.sums(edges.weights))
    return _Solver(edges, solver(laplacian[1:][:, 1:]))


@dataclass(frozen=True, eq=False)
class _Solver:
    """Coordinates of mean 0 whose differences along edges are nearest to those wanted; the first state is held meanwhile."""

    edges: _Edges
    inverse: Callable[[np.ndarray], np.ndarray]

    def __call__(self, wanted: np.ndarray) -> np.ndarray:
        right = self.edges.sums(self.edges.weights[:, None] * wanted)
        y = np.zeros((self.edges.m, wanted.shape[1]))
        y[1:] = self.inverse(-right[1:])
        return y - y.mean(axis=0)


def _worst_last(edges: _Edges, left: np.ndarray) -> np.ndarray:
    """Return axes, the last the direction along which the most of the steps is left over."""
    return np.linalg.eigh((edges.weights[:, None] * left).T @ left)[1]


def _windings(solve: _Solver, along: np.ndarray) -> tuple[float, np.ndarray, _Solver]:
    """Return the period of a direction that is closed, how often every edge crosses the seam, and the solver without short cuts.

    Steps are added up along a tree; an edge outside of it that closes a loop round the world is a period short. What is neither
    that nor nothing leads through the layer, not through the world: states of other places that look alike. A tree of the fewest
    edges would be made of these, so that of the shortest ones comes first, where its many steps do not add up to noise.
    """
    edges, none = solve.edges, np.zeros(len(along), dtype=bool)
    shortest = minimum_spanning_tree(edges.matrix(APART - np.log(edges.weights)))
    for tree in (shortest, edges.matrix(edges.weights)):
        missed = _missed(edges, tree, along)
        largest = float(np.abs(missed).max())
        if largest <= SEAM * float(np.quantile(np.abs(along), 0.99)):
            return 0.0, np.zeros_like(along), solve
        period = float(np.median(np.abs(missed[np.abs(missed) > largest / 2.0])))
        winding = np.round(missed / period)
        short = np.abs(missed - period * winding) > period / 4.0 if tree is shortest else none
        if short.mean() > SHORT_CUTS:
            continue
        kept = _solver(replace(edges, weights=np.where(short, 0.0, edges.weights))) if short.any() else solve
        left = [_left(kept, v) for v in (along, along - period * winding)]
        if left[1] < CLOSED * left[0]:
            return period, winding, kept
    return 0.0, np.zeros_like(along), solve


def _missed(edges: _Edges, tree: csr_array, along: np.ndarray) -> np.ndarray:
    """Return what edges differ by from the steps added up along the tree."""
    order, before = breadth_first_order(tree, 0, directed=False)
    place = edges.matrix(np.arange(1, len(along) + 1, dtype=np.float64))
    steps, y = np.zeros(edges.m), np.zeros(edges.m)
    inner = order[1:]
    steps[inner] = along[place[before[inner], inner].astype(np.int64) - 1]
    for state in inner.tolist():
        y[state] = y[before[state]] + steps[state]
    return along - (y[edges.j] - y[edges.i])


def _left(solve: _Solver, along: np.ndarray) -> float:
    edges, y = solve.edges, solve(along[:, None])[:, 0]
    return float((edges.weights * (along - (y[edges.j] - y[edges.i])) ** 2).sum())


def _period(edges: _Edges, solve: _Solver, along: np.ndarray, winding: np.ndarray) -> float:
    """Return the period with which steps and windings together leave least: a regression of what no layout explains."""
    both = np.stack([along, winding], axis=1)
    y = solve(both)
    left = both - (y[edges.j] - y[edges.i])
    return float(abs((edges.weights * left[:, 0] * left[:, 1]).sum() / (edges.weights * left[:, 1] ** 2).sum()))


def _principal(y: np.ndarray, period: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the open directions along their principal axes, and the closed one from 0 to its period."""
    d = y.shape[1]
    n_open = d - 1 if period else d
    out, periods = y.copy(), np.zeros(d)
    if n_open:
        part = y[:, :n_open] - y[:, :n_open].mean(axis=0)
        out[:, :n_open] = part @ np.linalg.svd(part, full_matrices=False)[2].T
    if period:
        periods[-1] = period
        out[:, -1] = np.mod(y[:, -1], period)
    return out, periods
