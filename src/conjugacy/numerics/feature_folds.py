"""Held-out residuals of ridge regression on explicit features, which stand for a kernel of many rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.linalg import get_blas_funcs

from conjugacy.numerics.device import device_for, lower_factor, product, solve_positive
from conjugacy.numerics.kernel_folds import packed, unpacked
from conjugacy.numerics.scratch import scratch

Features = Callable[[np.ndarray], np.ndarray]
"""From rows (n,) to their features (n, k), or to what these tell."""
AT_ONCE = 2500  # rows whose features are taken at a time


def feature_fold_residuals(features: np.ndarray, targets: np.ndarray, folds: np.ndarray, strength: float) -> np.ndarray:
    """Return held-out residuals (m, q) of ridge regression on explicit features (m, k), every fold left out in turn.

    With F^T F + a I = L L^T and U = F L^-T they are (I - U_F U_F^T)^-1 (T - U U^T T)_F; the features' memory is reused.
    """
    gram = product(features.T, features)
    gram[np.diag_indices_from(gram)] += strength
    u = whitened(features, lower_factor(gram))
    held_out = targets - product(u, product(u.T, targets))
    for f in (np.flatnonzero(folds == fold) for fold in range(int(folds.max()) + 1)):
        part = u[f]
        inner = product(part, part.T)
        np.negative(inner, out=inner)
        inner[np.diag_indices_from(inner)] += 1.0
        held_out[f] = solve_positive(inner, held_out[f])
    return held_out


@dataclass(frozen=True)
class Sums:
    """F^T F, of which half is kept, and F^T T of some rows."""

    square: np.ndarray
    cross: np.ndarray

    @classmethod
    def of(cls, features: Features, targets: np.ndarray, rows: np.ndarray) -> Sums:
        """Sum over rows, a few at a time, so that features are never there for many of them."""
        first, *rest = _parts(rows)
        sums = _products(features(first), targets[first])
        for part in rest:
            for total, more in zip(sums, _products(features(part), targets[part]), strict=True):
                np.add(total, more, out=total)
        return cls(packed(sums[0].T), sums[1])

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.square + other.square, self.cross + other.cross)

    def __sub__(self, other: Sums) -> Sums:
        return Sums(self.square - other.square, self.cross - other.cross)

    def solved(self, strength: float) -> np.ndarray:
        """Return the coefficients (F^T F + a I)^-1 F^T T, (k, q)."""
        lower = np.tril(unpacked(self.square))
        gram = lower + lower.T
        gram[np.diag_indices_from(gram)] = strength + lower.diagonal()
        return solve_positive(gram, self.cross.copy())


def _products(features: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    k, q = features.shape[1], targets.shape[1]
    square = product(features.T, features, out=scratch((k, k)))
    return square, product(features.T, targets, out=scratch((k, q)))


def many_fold_residuals(
    features: Features,
    map_of: Callable[[np.ndarray], Features],
    targets: np.ndarray,
    folds: np.ndarray,
    strength: float,
) -> np.ndarray:
    """Return the same with folds of more rows than features: the other rows' normal equations are solved for each.

    Parameters
    ----------
    features : function of int array (n,) to array (n, k)
        Features of some rows; those of each row are asked for once.
    map_of : function of array (k, q) to a function of int array (n,) to array (n, q)
        From coefficients to what they tell at some rows.
    targets : array, (m, q)
    folds : int array, (m,)
    strength : float
    """
    held_out, rows = scratch(targets.shape), [np.flatnonzero(folds == fold) for fold in range(int(folds.max()) + 1)]
    sums = [Sums.of(features, targets, f) for f in rows]
    whole = sum(sums[1:], start=sums[0])
    for f in rows:
        told = map_of((whole - sums.pop(0)).solved(strength))  # their memory goes to the residuals
        for part in _parts(f):
            held_out[part] = targets[part] - told(part)
    return held_out


def _parts(rows: np.ndarray) -> Iterator[np.ndarray]:
    """Yield rows a few at a time, so that copies of them are small."""
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))


def whitened(rows: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Return rows L^-T (m, k) with L a lower factor (k, k), in the memory of the rows."""
    device = device_for(float(rows.size) * len(factor))
    if device is not None:
        return device.call(device.whitened, rows, factor)
    (trsm,) = get_blas_funcs(("trsm",), (rows,))
    # rows^T stands in the order of columns: L^-1 rows^T in place
    return trsm(1.0, factor, rows.T, lower=True, overwrite_b=True).T
