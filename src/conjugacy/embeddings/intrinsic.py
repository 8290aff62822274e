"""A layer's states in coordinates of the world that they show, and whether the data resolve these at all."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from conjugacy.embeddings.alignment import procrustes_gap
from conjugacy.embeddings.extension import LocalLinear
from conjugacy.embeddings.independent import independent_modes
from conjugacy.embeddings.isometric import isometric_coordinates
from conjugacy.embeddings.local_metric import LocalMetric
from conjugacy.errors import InputError
from conjugacy.results import Status

NEIGHBOURS = 30
MODES = 12  # slowest modes among which coordinates are looked for
RESOLVED = 0.15  # largest gap between two halves of one network's rows
MOST_OUTSIDE = 0.1  # share of the states that may hang apart
FEWEST = 60
CLEAR = (
    2.0  # least fall of the gains after the d kept; noise as large as a burst makes it 1.6, and coordinates wrong by .2
)
FLAT = "isometric"
UNRESOLVED = Status.DISCONNECTED, Status.UNCLEAR_DIRECTIONS, Status.FOLDED


@dataclass(frozen=True, eq=False)
class Intrinsic:
    """One layer's states in coordinates of the world.

    Attributes
    ----------
    values : array, (m, e)
        Isometric coordinates (a closed direction as a circle), in units of the world; else independent modes of a diffusion map.
    kind : str
        `isometric` or `diffusion modes`.
    d : int
        Number of coordinates of the world.
    periods : array
        Lengths of closed directions of isometric coordinates, 0 of open ones.
    stress : float
        Of the isometric layout.
    half_gap : float
        Gap between the coordinates that two halves of the rows give, each found without the other.
    rates : array
        Of the slowest modes of the diffusion map; empty beside isometric coordinates, which need none.
    modes : tuple of int
        Places of the modes that are the coordinates.
    status : Status

    Examples
    --------
    >>> s = np.random.default_rng(0).random((400, 2))
    >>> skewed = np.array([[2.0, 1.0], [0.0, 0.5]])
    >>> metric = LocalMetric.from_jacobians(np.tile(skewed, (400, 1, 1)))
    >>> found = intrinsic_coordinates(s @ skewed.T, metric)
    >>> found.d, found.resolved
    (2, True)
    """

    values: np.ndarray
    kind: str
    d: int
    periods: np.ndarray
    stress: float
    half_gap: float
    rates: np.ndarray
    modes: tuple[int, ...]
    status: Status

    @property
    def resolved(self) -> bool:
        """Whether halves of the rows agree, nearly all states are connected, none lies on others, and directions are clear."""
        return self.half_gap <= RESOLVED and self.status not in UNRESOLVED


def intrinsic_coordinates(
    x: np.ndarray, metric: LocalMetric, *, n_neighbors: int = NEIGHBOURS, seed: int = 0
) -> Intrinsic:
    """Find coordinates of the world behind a layer's states, and check them on two halves of the rows.

    The coordinates are isometric if the world can be laid out flat. Otherwise they are the modes of a diffusion map that earlier
    modes do not explain. Each half is laid out alone; local linear regression on the states carries the second to the rows of
    the first.

    Parameters
    ----------
    x : array, (m, n)
        States.
    metric : LocalMetric
        Of the same rows.
    n_neighbors : int
        Neighbours of a state.
    seed : int
        Seeds the division of the rows.

    Returns
    -------
    Intrinsic

    Raises
    ------
    InputError
        If there are fewer than 60 states, or too few are connected.

    Examples
    --------
    >>> s = np.random.default_rng(0).random((400, 2))
    >>> skewed = np.array([[2.0, 1.0], [0.0, 0.5]])
    >>> metric = LocalMetric.from_jacobians(np.tile(skewed, (400, 1, 1)))
    >>> intrinsic_coordinates(s @ skewed.T, metric).kind
    'isometric'
    """
    if len(x) < FEWEST:
        raise InputError(
            f"{len(x)} states are too few to find coordinates; at least {FEWEST} are needed, better some hundreds"
        )
    whole = _found(x, metric, n_neighbors, None)
    order = np.random.default_rng(seed).permutation(len(x))
    halves = [np.sort(part) for part in (order[: len(x) // 2], order[len(x) // 2 :])]
    try:
        one, two = (_found(x[part], metric.take(part), n_neighbors, whole).values for part in halves)
        carried = LocalLinear.of(x[halves[1]], two)(x[halves[0]])
        half_gap = procrustes_gap(carried, one) if carried.shape == one.shape else float("inf")
    except InputError:  # a half falls apart: it is not resolved
        half_gap = float("inf")
    if metric.gap < CLEAR:  # halves agree on what is wrong in both
        whole = replace(whole, status=Status.UNCLEAR_DIRECTIONS)
    return replace(whole, half_gap=half_gap)


def _found(x: np.ndarray, metric: LocalMetric, k: int, like: Intrinsic | None) -> Intrinsic:
    """Return coordinates, of the same kind and modes as those that they are to be `like`; halves are not looked at yet."""
    stress = float("inf")
    if like is None or like.kind == FLAT:
        flat = isometric_coordinates(x, metric, n_neighbors=k)
        stress = flat.stress
        if like is not None or flat.status is not Status.NOT_FLAT:
            status = flat.status
            if status is Status.DISCONNECTED and len(flat.outside) <= MOST_OUTSIDE * len(x):
                status = Status.OK
            return Intrinsic(flat.embedded, FLAT, metric.d, flat.periods, stress, float("inf"), np.empty(0), (), status)
    from conjugacy.embeddings.diffusion_map import DiffusionMap  # loads scikit-learn

    diffusion = DiffusionMap(min(MODES, max(2, len(x) // 10)), n_neighbors=2 * k, metric=metric).fit(x)
    chosen = independent_modes(diffusion.embedding_) if like is None else like.modes
    status = Status.DISCONNECTED if len(diffusion.outside_) > MOST_OUTSIDE * len(x) else Status.NOT_FLAT
    return Intrinsic(
        values=diffusion.embedding_[:, list(chosen)], kind="diffusion modes", d=metric.d, periods=np.zeros(metric.d),
        stress=stress, half_gap=float("inf"), rates=diffusion.eigenvalues_, modes=chosen, status=status,
    )  # fmt: skip
