"""How the states of a system come back over time, measured along its own states: no partner, no coordinates, no linear model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial.distance import cdist

from conjugacy.data import Trajectories
from conjugacy.errors import InputError
from conjugacy.numerics.neighbours.of_states import nearest_states
from conjugacy.numerics.spectral import principal_components

POINTS = 1000  # states at most, evenly from the trials
ROOM = 1.6  # times as many are taken whole rather than thinned out
SHORTEST = 40  # time points to which trials are thinned out before trials are left out
SAMPLED = 20_000  # distances, evenly from all, that ranks are read off
NEIGHBOURS, DENSITY = 10, 40  # of the graph; whose distance tells how dense states lie
VARIANCE, COORDINATES = 0.995, 10
FLATTEN = 0.01  # variances below this share of the largest are not blown up
OWN_LAGS, COMMON_LAGS, LONGEST = 32, 12, 0.6
WEIGHTS = {
    "mean": 1.0, "low": 0.5, "high": 0.5, "climb": 0.5, "climb_skew": 0.25, "log_mean": 0.1, "log_spread": 0.1,
}  # fmt: skip
FEWEST_POINTS, FEWEST_STATES = 8, 60


@dataclass(frozen=True, eq=False)
class Recurrence:
    """Curves over the time between two states of one trial, one set per trial.

    Attributes
    ----------
    times : array, (l,)
        Times between the two states, in the user's unit.
    curves : array, (k, 7, l)
        How far apart two states so long apart lie, as a rank among all pairs of states along the graph of nearest states: mean,
        20 and 80 % quantiles; by how much density rises from one to the other: mean, cube root of the mean cube; mean and spread
        of the logarithm of the rank. NaN where a trial is too short.
    starts : float
        Mean rank of the distances between the trials' first states.
    """

    times: np.ndarray
    curves: np.ndarray
    starts: float

    @property
    def mean(self) -> np.ndarray:
        """The curves over all trials, (7, l); NaN where all trials are too short."""
        return _mean(self.curves)

    def resampled(self, rng: np.random.Generator) -> Recurrence:
        """Return mean curves over trials drawn again with replacement, as those of one trial."""
        chosen = self.curves[rng.integers(0, len(self.curves), len(self.curves))]
        return Recurrence(self.times, _mean(chosen)[None], self.starts)


def recurrence(trajectories: Trajectories, *, points: int = POINTS) -> Recurrence:
    """Return the recurrence curves of one system.

    States are whitened, joined to their 10 nearest by edges d_ij / sqrt(s_i s_j) (s the distance to the tenth), and distances
    taken along the graph, then replaced by their ranks among all: both make the curves nearly blind to the instrument through
    which the system is seen, while the time between states stays physical.

    Parameters
    ----------
    trajectories : Trajectories
    points : int
        States used at most.

    Raises
    ------
    InputError
        Where trials are shorter than 8 time points, there are fewer than 60 states, or nothing moves.

    Examples
    --------
    >>> t = 0.2 * np.arange(100)
    >>> turns = Trajectories([np.stack([np.cos(t + p), np.sin(t + p)], axis=1) for p in range(4)], dt=0.2)
    >>> found = recurrence(turns)
    >>> bool(found.mean[0, np.abs(found.times - 4 * np.pi).argmin()] < 0.05)  # back after two turns
    True
    """
    given = trajectories.lengths
    if min(given) < FEWEST_POINTS or sum(given) < FEWEST_STATES:
        raise InputError(
            f"{len(given)} trials of {min(given)} and more time points: unmatched dynamics need trials of {FEWEST_POINTS} "
            f"time points and {FEWEST_STATES} states in all; record more, or take fewer delays"
        )
    trials, dt = _thinned(trajectories, points)
    lengths = [len(x) for x in trials]
    states = _whitened(np.concatenate(trials))
    ranks, density = _ranks(states)
    steps = np.unique(np.round(np.geomspace(1, max(2, max(lengths) - 2), OWN_LAGS)).astype(np.int64))
    curves = np.full((len(trials), len(WEIGHTS), len(steps)), np.nan)
    ends = np.cumsum(lengths)
    for length in sorted(set(lengths)):
        which = [i for i, t in enumerate(lengths) if t == length]
        rows = np.stack([np.arange(ends[i] - length, ends[i]) for i in which])
        for at, step in enumerate(steps.tolist()):
            if step < length - 1:
                curves[which, :, at] = _at_lag(ranks, density, rows[:, :-step], rows[:, step:])
    at_start = ends - np.array(lengths)
    first = ranks[at_start[:, None], at_start]
    starts = float(first[np.triu_indices(len(first), 1)].mean()) if len(first) > 1 else 0.0
    return Recurrence(steps * dt, curves, starts)


def _mean(curves: np.ndarray) -> np.ndarray:
    held = np.isfinite(curves)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(held, curves, 0.0).sum(axis=0) / held.sum(axis=0)


def curve_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Return the weighted root-mean-square difference of two sets of curves at the same times, (7, l)."""
    squared = (a - b) ** 2
    known = np.isfinite(squared)
    each = np.where(known, squared, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    weights = np.array(list(WEIGHTS.values()))
    return float(np.sqrt(weights @ each / weights.sum())) if known.any() else float("nan")


def common_times(systems: Sequence[Recurrence]) -> np.ndarray:
    """Return times at which all systems' curves are known: from the coarsest step to .6 of the shortest course."""
    first = max(float(s.times[0]) for s in systems)
    last = max(LONGEST * min(float(s.times[-1]) for s in systems), 2.0 * first)
    return np.geomspace(first, last, COMMON_LAGS)


def at_times(curves: np.ndarray, times: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return curves (7, l) at other times, linearly in their logarithm; NaN beyond those known."""
    logs, asked = np.log(times), np.log(wanted)
    held = np.isfinite(curves[0])
    logs, curves = logs[held], curves[:, held]
    found = np.stack([np.interp(asked, logs, row) for row in curves])
    slack = 1e-9
    found[:, (asked < logs[0] - slack) | (asked > logs[-1] + slack)] = np.nan
    return found


def _thinned(trajectories: Trajectories, points: int) -> tuple[list[np.ndarray], float]:
    """Return evenly spread trials and time points, about as many states as asked for, and the time between two.

    Trials that would keep too few time points are passed over; the longest never would.
    """
    trials = list(trajectories.values)
    if sum(trajectories.lengths) <= ROOM * points:
        return trials, trajectories.dt
    while True:
        length = sum(len(x) for x in trials) / len(trials)
        # every trial is news, its time points are so only until they are as close as the graph's edges
        kept = int(min(len(trials), max(4, points // min(length, SHORTEST))))
        stride = max(1, int(np.ceil(kept * length / points)))
        long = [x for x in trials if len(x) > (FEWEST_POINTS - 1) * stride]
        if len(long) == len(trials):
            chosen = np.unique(np.linspace(0, len(trials) - 1, kept).round().astype(np.int64))
            return [trials[i][::stride] for i in chosen.tolist()], trajectories.dt * stride
        trials = long


def _whitened(x: np.ndarray) -> np.ndarray:
    x = x - x.mean(axis=0)
    if not x.any():
        raise InputError("no unit varies in these trajectories")
    points = principal_components(x, keep=VARIANCE)[0][:, :COORDINATES]
    variances = (points**2).mean(axis=0)
    return points / np.sqrt(variances + FLATTEN * variances[0])


def _ranks(states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the ranks of all distances along the graph, (n, n) in [0, 1], and of how sparse states lie, (n,)."""
    n = len(states)
    distances, near = nearest_states(states, min(DENSITY, n - 1))
    k = min(NEIGHBOURS, n - 1)
    scale = distances[:, k - 1] + 1e-12 * (float(distances.max()) or 1.0)
    edges = distances[:, :k] / np.sqrt(scale[:, None] * scale[near[:, :k]]) + 1e-9
    graph = csr_array((edges.ravel(), near[:, :k].ravel(), np.arange(0, n * k + 1, k)), shape=(n, n))
    along = dijkstra(graph.maximum(graph.T))  # both ways are edges already
    apart = ~np.isfinite(along)
    if apart.any():  # parts are joined beyond everything within them, by their straight distance
        along[apart] = along[~apart].max() + (cdist(states, states) / np.median(scale))[apart]
    known = np.sort(along[np.triu_indices(n, 1)])
    known = known[:: max(1, len(known) // SAMPLED)]
    ranks = np.searchsorted(known, along) / len(known)
    # two states that are each other's fortieth are equally sparse, whichever comes first
    from scipy.stats import rankdata  # a quarter of a second to load, and most comparisons do without

    return ranks, (rankdata(distances[:, -1]) - 1.0) / n


def _at_lag(ranks: np.ndarray, density: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return the seven numbers of every trial, (k, 7), from the rows of its states before and after, (k, t)."""
    apart, climb = ranks[before, after], density[after] - density[before]
    low, high = np.quantile(apart, [0.2, 0.8], axis=1)
    logs = np.log(apart + 1.0 / len(ranks))
    found = (
        apart.mean(axis=1), low, high, climb.mean(axis=1), np.cbrt((climb**3).mean(axis=1)), logs.mean(axis=1), logs.std(axis=1),
    )  # fmt: skip
    return np.stack(found, axis=1)
