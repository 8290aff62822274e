"""A regression for states of dynamical systems: affine where that will do, else with a smooth residual on landmarks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from conjugacy.numerics.kernels import gaussian, median_distance, squared_distances
from conjugacy.numerics.ridge_path import RidgePath

LANDMARKS = 300
COORDINATES = 30  # of the source that are used at most
VARIANCE = 0.9999  # share of its variance that they must hold
FLATTEN = 3e-3  # variances below this share of the largest are not blown up to one
BANDWIDTHS = (0.5, 1.0, 2.0)  # in units of the median distance
STRENGTHS = (1e-4, 1e-2, 1.0, 100.0)  # of the ridge on the landmarks
AFFINE, JITTER = 1e-6, 1e-8  # of it on the affine part, and per row on everything
AFFINE_STRENGTHS = (1e-14, 1e-11, 1e-8, 1e-5, 1e-2)  # of an affine map's ridge, in units of the source's variance
NOTHING = 1e-4  # share of the variance that an affine map may leave for no curved one to be tried
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
        return features_of(z, self.centres, self.scale2) @ self.weights + self.target_mean


def fit_state_map(x: np.ndarray, y: np.ndarray, trials: np.ndarray, seed: int = 0) -> StateMap:
    """Fit y = T(x) on rows (m, n) and (m, q) of numbered trials; bandwidth and strength by a quarter of the trials.

    An affine map on all coordinates is tried first and taken where it leaves nothing, or no more than the curved one, which
    sees thirty coordinates. On more than 20 000 rows, so many drawn at random are used.
    """
    rng = np.random.default_rng(seed)
    if len(x) > MOST_ROWS:
        rows = np.sort(rng.choice(len(x), MOST_ROWS, replace=False))
        x, y, trials = x[rows], y[rows], trials[rows]
    source_mean, target_mean = x.mean(axis=0), y.mean(axis=0)
    names = np.unique(trials)
    kept = rng.permutation(names)[: max(1, len(names) // 4)]
    fitted = ~np.isin(trials, kept) if len(names) > 1 else np.arange(len(x)) < 3 * len(x) // 4
    path = RidgePath.of(x[fitted], y[fitted])
    strengths = [s * float((path.x**2).sum() / len(path.x)) for s in AFFINE_STRENGTHS]
    straight = path.missed(x[~fitted], y[~fitted], strengths)
    affine = strengths[int(np.argmin(straight))]
    if min(straight) <= NOTHING * float(((y[~fitted] - y[~fitted].mean(axis=0)) ** 2).sum()):
        return _affine(x, y, affine)
    projection = whitening(x - source_mean)
    z, target = (x - source_mean) @ projection, y - target_mean
    centres = z[rng.choice(len(z), min(LANDMARKS, len(z)), replace=False)]
    median = median_distance(squared_distances(centres, centres))
    best, choice = np.inf, (BANDWIDTHS[0], STRENGTHS[0])
    for bandwidth in BANDWIDTHS:
        features = features_of(z, centres, median * bandwidth**2)
        gram, cross = features[fitted].T @ features[fitted], features[fitted].T @ target[fitted]
        for strength in STRENGTHS:
            weights = solve(gram, cross, strength, z.shape[1], int(fitted.sum()))
            missed = float(((target[~fitted] - features[~fitted] @ weights) ** 2).sum())
            if missed < best:
                best, choice = missed, (bandwidth, strength)
    if min(straight) <= best:
        return _affine(x, y, affine)
    scale2 = median * choice[0] ** 2
    features = features_of(z, centres, scale2)
    weights = solve(features.T @ features, features.T @ target, choice[1], z.shape[1], len(z))
    return StateMap(source_mean, projection, centres, scale2, weights, target_mean)


def _affine(x: np.ndarray, y: np.ndarray, strength: float) -> StateMap:
    """Return the affine map, in the form of one that has no landmarks."""
    weights, offset = RidgePath.of(x, y).weights(strength)
    mean, q = x.mean(axis=0), y.shape[1]
    passed = np.vstack([np.zeros(q), np.eye(q)])
    return StateMap(mean, weights, np.empty((0, q)), 1.0, passed, offset + mean @ weights)


def whitening(
    x: np.ndarray, variance: float = VARIANCE, most: int = COORDINATES, flatten: float = FLATTEN
) -> np.ndarray:
    """Return the projection (n, r) of centred rows (m, n) onto principal coordinates of about unit variance."""
    wide = x.shape[1] > len(x)
    values, vectors = np.linalg.eigh((x @ x.T if wide else x.T @ x) / len(x))
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    if not values[0] > 0:
        return np.zeros((x.shape[1], 1))
    held = np.cumsum(values) / values.sum()
    r = min(most, int(np.searchsorted(held, variance)) + 1, len(values))
    values, vectors = values[:r], vectors[:, :r]
    if wide:
        live = values > 1e-14 * values[0]
        values, vectors = values[live], x.T @ (vectors[:, live] / np.sqrt(len(x) * values[live]))
    return vectors / np.sqrt(values + flatten * values[0])


def features_of(z: np.ndarray, centres: np.ndarray, scale2: float) -> np.ndarray:
    """Return a constant, the coordinates z and their kernels with the landmarks, side by side."""
    return np.column_stack([np.ones(len(z)), z, gaussian(squared_distances(z, centres), scale2)])


def solve(gram: np.ndarray, cross: np.ndarray, strength: float, coordinates: int, rows: int) -> np.ndarray:
    """Return the weights of a ridge regression on such features from their products; it is weak on the affine part."""
    penalty = np.full(len(gram), strength)
    penalty[: 1 + coordinates] *= AFFINE
    ridged = gram.copy()
    ridged[np.diag_indices_from(ridged)] += penalty + JITTER * rows
    return cho_solve(cho_factor(ridged, lower=True, overwrite_a=True, check_finite=False), cross, check_finite=False)
