"""What a past tells of the next point: a map from delay windows, how far they reach back chosen on held-out trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from conjugacy.dynamics.windows import Places
from conjugacy.numerics.kernels import median_distance, squared_distances
from conjugacy.numerics.state_map import features_of, solve

STRENGTHS = (1e-4, 1e-2, 1.0, 100.0, 1e4)  # of the ridge on landmarks; the largest leaves an affine map
BANDWIDTHS = (1.0, 0.5, 2.0)  # in units of the median distance; windows are chosen at the first
LANDMARKS = 300
WORSE, LEAST = 0.05, 0.002  # by how much, of its error or of the variance, a shorter window may be worse
MOST_ROWS = 12_000


@dataclass(frozen=True, eq=False)
class Predicted:
    """What one past tells of one target.

    Attributes
    ----------
    values : array, (m, q)
        At every place.
    back : int
        Earlier time points that the window holds.
    """

    values: np.ndarray
    back: int

    def squared(self, target: np.ndarray) -> np.ndarray:
        """Return the squared error at every place, (m,)."""
        return ((target - self.values) ** 2).sum(axis=1)


def predict(
    pasts: Mapping[int, np.ndarray], targets: Sequence[np.ndarray], places: Places, seed: int
) -> list[Predicted]:
    """Predict each target (m, q) from the shortest past (m, d) that is about as good as the best.

    `pasts` are coordinates of windows by how many time points they reach back. Fitted are affine maps with a smooth residual on
    landmarks; window, bandwidth and strength are chosen for every target on the trials kept for it.
    """
    rng = np.random.default_rng(seed)
    fitted, both = _at_most(places.fitted, rng), _at_most(places.fitted | places.kept, rng)
    together = np.concatenate(targets, axis=1)
    ends = np.cumsum([0, *(y.shape[1] for y in targets)])
    cuts = [slice(i, j) for i, j in pairwise(ends.tolist())]
    mean = together[both].mean(axis=0)
    together = together - mean
    spread = [float((together[places.kept, cut] ** 2).sum()) for cut in cuts]
    landmarks = {h: _landmarks(z, fitted, rng) for h, z in pasts.items()}

    def tried(h: int, bandwidth: float) -> np.ndarray:
        """Return the errors on trials kept for choosing, (strengths, targets)."""
        z, (centres, median) = pasts[h], landmarks[h]
        scale2 = median * bandwidth**2
        known, asked = features_of(z[fitted], centres, scale2), features_of(z[places.kept], centres, scale2)
        gram, cross = known.T @ known, known.T @ together[fitted]
        errors = np.empty((len(STRENGTHS), len(cuts)))
        for i, strength in enumerate(STRENGTHS):
            off = (together[places.kept] - asked @ solve(gram, cross, strength, z.shape[1], len(fitted))) ** 2
            errors[i] = [off[:, cut].sum() for cut in cuts]
        return errors

    found = {(h, BANDWIDTHS[0]): tried(h, BANDWIDTHS[0]) for h in pasts}
    backs = list[int]()
    for k in range(len(cuts)):
        least = {h: float(found[h, BANDWIDTHS[0]][:, k].min()) for h in pasts}
        allowed = min(least.values()) + max(WORSE * min(least.values()), LEAST * spread[k])
        backs.append(min(h for h in pasts if least[h] <= allowed))
    for h in set(backs):
        found.update({(h, b): tried(h, b) for b in BANDWIDTHS[1:]})
    said = list[Predicted]()
    for k, (h, cut) in enumerate(zip(backs, cuts, strict=True)):
        bandwidth = min(BANDWIDTHS, key=lambda b: float(found[h, b][:, k].min()))
        strength = STRENGTHS[int(found[h, bandwidth][:, k].argmin())]
        z, (centres, median) = pasts[h], landmarks[h]
        features = features_of(z, centres, median * bandwidth**2)
        known = features[both]
        weights = solve(known.T @ known, known.T @ together[both][:, cut], strength, z.shape[1], len(both))
        said.append(Predicted(features @ weights + mean[cut], h))
    return said


def _landmarks(z: np.ndarray, fitted: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    centres = z[rng.choice(fitted, min(LANDMARKS, len(fitted)), replace=False)]
    return centres, median_distance(squared_distances(centres, centres))


def _at_most(which: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    rows = np.flatnonzero(which)
    return rows if len(rows) <= MOST_ROWS else np.sort(rng.choice(rows, MOST_ROWS, replace=False))
