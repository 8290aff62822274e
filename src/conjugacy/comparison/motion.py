"""Pictures of two systems that move: paths of states in a few coordinates, eigenvalues. They decide nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from conjugacy.data import Trajectories
from conjugacy.dynamics import LinearDynamics
from conjugacy.numerics.spectral import leading_components
from conjugacy.results import Spectrum, StatePaths

MOST_TRIALS = 48  # of each network that are drawn
MOST_STATES = 3000  # of each network that are drawn
MOST_CONDITIONS = 14  # that can be told apart
COORDINATES = 10  # in which one is turned onto the other; two are drawn


def state_paths(a: Trajectories, b: Trajectories, *, matched: bool) -> StatePaths:
    """Return both systems' states in A's first two principal coordinates, B turned onto A as far as trials belong together.

    Examples
    --------
    >>> t = 0.2 * np.arange(60)
    >>> turns = np.stack([np.stack([np.cos(t + p), np.sin(t + p)], axis=1) for p in range(6)])
    >>> found = state_paths(Trajectories(turns), Trajectories(turns[:, :, ::-1]), matched=True)
    >>> bool(np.allclose(found.a, found.b)), found.alignment
    (True, 'trials')
    """
    conditions = _common_conditions(a, b)
    chosen = _drawn(a, conditions), _drawn(b, conditions)
    if matched:
        chosen = chosen[0], chosen[0]
    stride = max(
        1, -(-max(sum(x.lengths[i] for i in own) for x, own in zip((a, b), chosen, strict=True)) // MOST_STATES)
    )
    views = tuple(_View.of(x, own, stride) for x, own in zip((a, b), chosen, strict=True))
    means = tuple(_means(x, conditions) for x in (a, b))
    turn, by = _turn(views, means, matched)
    drawn = [[x.values[i][::stride] for i in own] for x, own in zip((a, b), chosen, strict=True)]
    averages = [[path[::stride] for path in own] for own in means]
    paths, mean_paths = (
        [_padded([view.seen(x) @ q for x in own]) for view, own, q in zip(views, side, turn, strict=True)]
        for side in (drawn, averages)
    )
    return StatePaths(
        a=paths[0],
        b=paths[1],
        means_a=mean_paths[0],
        means_b=mean_paths[1],
        groups_a=_groups(a, chosen[0], conditions),
        groups_b=_groups(b, chosen[1], conditions),
        conditions=conditions,
        colours="condition" if conditions else "trial" if matched else "time",
        alignment=by,
        variance=(views[0].share(turn[0]), views[1].share(turn[1])),
        trials=(len(a.values), len(b.values)),
    )


class _View:
    """One network's states in a few principal coordinates, over their whole spread."""

    def __init__(self, mean: np.ndarray, loadings: np.ndarray, spread: float, points: np.ndarray) -> None:
        self.mean, self.loadings, self.spread, self.points = mean, loadings, spread, points

    @classmethod
    def of(cls, x: Trajectories, trials: Sequence[int], stride: int) -> _View:
        rows = np.concatenate([x.values[i][::stride] for i in trials])
        mean = rows.mean(axis=0)
        rows = rows - mean
        spread = float(np.sqrt((rows**2).sum() / len(rows))) or 1.0
        points, loadings = leading_components(rows, min(COORDINATES, *rows.shape))
        width = COORDINATES - loadings.shape[1]
        return cls(mean, np.pad(loadings, ((0, 0), (0, width))), spread, np.pad(points, ((0, 0), (0, width))) / spread)

    def seen(self, states: np.ndarray) -> np.ndarray:
        """Return states in the coordinates."""
        return (states - self.mean) @ self.loadings / self.spread

    def share(self, turn: np.ndarray) -> float:
        """Return which share of the variance is drawn after a turn."""
        return float(((self.points @ turn) ** 2).sum() / len(self.points))


