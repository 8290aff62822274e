"""How much of a task a few coordinates tell: linear and kernel probes, judged on held-out rows."""

from __future__ import annotations

import numpy as np

from conjugacy.numerics.columns import any_varies
from conjugacy.numerics.regression import ridge_fold_residuals
from conjugacy.results import Estimate, Evidence
from conjugacy.transformations.layer import Layer
from conjugacy.transformations.standard import Standard
from conjugacy.transformations.way import Way

ACCURACY, EXPLAINED = "accuracy", "explained"


def read_out(features: np.ndarray, targets: np.ndarray, standard: Standard) -> Evidence:
    """Return the share of right classes, or of the targets' variance, that the better of two probes reads off features (m, k).

    The probes are ridge regression and kernel ridge regression, strengths and bandwidth chosen without the rows held out.

    Parameters
    ----------
    features : array, (m, k)
    targets : array, (m,) or (m, q)
        Classes where they are one column of whole numbers, else values.
    standard : Standard
        Which rows depend on each other, and the bootstrap.
    """
    is_class = of_classes(targets)
    name, wanted = (ACCURACY, one_hot(targets)) if is_class else (EXPLAINED, targets.reshape(len(targets), -1))
    if not features.shape[1] or not any_varies(features):
        return Evidence(name, chance(targets), unit=None)
    ends = [Layer(np.asarray(v, dtype=np.float64), standard.seed) for v in (features, wanted)]
    way = Way(ends[0], ends[1], standard.clusters, standard.seed)
    z = ends[1].z
    linear = ridge_fold_residuals(way.source.ridge, z, way.folds, way.strength)
    bent = way.regression.residuals(z)
    left = bent if (bent**2).sum() < (linear**2).sum() else linear
    if not is_class:
        return explained(name, standard.ratio((left**2).sum(axis=1), (z**2).sum(axis=1)))
    scores = np.full(wanted.shape, -np.inf)
    scores[:, ends[1].live] = (z - left) * ends[1].std[ends[1].live] + ends[1].mean[ends[1].live]
    right = (scores.argmax(axis=1) == wanted.argmax(axis=1)).astype(np.float64)
    share = standard.resampled(right, np.ones(len(right)))
    return Evidence(name, share.unexplained, share.low, share.high)


def explained(name: str, left: Estimate, unit: str | None = None) -> Evidence:
    """Return what is explained, from what is left unexplained."""
    value, low, high = (None if v is None else 1.0 - v for v in (left.unexplained, left.high, left.low))
    return Evidence(name, value, low, high, unit=unit)


def of_classes(targets: np.ndarray) -> bool:
    """Say whether targets are classes: one column of whole numbers, fewer than a quarter of the rows."""
    return targets.ndim == 1 and targets.dtype.kind in "iub" and 4 * len(np.unique(targets)) <= len(targets)


def one_hot(targets: np.ndarray) -> np.ndarray:
    """Return a column for every class, (m, c)."""
    return (targets[:, None] == np.unique(targets)).astype(np.float64)


def chance(targets: np.ndarray) -> float:
    """Return what always answering the largest class is worth, or the mean: nothing."""
    return float(one_hot(targets).mean(axis=0).max()) if of_classes(targets) else 0.0
