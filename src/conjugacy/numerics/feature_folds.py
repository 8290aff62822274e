"""Held-out residuals of ridge regression on explicit features, which stand for a kernel of many rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.linalg import get_blas_funcs

from conjugacy.numerics.device import device_for, lower_factor, product, solve_positive
from conjugacy.numerics.scratch import scratch

AT_ONCE = 2500  # rows whose features are taken at a time


def feature_fold_residuals(features: np.ndarray, targets: np.ndarray, folds: np.ndarray, strength: float) -> np.ndarray:
    """Return held-out residuals (m, q) of ridge regression on explicit features (m, k), every fold left out in turn.

    With F^T F + a I = L L^T and U = F L^-T they are (I - U_F U_F^T)^-1 (T - U U^T T)_F; the features' memory is reused. Folds of
    more rows than features are left out of F^T F and F^T T.
    """
    rows = [np.flatnonzero(folds == fold) for fold in range(int(folds.max()) + 1)]
    if max(len(f) for f in rows) > features.shape[1]:
        return _left_out(features, targets, rows, strength)
    gram = product(features.T, features)
    gram[np.diag_indices_from(gram)] += strength
    u = whitened(features, lower_factor(gram))
    held_out = targets - product(u, product(u.T, targets))
    for f in rows:
        part = u[f]
        inner = product(part, part.T)
        np.negative(inner, out=inner)
        inner[np.diag_indices_from(inner)] += 1.0
        held_out[f] = solve_positive(inner, held_out[f])
    return held_out


def _left_out(features: np.ndarray, targets: np.ndarray, rows: Sequence[np.ndarray], strength: float) -> np.ndarray:
    """Return the same with folds of many rows: the other rows' normal equations are solved for each.

    Features may be kept in single precision; sums of their products are in double.
    """
    held_out, k = scratch(targets.shape), features.shape[1]
    whole = strength * np.eye(k), np.zeros((k, targets.shape[1]))
    for f in rows:
        _change(np.add, whole, features, targets, f)
    for f in rows:
        rest = whole[0].copy(), whole[1].copy()
        _change(np.subtract, rest, features, targets, f)
        coefficients = solve_positive(*rest)
        for part in _parts(f):
            told = product(features[part].astype(np.float64, copy=False), coefficients)
            held_out[part] = np.subtract(targets[part], told, out=told)
    return held_out


def _change(
    how: np.ufunc, sums: tuple[np.ndarray, np.ndarray], features: np.ndarray, targets: np.ndarray, f: np.ndarray
) -> None:
    """Add some rows' products F^T F and F^T T to sums, or subtract them."""
    for part in _parts(f):
        own = features[part].astype(np.float64, copy=False)
        for total, other in zip(sums, (own, targets[part]), strict=True):
            how(total, product(own.T, other), out=total)


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
