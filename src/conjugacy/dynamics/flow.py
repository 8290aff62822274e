"""One network's step from now to a little later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from conjugacy.numerics.state_map import StateMap, fit_state_map

MOVES = 0.35  # a step is long enough when the states move by so much of their standard deviation


@dataclass(frozen=True, eq=False)
class Flow:
    """A fitted step: where a state, with what is fed in on the way, will be `lag` time points later.

    Attributes
    ----------
    step : StateMap
        From states (and drive) to the way they go.
    lag : int
    scale : float
        By which states are divided beside the drive.
    """

    step: StateMap
    lag: int
    scale: float

    def __call__(self, states: np.ndarray, fed: np.ndarray | None = None) -> np.ndarray:
        """Return the states (m, n) `lag` time points later; `fed` (m, lag j) is the drive on the way."""
        return states + self.step(states if fed is None else np.column_stack([states / self.scale, fed]))


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


def fit_flow(trials: Sequence[np.ndarray], drive: Sequence[np.ndarray] | None, lag: int, seed: int) -> Flow:
    """Fit the step on every max(1, lag // 2)-th time point of these trials."""
    scale = float(np.concatenate(trials).std())
    every = slice(None, None, max(1, lag // 2))
    rows, steps, numbers = list[np.ndarray](), list[np.ndarray](), list[np.ndarray]()
    for i, x in enumerate(trials):
        now = x[:-lag][every]
        rows.append(now if drive is None else np.column_stack([now / scale, fed_between(drive[i], lag)[every]]))
        steps.append((x[lag:] - x[:-lag])[every])
        numbers.append(np.full(len(now), i))
    step = fit_state_map(np.concatenate(rows), np.concatenate(steps), np.concatenate(numbers), seed)
    return Flow(step, lag, scale)


def fed_between(drive: np.ndarray, lag: int) -> np.ndarray:
    """Return what is fed in from every time point to the one `lag` later, (t - lag, lag j)."""
    t = len(drive)
    return np.column_stack([drive[i : t - lag + i] for i in range(lag)])
