"""How long it takes until states have moved: the steps that matter, and the cycles that are gone through."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

MOVES = 0.35  # a step is long enough when the states move by so much of their standard deviation
CORRELATED = 0.3  # autocovariance, as a share of that of neighbours, at the lag of a step that matters
TURNS = 0.1  # of it that must be reached below nought by states that go round


def common_lag(a: Sequence[np.ndarray], b: Sequence[np.ndarray]) -> int:
    """Return the smallest lag over which both systems' states move by a third of their standard deviation."""
    shortest = min(len(x) for x in a)
    for lag in range(1, max(2, shortest // 4)):
        if all(_moved(trials, lag) >= MOVES for trials in (a, b)):
            return lag
    return max(1, shortest // 4 - 1)


def _moved(trials: Sequence[np.ndarray], lag: int) -> float:
    steps = np.concatenate([x[lag:] - x[:-lag] for x in trials])
    return float(np.sqrt((steps**2).mean()) / np.concatenate(trials).std(axis=0).mean())


def lag_of_moving(trials: Sequence[np.ndarray]) -> float:
    """Return the time points, and parts of one, in which states move by a third of their spread; under half of a trial.

    Examples
    --------
    >>> turns = [np.stack([np.cos(t), np.sin(t)], axis=1) for t in (0.1 * np.arange(200), 0.1 * np.arange(200) + 1)]
    >>> round(lag_of_moving(turns), 1)  # the chord of .35 radians
    3.5
    """
    spread = float(np.sqrt(np.concatenate(trials).var(axis=0).sum())) or 1.0
    before, longest = 0.0, max(1, min(len(x) for x in trials) // 2)
    for lag in range(1, longest + 1):
        steps = np.concatenate([x[lag:] - x[:-lag] for x in trials])
        moved = float(np.sqrt((steps**2).sum(axis=1).mean())) / spread
        if moved >= MOVES:
            return lag - 1 + (MOVES - before) / (moved - before)
        before = moved
    return float(longest)


def _covariance(centred: Sequence[np.ndarray], lag: int) -> float:
    """Return the autocovariance at a lag, summed over units."""
    return float(np.concatenate([(x[lag:] * x[: len(x) - lag]).sum(axis=1) for x in centred]).mean())


def _centred(trials: Sequence[np.ndarray]) -> list[np.ndarray]:
    mean = np.concatenate(trials).mean(axis=0)
    return [x - mean for x in trials]


def falling_lag(trials: Sequence[np.ndarray]) -> int:
    """Return the time points after which the autocovariance has fallen to .3 of the variance; at most half of a trial."""
    trials = _centred(trials)
    most = max(1, min(len(x) for x in trials) // 2)
    # noise is in the variance and not in what follows, so lags are compared with the first
    first = _covariance(trials, 1)
    if first <= CORRELATED * CORRELATED * _covariance(trials, 0):
        return 1
    return next((lag for lag in range(1, most + 1) if _covariance(trials, lag) <= CORRELATED * first), most)


def cycles(trials: Sequence[np.ndarray]) -> float | None:
    """Return how often states go round in a trial, from where their autocovariance falls; None where it only decays.

    Examples
    --------
    >>> t = 0.1 * np.arange(200)
    >>> turns = [np.stack([np.cos(t + p), np.sin(t + p)], axis=1) for p in range(4)]
    >>> round(cycles(turns))  # 20 radians
    3
    """
    lag, shortest = falling_lag(trials), min(len(x) for x in trials)
    centred = _centred(trials)
    waves = [_covariance(centred, k) for k in range(1, shortest // 2)]
    if lag >= shortest // 2 or not waves or min(waves) > -TURNS * waves[0]:
        return None
    return shortest / (lag * 2.0 * np.pi / np.arccos(CORRELATED))
