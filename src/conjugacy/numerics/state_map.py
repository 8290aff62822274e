"""A regression for states of dynamical systems: affine, with a smooth residual on landmarks, chosen on held-out trials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from conjugacy.numerics.kernels import gaussian, median_distance, squared_distances

LANDMARKS = 300
COORDINATES = 30  # of the source that are used at most
VARIANCE = 0.9999  # share of its variance that they must hold
FLATTEN = 3e-3  # variances below this share of the largest are not blown up to one
BANDWIDTHS = (0.5, 1.0, 2.0)  # in units of the median distance
STRENGTHS = (1e-4, 1e-2, 1.0, 100.0)  # of the ridge on the landmarks
AFFINE, JITTER = 1e-6, 1e-8  # of it on the affine part, and per row on everything
MOST_ROWS = 20_000


@dataclass(frozen=True, eq=False)
class StateMap:
    """A fitted map from states (m, n) to states (m, q): y = mean + [1, z, k(z, c)] weights, z the whitened source."""

    source_mean: np.ndarray
    projection: np.ndarray
    centres: np.ndarray
    scale2: float
    weights: np.ndarray
    target_mean: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Map states, (m, n) to (m, q)."""
        z = (x - self.source_mean) @ self.projection
        return _features(z, self.centres, self.scale2) @ self.weights + self.target_mean


def fit_state_map(x: np.ndarray, y: np.ndarray, trials: np.ndarray, seed: int = 0) -> StateMap:
    """Fit y = T(x) on rows (m, n) and (m, q) of numbered trials; bandwidth and strength by a quarter of the trials.

    On more than 20 000 rows, so many drawn at random are used.
    """
    rng = np.random.default_rng(seed)
    if len(x) > MOST_ROWS:
        rows = np.sort(rng.choice(len(x), MOST_ROWS, replace=False))
        x, y, trials = x[rows], y[rows], trials[rows]
    source_mean, target_mean = x.mean(axis=0), y.mean(axis=0)
    projection = _whitening(x - source_mean)
    z, target = (x - source_mean) @ projection, y - target_mean
    centres = z[rng.choice(len(z), min(LANDMARKS, len(z)), replace=False)]
    median = median_distance(squared_distances(centres, centres))
    names = np.unique(trials)
    kept = rng.permutation(names)[: max(1, len(names) // 4)]
    fitted = ~np.isin(trials, kept) if len(names) > 1 else np.arange(len(z)) < 3 * len(z) // 4
    best, choice = np.inf, (BANDWIDTHS[0], STRENGTHS[0])
    for bandwidth in BANDWIDTHS:
        features = _features(z, centres, median * bandwidth**2)
        gram, cross = features[fitted].T @ features[fitted], features[fitted].T @ target[fitted]
        for strength in STRENGTHS:
            weights = _solve(gram, cross, strength, z.shape[1], int(fitted.sum()))
            missed = float(((target[~fitted] - features[~fitted] @ weights) ** 2).sum())
            if missed < best:
                best, choice = missed, (bandwidth, strength)
    scale2 = median * choice[0] ** 2
    features = _features(z, centres, scale2)
    weights = _solve(features.T @ features, features.T @ target, choice[1], z.shape[1], len(z))
    return StateMap(source_mean, projection, centres, scale2, weights, target_mean)


def _whitening(x: np.ndarray) -> np.ndarray:
    """Return the projection (n, r) onto principal coordinates of about unit variance."""
    values, vectors = np.linalg.eigh(x.T @ x / len(x))
    values, vectors = values[::-1], vectors[:, ::-1]
    if not values[0] > 0:
        return np.zeros((x.shape[1], 1))
    held = np.cumsum(np.maximum(values, 0.0)) / np.maximum(values, 0.0).sum()
    r = min(COORDINATES, int(np.searchsorted(held, VARIANCE)) + 1)
    return vectors[:, :r] / np.sqrt(np.maximum(values[:r], 0.0) + FLATTEN * values[0])


def _features(z: np.ndarray, centres: np.ndarray, scale2: float) -> np.ndarray:
    return np.column_stack([np.ones(len(z)), z, gaussian(squared_distances(z, centres), scale2)])


def _solve(gram: np.ndarray, cross: np.ndarray, strength: float, coordinates: int, rows: int) -> np.ndarray:
    penalty = np.full(len(gram), strength)
    penalty[: 1 + coordinates] *= AFFINE
    return cho_solve(cho_factor(gram + np.diag(penalty + JITTER * rows), lower=True), cross)
