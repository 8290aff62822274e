"""What ConjTest and ConjTest+ share: states with successors, a map between two systems, Hausdorff distances."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.spatial.distance import cdist

from conjugacy.data import Trajectories, match_trials
from conjugacy.errors import InputError, ShapeError, StimuliError
from conjugacy.measure import Measure
from conjugacy.measures._trajectories import as_trajectories
from conjugacy.results import Score

StateMap = Callable[[np.ndarray], np.ndarray]
AT_ONCE = 500  # rows of distances


@dataclass(frozen=True, eq=False)
class Cloud:
    """One system's states that have a successor so many steps on in their own trial.

    Attributes
    ----------
    trajectories : Trajectories
    now, later : array, (p, n)
        States, at most as many as asked for, evenly from the trials; and where each is `steps` time points later.
    trial : int array, (p,)
    near : int array, (p, k + 1)
        Every state and its k nearest among `now`.
    diameter : float
        Largest distance between two states.
    """

    trajectories: Trajectories
    now: np.ndarray
    later: np.ndarray
    trial: np.ndarray
    near: np.ndarray
    diameter: float

    @classmethod
    def of(cls, x: Trajectories, neighbours: int, steps: int, points: int) -> Cloud:
        """Find the states and their neighbours.

        Raises
        ------
        InputError
            Where too few states have a successor, or nothing varies.
        """
        counts = [max(0, length - steps) for length in x.lengths]
        if sum(counts) <= 2 * neighbours:
            raise InputError(
                f"{len(x.values)} trials of {min(x.lengths)} and more time points: {sum(counts)} states are known {steps} steps "
                f"later, and {neighbours} neighbours need more than {2 * neighbours}; take fewer steps or neighbours"
            )
        kept = np.unique(np.linspace(0, sum(counts) - 1, min(points, sum(counts))).round().astype(np.int64))
        now = np.concatenate([v[:count] for v, count in zip(x.values, counts, strict=True)])[kept]
        later = np.concatenate([v[steps:] for v in x.values])[kept]
        if not np.ptp(now, axis=0).any():
            raise InputError("no unit varies in these trajectories")
        # differences of centred states lose no digits to a large offset
        mean = now.mean(axis=0)
        distances = cdist(now - mean, now - mean)
        np.fill_diagonal(distances, -1.0)
        near = np.argsort(distances, axis=1, kind="stable")[:, : neighbours + 1]
        everything = np.concatenate([now, later]) - mean
        diameter = max(
            float(cdist(everything[i : i + AT_ONCE], everything).max()) for i in range(0, len(everything), AT_ONCE)
        )
        trial = np.repeat(np.arange(len(counts)), counts)[kept]
        return cls(x, now, later, trial, near, diameter)


@dataclass(frozen=True, eq=False)
class Images:
    """Where a map takes the states of one system, h(a), and where it takes their successors, h(f^t(a)); (p, n) each."""

    now: np.ndarray
    later: np.ndarray


def by_index(a: Cloud, b: Cloud) -> Images:
    """Take every state to the other network's at the same trial and time."""
    return Images(b.now, b.later)


def by_nearest(a: Cloud, b: Cloud) -> Images:
    """Take every state to the partner of the nearest state of another trial: what the pairs of other trials say of h there."""
    if len(np.unique(a.trial)) < 2:
        raise InputError(
            "one trial: the map is taken from the nearest state of another trial; give more trials, or a map"
        )
    mean = a.now.mean(axis=0)
    found = [np.empty(len(a.now), dtype=np.int64) for _ in range(2)]
    for trial in np.unique(a.trial):
        own = a.trial == trial
        others = np.flatnonzero(~own)
        for into, states in zip(found, (a.now, a.later), strict=True):
            into[own] = others[cdist(states[own] - mean, a.now[others] - mean).argmin(axis=1)]
    return Images(b.now[found[0]], b.now[found[1]])


def by_identity(a: Cloud, b: Cloud) -> Images:
    """Take every state to itself: both networks share one state space."""
    n = a.now.shape[1], b.now.shape[1]
    if n[0] != n[1]:
        raise ShapeError(
            f"map=identity: got {n[0]} and {n[1]} units, expected the same units in both networks; for others give matched "
            "trials and map=nearest, or a map of your own to directed(a, b, h)"
        )
    return Images(a.now, a.later)


