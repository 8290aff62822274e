"""What an observer who knows the latents decides with the same rows.

The oracle has what A keeps of the world (not only A's units). It knows which rows depend on each other and which sources both
networks see. For each direction it regresses each unit of the target on what the source keeps. It uses kernel and linear ridge
regression on the latents, on the source's units, or on both, whichever predicts best. Clusters are held out and resampled whole.

- *holds*: the upper end of the 95 % interval lies under the tolerance.
- *fails*: the lower end lies clearly over the tolerance. The margin is what the same regression leaves of the target's clean
  units when it knows all that the target sees, at this number of rows.
- *open*: neither, or fewer than ten clusters.

A pair is decided if both directions are decided and agree with the truth. Something shared is found if what both networks see
predicts the units of both better than their mean (upper end under one). It is also found if all that one network keeps predicts
the units of the other. Where a recording is noisy by itself (spike counts, dropout), the oracle has only the units and their
roots.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial.distance import cdist

from .world import TOLERANCE, Array, Drawn, Net, Rng

CHOOSE, ROWS, DRAWS, FOLDS = 200, 1000, 300, 10
BANDWIDTHS, STRENGTHS = (0.5, 1.0, 2.0, 4.0, np.inf), (1e-6, 1e-4, 1e-2, 3e-1)


@dataclass(frozen=True)
class Left:
    """An unexplained fraction with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Oracle:
    """What is decided of one pair."""

    drawn: Drawn
    seed: int

    @cached_property
    def ways(self) -> tuple[str, str]:
        """Return holds, fails or open, A to B and B to A."""
        d, world = self.drawn, self.drawn.world
        return self._way(world.a, world.b, d.a, d.b), self._way(world.b, world.a, d.b, d.a)

    def decides(self, truth: tuple[float, float]) -> bool:
        """Return whether both directions are decided, and rightly."""
        return self.ways == tuple("holds" if u < TOLERANCE else "fails" for u in truth)

    @cached_property
    def shared_found(self) -> bool:
        """Whether somebody who is told what both see finds that they share something."""
        d, world = self.drawn, self.drawn.world
        if any(self._left([x], y).high < 1 for x, y in ((d.told(world.a), d.b), (d.told(world.b), d.a))):
            return True
        if not world.shared:
            return False
        common = np.hstack([d.latent[i] for i in world.shared])
        return all(self._left([common], y).high < 1 for y in (d.a, d.b))

    def _way(self, source: Net, target: Net, shown: Array, wanted: Array) -> str:
        if len(np.unique(self.drawn.world.design.clusters)) < FOLDS:
            return "open"
        if source.corrupt is not None:  # the latents are more than it keeps
            sources = [shown, np.sqrt(np.abs(shown))]
        else:
            told = self.drawn.told(source)
            sources = [told, shown, np.hstack([told, standard(shown)])]
        found = self._left(sources, wanted)
        if found.high < TOLERANCE:
            return "holds"
        model = self._left([self.drawn.told(target)], target.clean(self.drawn.latent))
        return "fails" if found.low > TOLERANCE + model.high else "open"

    def _left(self, sources: list[Array], target: Array) -> Left:
        rng = np.random.default_rng([self.seed, 31])
        clusters = self.drawn.world.design.clusters
        rows = sample(clusters, ROWS, rng)
        return left([standard(x[rows]) for x in sources], standard(target[rows]), clusters[rows], rng)


def sample(clusters: Array, most: int, rng: Rng) -> Array:
    """Return the rows of whole clusters at random, as many as fit."""
    if len(clusters) <= most:
        return np.arange(len(clusters))
    names, inverse, sizes = np.unique(clusters, return_inverse=True, return_counts=True)
    order = rng.permutation(len(names))
    kept = order[np.cumsum(sizes[order]) <= most]
    return np.flatnonzero(np.isin(inverse, kept))


def standard(x: Array) -> Array:
    """Return columns of mean zero and variance one; constant ones are left out."""
    std = x.std(axis=0)
    live = std > 1e-12 * max(float(std.max()), 1e-300)
    return (x[:, live] - x[:, live].mean(axis=0)) / std[live]


def kernel(x: Array, bandwidth: float) -> Array:
    """Return the kernel matrix: Gaussian beside linear, or linear alone where the bandwidth is infinite."""
    linear = x @ x.T / x.shape[1]
    if np.isinf(bandwidth):
        return linear
    return np.exp(-cdist(x, x, "sqeuclidean") / (2 * x.shape[1] * bandwidth**2)) + 0.1 * linear


def residuals(k: Array, y: Array, strength: float, folds: Array) -> Array:
    """Return what is left of rows that were held out, fold by fold, from one factorisation."""
    inverse = np.linalg.inv(k + 1.0 + strength * np.eye(len(k)))  # 1.0: an offset
    found = np.empty_like(y)
    alpha = inverse @ y
    for fold in np.unique(folds):
        own = np.flatnonzero(folds == fold)
        found[own] = np.linalg.solve(inverse[np.ix_(own, own)], alpha[own])
    return found


def left(sources: list[Array], target: Array, clusters: Array, rng: Rng) -> Left:
    """Return what the best of the regressions leaves of the target, held out by clusters."""
    names, inverse = np.unique(clusters, return_inverse=True)
    if len(names) < FOLDS:
        return Left(1.0, 0.0, np.inf)
    folds = (rng.permutation(len(names)) % FOLDS)[inverse]
    few = sample(clusters, CHOOSE, rng)
    few = few if len(np.unique(folds[few])) > 1 else np.arange(len(target))
    sketch = target if target.shape[1] <= 40 else target @ rng.standard_normal((target.shape[1], 40)) / np.sqrt(40)
    best = (np.inf, sources[0], 1.0, 1.0)
    for x in sources:
        for bandwidth in BANDWIDTHS:
            k = kernel(x[few], bandwidth)
            for strength in STRENGTHS:
                error = float((residuals(k, sketch[few], strength, folds[few]) ** 2).mean())
                best = min(best, (error, x, bandwidth, strength), key=lambda b: b[0])
    errors = (residuals(kernel(best[1], best[2]), target, best[3], folds) ** 2).sum(axis=1)
    return interval(errors, (target**2).sum(axis=1), inverse, rng)


def interval(errors: Array, spread: Array, clusters: Array, rng: Rng) -> Left:
    """Return a ratio of sums over rows, bootstrapped over clusters."""
    top, bottom = np.bincount(clusters, errors), np.bincount(clusters, spread)
    weights = rng.multinomial(len(top), np.full(len(top), 1 / len(top)), size=DRAWS)
    low, high = np.quantile((weights @ top) / (weights @ bottom), [0.025, 0.975])
    return Left(float(top.sum() / bottom.sum()), float(low), float(high))
