"""Ridge and kernel ridge regression whose held-out residuals come from one factorisation, without refitting.

With G = (K + a I)^-1 and c = G T, the residuals of the rows F when they are left out together are (G_FF)^-1 c_F.
The shortcut r_i / (1 - h_i) is not used for kernels: it cancels for small a and then picks a wrong bandwidth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import solve

from conjugacy.numerics.device import device_for, product, symmetric_eigen
from conjugacy.numerics.scratch import scratch
from conjugacy.numerics.spectral import Square, square_of

STRENGTHS = tuple(float(a) for a in 10.0 ** np.arange(-8, 3))
"""Ridge strengths tried, in units of the number of rows for the affine map."""

SMALL = 128  # systems up to this size are solved together
TOGETHER = 1_000_000  # numbers of a source up to which its folds are worked on together
GIVEN_UP = 1.1  # smaller strengths are not tried once they do worse than the best by this factor
SEEN = 1e-14  # of the largest squared singular value: what is under it is rounding
GAINED = 1e-7  # directions of which a map keeps less are left out of it
AT_ONCE = 500  # rows that are copied at a time
CHOICE_ROWS = 1000  # of the folds' rows the strength is chosen on as few folds as hold so many
NEARLY = 0.999  # a candidate must beat the smoother one before it by more than this factor


@dataclass(frozen=True, eq=False)
class RidgeFactors:
    """Thin SVD of a source x: u (m, r), s (r,), vt (r, n); of more columns than rows, where vt costs more, it is None."""

    u: np.ndarray
    s: np.ndarray
    vt: np.ndarray | None

    def right(self, x: np.ndarray, count: int | None = None) -> np.ndarray:
        """Return the first right singular vectors, (count, n)."""
        if self.vt is not None:
            return self.vt[:count]
        return product(self.u[:, :count].T, x) / self.s[:count, None]

    def mapped_at(self, strength: float) -> RidgeFactors:
        """Return the directions of which a map of a strength keeps more than a ten-millionth, at least one."""
        count = max(1, int((ridge_shrinkage(self, strength) > GAINED).sum()))
        return RidgeFactors(self.u[:, :count], self.s[:count], None if self.vt is None else self.vt[:count])


def ridge_factors(x: np.ndarray, square: Square | None = None) -> RidgeFactors:
    """Return the thin SVD of centred columns of unit variance without directions that hold nothing.

    From the smaller of x^T x and x x^T, `square_of(x)`, where that is known. Rounding moves squared singular values by about
    1e-16 of the largest, at most 1e-16 n m, which the smallest strength, 1e-8 m, hides.
    """
    w, v = square_of(x) if square is None else square
    keep = np.flatnonzero(w > SEEN * w[-1])[::-1]
    s = np.sqrt(w[keep])
    if x.shape[1] > len(x):
        return RidgeFactors(_columns(v, keep), s, None)
    v = v[:, keep]
    u = product(x, v, out=scratch((len(x), len(s))))
    u /= s
    return RidgeFactors(u, s, v.T)


def _columns(v: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Return some columns, row after row in memory: a view of them in falling order would be copied by every product."""
    found = scratch((len(v), len(chosen)))
    for start in range(0, len(v), AT_ONCE):
        found[start : start + AT_ONCE] = v[start : start + AT_ONCE, chosen]
    return found


def ridge_shrinkage(factors: RidgeFactors, strength: float) -> np.ndarray:
    """Return s^2 / (s^2 + a m) per direction."""
    s2 = factors.s**2
    return s2 / (s2 + strength * len(factors.u))


def ridge_fold_residuals(factors: RidgeFactors, targets: np.ndarray, folds: np.ndarray, strength: float) -> np.ndarray:
    """Return held-out residuals (m, q) of ridge regression with a free intercept, every fold left out in turn."""
    return RidgeFolds.of(factors.mapped_at(strength), folds).residuals(targets, strength)


def ridge_choose(factors: RidgeFactors, targets: np.ndarray, folds: np.ndarray) -> float:
    """Return the strength with the smallest held-out error over the folds."""
    return RidgeFolds.of(factors, folds).choose(targets)