def by_map(a: Cloud, b: Cloud, h: StateMap) -> Images:
    """Take every state where the user's map takes it."""
    images = [np.asarray(h(states), dtype=np.float64) for states in (a.now, a.later)]
    if any(image.shape != (len(a.now), b.now.shape[1]) for image in images):
        raise ShapeError(
            f"the map took states of shape {a.now.shape} to {images[0].shape}, expected {(len(a.now), b.now.shape[1])}"
        )
    if not all(np.isfinite(image).all() for image in images):
        raise InputError("the map took a state to NaN or infinity")
    return Images(*images)


MAPS = {"index": by_index, "nearest": by_nearest, "identity": by_identity}


def nearest_state(images: Images, b: Cloud) -> np.ndarray:
    """Return for every image h(a) the row of the nearest of B's states, (p,)."""
    mean = b.now.mean(axis=0)
    return np.concatenate(
        [
            cdist(images.now[i : i + AT_ONCE] - mean, b.now - mean).argmin(axis=1)
            for i in range(0, len(images.now), AT_ONCE)
        ]
    )


@dataclass(frozen=True)
class MapTest(Measure):
    """A test of a map between two systems: whether h(f^t(a)) and g^t(h(a)) agree around every state, both ways."""

    neighbours: int = 5
    steps: int = 5
    points: int = 1000
    map: str = "identity"

    maps: ClassVar[tuple[str, ...]] = tuple(MAPS)
    references: ClassVar[tuple[str, ...]] = (
        "P. Dlotko, M. Lipinski, J. Signerska-Rynkowska: Testing topological conjugacy of time series. SIAM Journal on Applied "
        "Dynamical Systems 23 (2024), doi:10.1137/23M1594728",
    )

    def __post_init__(self) -> None:
        check_counts(self.neighbours, self.steps, self.points)
        if self.map not in self.maps:
            raise InputError(f"map: got {self.map!r}, expected {' or '.join(map(repr, self.maps))}")

    @abstractmethod
    def one_way(self, a: Cloud, b: Cloud, images: Images) -> float:
        """Return the test from A to B, given where the map takes A's states."""

    def prepare(self, data: Any) -> Cloud:
        """Find one network's states and their neighbours; `data` is Trajectories or an array (k, t, n)."""
        return self._cloud(as_trajectories(data))

    def compare(self, a: Cloud, b: Cloud) -> Score:
        """Compare two prepared networks: the larger of both directions, by the map of that kind.

        Raises
        ------
        StimuliError
            Where the map needs matched trials and they are not.
        """
        dt = max(a.trajectories.dt, b.trajectories.dt)
        pair = [c if c.trajectories.dt == dt else self._cloud(c.trajectories.resampled(dt)) for c in (a, b)]
        if self.map != "identity":
            picks = match_trials(pair[0].trajectories, pair[1].trajectories)
            if picks is None:
                raise StimuliError(
                    f"{len(a.trajectories.values)} and {len(b.trajectories.values)} trials that do not belong together: "
                    f"map={self.map} needs matched trials; give trial ids, or map=identity for networks of the same units, or a "
                    "map of your own to directed(a, b, h)"
                )
            pair = [
                c if (pick == np.arange(len(pick))).all() else self._cloud(c.trajectories.take(pick))
                for c, pick in zip(pair, picks, strict=True)
            ]
        there, back = (self.one_way(x, y, MAPS[self.map](x, y)) for x, y in (pair, pair[::-1]))
        value = max(there, back)
        return Score(self.id, value, value, max(0.0, 1.0 - value), details={"a_to_b": there, "b_to_a": back})

    def directed(self, a: Cloud, b: Cloud, h: StateMap) -> float:
        """Return the test from A to B for a map of one's own, states (p, n_a) to (p, n_b); trials need not be matched."""
        return self.one_way(a, b, by_map(a, b, h))

    def _cloud(self, x: Trajectories) -> Cloud:
        return Cloud.of(x, self.neighbours, self.steps, self.points)


def check_counts(neighbours: int, steps: int, points: int) -> None:
    """Refuse knobs that make no sense.

    Raises
    ------
    InputError
    """
    if neighbours < 1 or steps < 1 or points <= 2 * neighbours:
        raise InputError(
            f"neighbours {neighbours}, steps {steps} and points {points}: expected at least 1, 1 and more than twice as many "
            "points as neighbours"
        )
