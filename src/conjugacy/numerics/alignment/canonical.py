"""Canonical correlations by QR and SVD: of two sets of columns in sample, regularised, and on held-out rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from conjugacy.numerics.device import orthogonal_triangular, product, thin_svd
from conjugacy.numerics.nuclear import nuclear_norms
from conjugacy.numerics.products import products

RANK = 1e-9  # singular values below this share of the largest hold nothing


@dataclass(frozen=True, eq=False)
class View:
    """Thin SVD of centred columns: u (m, r), s (r,), the largest first, and vt (r, n)."""

    u: np.ndarray
    s: np.ndarray
    vt: np.ndarray

    def take(self, rows: np.ndarray | slice) -> View:
        """Return the same columns with their rows in another order."""
        return self if isinstance(rows, slice) else View(self.u[rows], self.s, self.vt)

    def gains(self, ridge: float) -> np.ndarray:
        """Return s / sqrt(s^2 + ridge s_1^2), 1 without a ridge."""
        return self.s / np.sqrt(self.s**2 + ridge * self.s[0] ** 2)


def view_of(centred: np.ndarray, variance: float = 1.0) -> View:
    """Return the SVD of centred columns, cut to the fewest components that hold so much of the variance.

    Tall columns go through QR first, so that no product of the data with itself loses digits.
    """
    m, n = centred.shape
    if m > 2 * n:
        q, r = orthogonal_triangular(centred)
        u, s, vt = thin_svd(r)
        u = product(q, u)
    else:
        u, s, vt = thin_svd(centred)
    keep = int((s > RANK * s[0]).sum())
    if variance < 1.0:
        share = np.cumsum(s**2) / float((s**2).sum())
        keep = min(keep, int(np.searchsorted(share, variance - 1e-12)) + 1)
    return View(np.ascontiguousarray(u[:, :keep]), s[:keep], vt[:keep])


@dataclass(frozen=True, eq=False)
class Canonical:
    """Correlations of the pairs of canonical variates (k,), and the unit variates of the first set in coordinates u, (r, k)."""

    correlations: np.ndarray
    variates: np.ndarray


def canonical(x: View, y: View, ridge: float = 0.0) -> Canonical:
    """Return the canonical correlations, k = the smaller rank.

    Directions maximise u^T Sxy v with u^T (Sxx + a I) u = v^T (Syy + b I) v = 1, a and b being `ridge` times the largest
    variance of a direction (Vinod 1976). What is returned are the correlations of the variates, so that a set of columns and
    itself have 1 whatever the ridge.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(50, 3))
    >>> x = x - x.mean(axis=0)
    >>> bool(np.allclose(canonical(view_of(x), view_of(x @ np.diag([1.0, 2.0, 5.0])[:, :2])).correlations, 1))
    True
    """
    gx, gy = x.gains(ridge), y.gains(ridge)
    left, singular, right = thin_svd(gx[:, None] * products([x.u], [y.u])[0] * gy)
    turned_x, turned_y = gx[:, None] * left, gy[:, None] * right.T
    sizes = np.linalg.norm(turned_x, axis=0), np.linalg.norm(turned_y, axis=0)
    correlations = np.clip(singular / (sizes[0] * sizes[1]), 0.0, 1.0)
    return Canonical(correlations, turned_x / sizes[0])


def mean_correlations(x: Sequence[View], y: Sequence[View]) -> list[float]:
    """Return the mean canonical correlation of every pair; a pair's does not depend on the others.

    The correlations alone are singular values of U_x^T U_y, whose sum costs less than the variates do.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(50, 3))
    >>> view = view_of(x - x.mean(axis=0))
    >>> round(mean_correlations([view], [view])[0], 12)
    1.0
    """
    sums = nuclear_norms(products([view.u for view in x], [view.u for view in y]))
    return [min(1.0, total / min(len(p.s), len(q.s))) for total, p, q in zip(sums, x, y, strict=True)]


def held_out_correlations(x: View, y: View, folds: np.ndarray, ridge: float = 0.0) -> np.ndarray:
    """Return the correlations (k,) of canonical variates on rows that had no part in finding their directions.

    All folds' held-out variates, centred with the mean of the remaining rows, enter one correlation for every component. What
    is chance in sample averages to zero here, and may be negative.
    """
    columns = x.u * x.s, y.u * y.s
    k = min(len(x.s), len(y.s))
    crossed, squares = np.zeros(k), np.zeros((2, k))
    for fold in range(int(folds.max()) + 1):
        out = folds == fold
        left, right = (_directions(part[~out], part[out]) for part in columns)
        gains = [view.gains(ridge) for view, _ in (left, right)]
        inner = gains[0][:, None] * product(left[0].u.T, right[0].u) * gains[1]
        a, _, bt = thin_svd(inner)
        count = min(a.shape[1], k)
        zx = product(left[1] * gains[0], a[:, :count])
        zy = product(right[1] * gains[1], bt.T[:, :count])
        crossed[:count] += (zx * zy).sum(axis=0)
        squares[0, :count] += (zx**2).sum(axis=0)
        squares[1, :count] += (zy**2).sum(axis=0)
    below = np.sqrt(squares[0] * squares[1])
    return np.where(below > 0, crossed / np.where(below > 0, below, 1.0), 0.0)


def _directions(train: np.ndarray, test: np.ndarray) -> tuple[View, np.ndarray]:
    """Return the view of the training rows, and the test rows in the coordinates of its left singular vectors."""
    mean = train.mean(axis=0)
    u, s, vt = thin_svd(train - mean)
    keep = s > RANK * s[0]
    return View(u[:, keep], s[keep], vt[keep]), product(test - mean, vt[keep].T / s[keep])