@dataclass(frozen=True, eq=False)
class RidgeFolds:
    """Folds of one source's rows, for any number of targets: side by side, filled up with rows of zeros, which change nothing.

    With H = U g U^T + 11^T / m the residuals of a fold F that is left out are (I - H_FF)^-1 r_F, solved on the smaller side.

    Attributes
    ----------
    factors : RidgeFactors
    rows : tuple of int array
        The rows of every fold.
    """

    factors: RidgeFactors
    rows: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, factors: RidgeFactors, folds: np.ndarray) -> RidgeFolds:
        """Return the folds of a source by their numbers, one per row."""
        return cls(factors, tuple(np.flatnonzero(folds == fold) for fold in range(int(folds.max()) + 1)))

    @cached_property
    def basis(self) -> np.ndarray:
        """Left singular vectors of the folds' rows with a constant beside them, (f, k, r + 1)."""
        m, r = self.factors.u.shape
        basis = scratch((len(self.rows), max(len(chosen) for chosen in self.rows), r + 1))
        basis[...] = 0.0
        for place, chosen in zip(basis, self.rows, strict=True):
            place[: len(chosen), :-1] = self.factors.u[chosen]
            place[: len(chosen), -1] = 1.0 / np.sqrt(m)
        return basis

    @cached_property
    def grams(self) -> np.ndarray | None:
        """Their products, (f, r + 1, r + 1); None where the folds have fewer rows than there are directions."""
        _, k, width = self.basis.shape
        return product(self.basis.swapaxes(1, 2), self.basis) if k > width else None

    def residuals(self, targets: np.ndarray, strength: float) -> np.ndarray:
        """Return held-out residuals (m, q)."""
        mean, projected = targets.mean(axis=0), product(self.factors.u.T, targets)
        out = scratch((len(targets), targets.shape[1]))
        for part in self._parts:
            for rows, solved in zip(part.rows, part.residuals_at(targets, mean, projected, strength), strict=True):
                out[rows] = solved[: len(rows)]
        return out

    @property
    def _parts(self) -> Sequence[RidgeFolds]:
        """The folds that are worked on together: all where they are small, else one at a time, and none is kept."""
        if self.factors.u.size <= TOGETHER:
            return (self,)
        return tuple(RidgeFolds(self.factors, (rows,)) for rows in self.rows)

    def first(self, count: int) -> RidgeFolds:
        """Return the first folds that hold so many rows together."""
        held = np.cumsum([len(rows) for rows in self.rows])
        few = min(len(self.rows), int(np.searchsorted(held, count)) + 1)
        return self if few == len(self.rows) else RidgeFolds(self.factors, self.rows[:few])

    def choose(self, targets: np.ndarray) -> float:
        """Return the strength with the smallest held-out error."""
        mean, projected = targets.mean(axis=0), product(self.factors.u.T, targets)
        few = self.first(CHOICE_ROWS)
        best, best_error = STRENGTHS[-1], np.inf
        for strength in STRENGTHS[::-1]:
            error = float((few.residuals_at(targets, mean, projected, strength) ** 2).sum())
            if error < best_error * NEARLY:
                best, best_error = strength, error
            elif error > best_error * GIVEN_UP:
                break
        return best

    def residuals_at(self, targets: np.ndarray, mean: np.ndarray, projected: np.ndarray, strength: float) -> np.ndarray:
        """Return held-out residuals of targets, given their means and their products with u, fold by fold, (f, k, q)."""
        gain = ridge_shrinkage(self.factors, strength)
        shrunk = np.append(gain, 1.0)  # the intercept is not shrunk
        r = _side_by_side(targets, self.rows, mean)
        r -= product(self.basis[:, :, :-1], gain[:, None] * projected)
        if self.grams is None:
            return _solve_all(np.eye(r.shape[1]) - product(self.basis * shrunk, self.basis.swapaxes(1, 2)), r)
        root = np.sqrt(shrunk)
        w = self.basis * root
        inner = np.eye(len(root)) - self.grams * root * root[:, None]
        r += product(w, _solve_all(inner, product(w.swapaxes(1, 2), r)))
        return r


def _side_by_side(values: np.ndarray, rows: Sequence[np.ndarray], mean: np.ndarray | float = 0.0) -> np.ndarray:
    """Return the given rows of (m, q) less a mean as (f, k, q), k the most rows of any; what is missing is zero."""
    out = scratch((len(rows), max(len(chosen) for chosen in rows), values.shape[1]))
    out[...] = 0.0
    for place, chosen in zip(out, rows, strict=True):
        np.subtract(values[chosen], mean, out=place[: len(chosen)])
    return out


