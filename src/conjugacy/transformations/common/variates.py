"""Linear directions that two layers predict of each other: regularised canonical variates, judged on held-out rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RIDGES = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)  # added to a coordinate's variance, times that of the whole layer
PREDICTED = 0.1  # squared held-out correlation from which a direction may tell of something in common
SPARE, MOST_VARIATES = 2, 64
FAR = 3.5  # standard deviations of fitted rows: where held-out ones are farther out, they count as being there


@dataclass(frozen=True, eq=False)
class Ends:
    """Uncorrelated columns of both layers: on the rows that maps are fitted on, and on the rows held out.

    Attributes
    ----------
    fitted, held : (array, array), (m, q) and (k, q) of either layer
        Centred on the fitted rows.
    variances : (array, array), (q,)
    whole : (float, float)
        Variance of each layer, of which the columns hold a part.
    """

    fitted: tuple[np.ndarray, np.ndarray]
    held: tuple[np.ndarray, np.ndarray]
    variances: tuple[np.ndarray, np.ndarray]
    whole: tuple[float, float]

    def turns(self, products: np.ndarray, strengths: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
        """Return the maps from columns to canonical variates of unit variance, (q, p) of either layer."""
        weights = [1.0 / np.sqrt(v + g * s) for v, g, s in zip(self.variances, strengths, self.whole, strict=True)]
        u, _, vt = np.linalg.svd(weights[0][:, None] * products * weights[1], full_matrices=False)
        found = [weights[0][:, None] * u, weights[1][:, None] * vt.T]
        sizes = [np.sqrt((v[:, None] * turn**2).sum(axis=0)) for v, turn in zip(self.variances, found, strict=True)]
        return found[0] / np.maximum(sizes[0], 1e-300), found[1] / np.maximum(sizes[1], 1e-300)

    @property
    def products(self) -> np.ndarray:
        """Covariances of the columns of one layer with those of the other, (q, q)."""
        return self.fitted[0].T @ self.fitted[1] / len(self.fitted[0])


@dataclass(frozen=True, eq=False)
class Chosen:
    """What held-out rows choose: ridge strengths, which variates, their correlations (p,), and how many of them are predicted."""

    strengths: tuple[float, float]
    kept: np.ndarray
    correlations: np.ndarray
    predicted: int


@dataclass(frozen=True, eq=False)
class Variates:
    """Chosen pairs of canonical variates.

    Attributes
    ----------
    turns : (array, array), (q, p)
        From columns to variates.
    fitted, held : (array, array), (m, p) and (k, p)
    shares : (array, array), (p,)
        Of either layer's variance, explained by each variate.
    """

    turns: tuple[np.ndarray, np.ndarray]
    fitted: tuple[np.ndarray, np.ndarray]
    held: tuple[np.ndarray, np.ndarray]
    shares: tuple[np.ndarray, np.ndarray]

    @classmethod
    def of(cls, ends: Ends, choice: Chosen) -> Variates:
        """Return the chosen variates."""
        ta, tb = (turn[:, choice.kept] for turn in ends.turns(ends.products, choice.strengths))
        a, b = (
            ((v[:, None] * turn) ** 2).sum(axis=0) / whole
            for v, turn, whole in zip(ends.variances, (ta, tb), ends.whole, strict=True)
        )
        fitted, held = ((pair[0] @ ta, pair[1] @ tb) for pair in (ends.fitted, ends.held))
        return cls((ta, tb), fitted, held, (a, b))


def choose(folds: Sequence[Ends]) -> Chosen:
    """Return ridge strengths and variates as the rows held out of every fold confirm them, and two variates more.

    Directions maximise a^T Sxy b with a^T (Sxx + g s I) a = 1, s the variance of the layer. Both strengths g are chosen together,
    as those with the most information on held-out rows, -1/2 sum log(1 - r^2), r less what chance makes of it.
    """
    p = min(min(len(v) for v in ends.variances) for ends in folds)
    m, products = sum(len(ends.held[0]) for ends in folds), [ends.products for ends in folds]
    best, strengths, correlations = -1.0, (RIDGES[0], RIDGES[0]), np.zeros(p)
    for tried in ((a, b) for a in RIDGES for b in RIDGES):
        pooled = np.zeros((3, p))
        for ends, crossed in zip(folds, products, strict=True):
            ta, tb = ends.turns(crossed, tried)
            # along quiet directions one row may be far out in both layers, and would make all of a correlation
            za, zb = (np.clip(held @ turn[:, :p], -FAR, FAR) for held, turn in zip(ends.held, (ta, tb), strict=True))
            za, zb = za - za.mean(axis=0), zb - zb.mean(axis=0)
            pooled += (za * zb).sum(axis=0), (za**2).sum(axis=0), (zb**2).sum(axis=0)
        r = pooled[0] / np.sqrt(np.maximum(pooled[1] * pooled[2], 1e-300))
        over = np.clip(r - 2.0 / np.sqrt(m), 0.0, 1.0 - 1e-9)
        told = float(-0.5 * np.log1p(-(over**2)).sum())
        if told > best:
            best, strengths, correlations = told, tried, r
    predicted = (correlations > 0) & (correlations**2 >= PREDICTED)
    order = [*np.flatnonzero(predicted), *np.flatnonzero(~predicted)[:SPARE]] if predicted.any() else []
    kept = np.sort(np.array(order[:MOST_VARIATES], dtype=np.int64))
    return Chosen(strengths, kept, np.clip(correlations[kept], 0.0, 1.0), int(predicted.sum()))