def _turn(
    views: tuple[_View, ...], means: tuple[list[np.ndarray], ...], matched: bool
) -> tuple[tuple[np.ndarray, np.ndarray], str]:
    """Return what takes either network's coordinates to the two that are drawn, and what the turn was found by."""
    plain = np.eye(COORDINATES)[:, :2]
    pair, by = None, "none"
    if matched:
        pair, by = (views[0].points, views[1].points), "trials"
    elif means[0]:
        shared = [min(len(x), len(y)) for x, y in zip(*means, strict=True)]
        a, b = (
            np.concatenate([view.seen(x[:n]) for x, n in zip(own, shared, strict=True)])
            for view, own in zip(views, means, strict=True)
        )
        pair, by = (a, b), "conditions"
    if pair is None:
        return (plain, plain), by
    u, _, vt = np.linalg.svd(pair[1].T @ pair[0])
    return (plain, (u @ vt)[:, :2]), by


def _common_conditions(a: Trajectories, b: Trajectories) -> tuple[str, ...]:
    """Return the conditions that both networks have and a picture can tell apart; none where there are too many."""
    if a.conditions is None or b.conditions is None:
        return ()
    found = np.intersect1d(a.conditions.astype(str), b.conditions.astype(str))
    return tuple(str(x) for x in found) if 0 < len(found) <= MOST_CONDITIONS else ()


def _drawn(x: Trajectories, conditions: tuple[str, ...]) -> list[int]:
    """Return the trials that are drawn, as many of every condition, evenly taken."""
    if not conditions or x.conditions is None:
        return _evenly(np.arange(len(x.values)), MOST_TRIALS)
    names = x.conditions.astype(str)
    each = [_evenly(np.flatnonzero(names == one), max(1, MOST_TRIALS // len(conditions))) for one in conditions]
    return sorted(i for own in each for i in own)


def _evenly(trials: np.ndarray, most: int) -> list[int]:
    if len(trials) <= most:
        return trials.tolist()
    return trials[np.linspace(0, len(trials) - 1, most).round().astype(np.int64)].tolist()


def _means(x: Trajectories, conditions: tuple[str, ...]) -> list[np.ndarray]:
    """Return every condition's average over its trials, as long as the shortest of them."""
    if not conditions or x.conditions is None:
        return []
    names, found = x.conditions.astype(str), list[np.ndarray]()
    for one in conditions:
        own = np.flatnonzero(names == one)
        shortest = min(x.lengths[i] for i in own)
        found.append(np.mean([x.values[i][:shortest] for i in own], axis=0))
    return found


def _groups(x: Trajectories, trials: Sequence[int], conditions: tuple[str, ...]) -> np.ndarray:
    if not conditions or x.conditions is None:
        return np.arange(len(trials))
    return np.array([conditions.index(str(x.conditions[i])) for i in trials], dtype=np.int64)


def _padded(paths: Sequence[np.ndarray]) -> np.ndarray:
    """Return paths of unequal length as one array, NaN after the end of each."""
    out = np.full((len(paths), max((len(x) for x in paths), default=0), 2), np.nan)
    for i, path in enumerate(paths):
        out[i, : len(path)] = path
    return out


def spectrum_of(system: LinearDynamics, *, continuous: bool) -> Spectrum:
    """Return a system's eigenvalues with their residuals, of one step or as rates per unit of time.

    A residual r of an eigenvalue lambda is r / (|lambda| dt) of its rate.

    Examples
    --------
    >>> turn = LinearDynamics.of(np.array([[0.6, -0.8], [0.8, 0.6]]), dt=0.5)
    >>> spectrum_of(turn, continuous=True).values[:, 1].round(3).tolist()
    [-1.855, 1.855]
    """
    values = system.rates if continuous else system.eigenvalues
    residuals = np.full(len(values), np.nan) if system.residuals is None else system.residuals
    known = np.isfinite(values)
    per = np.abs(system.eigenvalues[known]) * system.dt if continuous else 1.0
    parts = np.column_stack([np.real(values[known]), np.imag(values[known])])
    return Spectrum(parts, residuals[known] / per, continuous, system.delays, system.dt, int((~known).sum()))
