"""How much faster one system goes than the other: stretch A in time until it tells B best."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from conjugacy.dynamics.windows import reduced, roles_of, white
from conjugacy.numerics.kernels import median_distance, squared_distances
from conjugacy.numerics.state_map import features_of, solve

WIDEST, STEP = 2.0, 0.035  # factors that are tried at first: from a half to twofold
FINER = 5  # steps of a first step
LANDMARKS, ROWS = 80, 600
STRENGTHS = (1e-2, 1.0, 100.0)
TRAINED = 0.6


def speed_factor(
    a: Sequence[np.ndarray], b: Sequence[np.ndarray], courses: np.ndarray, back: int, seed: int
) -> tuple[float, float, float]:
    """Return by which factor B goes faster than A, what A at that speed leaves of B's states, and what it leaves at its own.

    At factor c the state of A at time c t, with `back` time points before it, is to tell B's at t. Where B moves as A does at
    another speed, nothing is left at that factor; where it moves otherwise, some is at each.
    """
    roles = roles_of(courses, TRAINED, seed)
    a, b = (reduced(x, np.flatnonzero(roles < 2)) for x in (a, b))
    coarse = np.exp(np.arange(-np.log(WIDEST), np.log(WIDEST) + 1e-9, STEP))
    coarse = np.unique(np.append(coarse, 1.0))
    left = {float(c): _left(a, b, roles, float(c), (back, seed)) for c in coarse}
    best = min(left, key=lambda c: left[c])
    finer = best * np.exp(STEP * np.arange(-FINER, FINER + 1) / FINER)
    left |= {float(c): _left(a, b, roles, float(c), (back, seed)) for c in finer if float(c) not in left}
    best = min(left, key=lambda c: left[c])
    return best, left[best], left[1.0]


def _left(
    a: Sequence[np.ndarray], b: Sequence[np.ndarray], roles: np.ndarray, factor: float, how: tuple[int, int]
) -> float:
    """Return what the best map from A stretched leaves of B's variance, on the trials kept for judging."""
    back, seed = how
    times = [np.arange(back, len(y)) for y in b]
    times = [t[factor * t <= len(x) - 1] for t, x in zip(times, a, strict=True)]
    trials, t = np.repeat(np.arange(len(a)), [len(t) for t in times]), np.concatenate(times)
    rng, role = np.random.default_rng(seed), roles[trials]
    parts = [_some(role == k, rng) for k in (0, 1, 2)]
    if min(len(part) for part in parts) < 2:
        return 1.0
    chosen = np.concatenate(parts)
    trials, t = trials[chosen], t[chosen]
    z = np.concatenate([_between(a, trials, np.maximum(factor * t - i, 0.0)) for i in range(back + 1)], axis=1)
    starts = np.cumsum([0, *(len(y) for y in b)])
    y = np.concatenate(b)[starts[trials] + t]
    fitted, kept, held = np.split(np.arange(len(t)), np.cumsum([len(part) for part in parts])[:-1])
    known = np.zeros(len(z), dtype=bool)
    known[fitted] = True
    z = white(z, known)
    y = y - y[fitted].mean(axis=0)
    centres = z[fitted[:: max(1, len(fitted) // LANDMARKS)]]
    scale2 = median_distance(squared_distances(centres, centres))
    features = features_of(z[fitted], centres, scale2)
    gram, cross = features.T @ features, features.T @ y[fitted]
    weights = [solve(gram, cross, s, z.shape[1], len(fitted)) for s in STRENGTHS]
    asked = features_of(z[kept], centres, scale2)
    best = min(weights, key=lambda w: float(((y[kept] - asked @ w) ** 2).sum()))
    missed = y[held] - features_of(z[held], centres, scale2) @ best
    return float((missed**2).sum() / (y[held] ** 2).sum())


def _between(side: Sequence[np.ndarray], trials: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return states of these trials between time points, on straight lines."""
    lengths = np.array([len(x) for x in side])
    before = np.minimum(times.astype(np.int64), lengths[trials] - 2)
    part, rows = (times - before)[:, None], np.concatenate(side)
    at = (np.cumsum(lengths) - lengths)[trials] + before
    return (1.0 - part) * rows[at] + part * rows[at + 1]


def _some(which: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    rows = np.flatnonzero(which)
    return rows if len(rows) <= ROWS else np.sort(rng.choice(rows, ROWS, replace=False))