def _solve_all(matrices: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solve positive definite systems (f, k, k) for (f, k, q): small ones in one call, large ones by Cholesky one by one."""
    device = device_for(float(matrices.size) * (matrices.shape[1] + right.shape[2]))
    if device is not None:
        return device.call(device.xp.linalg.solve, matrices, right)
    if matrices.shape[1] <= SMALL:
        return np.linalg.solve(matrices, right)
    return np.stack([solve(a, b, assume_a="pos") for a, b in zip(matrices, right, strict=True)])


def ridge_matrix(x: np.ndarray, factors: RidgeFactors, targets: np.ndarray, strength: float) -> np.ndarray:
    """Return the coefficients (n, q) of the map from the centred source, whose factors are given, to the centred targets."""
    gain = factors.s / (factors.s**2 + strength * len(factors.u))
    return product(factors.right(x).T, gain[:, None] * product(factors.u.T, targets))


@dataclass(frozen=True, eq=False)
class KernelFactors:
    """Eigenvalues (k,) and eigenvectors (k, k) of one kernel matrix."""

    values: np.ndarray
    vectors: np.ndarray

    @cached_property
    def single(self) -> np.ndarray:
        """The eigenvectors in single precision, row by row in memory."""
        return np.ascontiguousarray(self.vectors, dtype=np.float32)

    @cached_property
    def inverse_diagonals(self) -> np.ndarray:
        """The diagonals of (K + a I)^-1 for all `STRENGTHS`, (k, strengths)."""
        return self.vectors**2 @ (1.0 / (self.values[:, None] + np.asarray(STRENGTHS)))


def kernel_factors(kernel: np.ndarray) -> KernelFactors:
    """Return the eigendecomposition of a kernel matrix, negative rounding set to zero."""
    w, u = symmetric_eigen(kernel, in_place=True)
    return KernelFactors(np.maximum(w, 0.0), u)


def kernel_losses(
    factors: KernelFactors, targets: np.ndarray, clusters: np.ndarray, strengths: Sequence[float] = STRENGTHS
) -> np.ndarray:
    """Return the squared held-out error for every strength, leaving out one cluster at a time.

    `clusters` are fold numbers or cluster numbers; with one row each this is exact leave-one-out.
    """
    u = factors.vectors
    m, columns = targets.shape
    g = 1.0 / (factors.values[:, None] + np.asarray(strengths))  # (k, strengths): all strengths in one product
    projected = product(u.T, targets)
    stacked = (g[:, :, None] * projected[:, None, :]).reshape(len(g), -1)
    coefficients = product(u, stacked).reshape(m, len(strengths), columns)
    if len(np.unique(clusters)) == m:
        diagonals = factors.inverse_diagonals if strengths is STRENGTHS else u**2 @ g
        return (np.einsum("msk,msk->ms", coefficients, coefficients) / diagonals**2).sum(axis=0)
    return np.array([_cluster_loss(u, g[:, i], coefficients[:, i], clusters) for i in range(len(strengths))])


def _cluster_loss(u: np.ndarray, g: np.ndarray, coefficients: np.ndarray, clusters: np.ndarray) -> float:
    loss = 0.0
    for cluster in range(int(clusters.max()) + 1):
        f = np.flatnonzero(clusters == cluster)
        if f.size:
            block = product(u[f] * g, u[f].T)
            loss += float((solve(block, coefficients[f], assume_a="pos") ** 2).sum())
    return loss


def factored_fold_residuals(
    factors: KernelFactors, targets: np.ndarray, folds: np.ndarray, strength: float
) -> np.ndarray:
    """Return held-out residuals (m, q) of kernel ridge regression, every fold left out in turn.

    From an eigendecomposition; (K + a I)^-1 is formed in the folds' blocks only.
    """
    u, g = factors.vectors, 1.0 / (factors.values + strength)
    coefficients = product(u, g[:, None] * product(u.T, targets))
    root = u * np.sqrt(g)
    return _fold_residuals(lambda f: product(root[f], root[f].T), coefficients, folds)


def _fold_residuals(
    block: Callable[[np.ndarray], np.ndarray], coefficients: np.ndarray, folds: np.ndarray
) -> np.ndarray:
    rows = tuple(np.flatnonzero(folds == fold) for fold in range(int(folds.max()) + 1))
    size = max(len(f) for f in rows)
    blocks = np.broadcast_to(np.eye(size), (len(rows), size, size)).copy()
    for place, f in zip(blocks, rows, strict=True):
        place[: len(f), : len(f)] = block(f)
    held_out = np.empty_like(coefficients)
    for f, solved in zip(rows, _solve_all(blocks, _side_by_side(coefficients, rows)), strict=True):
        held_out[f] = solved[: len(f)]
    return held_out
