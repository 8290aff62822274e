"""Leading principal coordinates in place of all columns, and bounds of what that can change."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from conjugacy.numerics.columns import unit_norm
from conjugacy.numerics.device import product, symmetric_eigen


@dataclass(frozen=True, eq=False)
class Cut:
    """What the leading principal coordinates of columns X of Frobenius norm 1 left out.

    Attributes
    ----------
    squares : array, (n,)
        Squared singular values of X, the largest first; they sum to 1.
    count : int
        Coordinates kept.
    row_norms : array, (m,)
        Squared row norms of X.
    """

    squares: np.ndarray
    count: int
    row_norms: np.ndarray

    @cached_property
    def kept(self) -> float:
        """Share of the variance that was kept, |X_r|^2."""
        return min(1.0, float(self.squares[: self.count].sum()))

    @cached_property
    def roots(self) -> np.ndarray:
        """Singular values of X, (n,)."""
        return np.sqrt(self.squares)

    def take(self, rows: np.ndarray | slice) -> Cut:
        """Return the same with the rows in another order."""
        return self if isinstance(rows, slice) else Cut(self.squares, self.count, self.row_norms[rows])


def leading_coordinates(x: np.ndarray, variance: float) -> tuple[np.ndarray, Cut]:
    """Return the fewest principal coordinates that hold so much of the variance, scaled to norm 1, and what they left out.

    Parameters
    ----------
    x : array, (m, n)
        Centred columns of Frobenius norm 1.
    variance : float
        Share of the sum of squares to keep.

    Examples
    --------
    >>> kept, cut = leading_coordinates(np.diag([0.8, 0.6]), 0.6)
    >>> kept.shape, round(cut.kept, 12)
    ((2, 1), 0.64)
    """
    values, vectors = symmetric_eigen(product(x.T, x))
    squares = np.maximum(values[::-1], 0.0)
    share = np.cumsum(squares) / float(squares.sum())
    count = min(len(squares), int(np.searchsorted(share, variance - 1e-12)) + 1)
    kept = product(x, vectors[:, ::-1][:, :count])
    return unit_norm(kept), Cut(squares, count, np.einsum("ij,ij->i", x, x))


def cross_range(a: Cut, b: Cut, cross: float) -> tuple[float, float]:
    """Return between what |X^T Y|_F^2 lies, given |X_r^T Y_r|_F^2 of the leading coordinates scaled to norm 1.

    With X = [X_r, E] and Y = [Y_r, F] in principal coordinates |X^T Y|^2 = |X_r^T Y_r|^2 + |E^T Y|^2 + |X_r^T F|^2, and by
    von Neumann's trace inequality |E^T Y|^2 = tr(E E^T Y Y^T) <= sum_i s_i(E)^2 s_i(Y)^2, singular values in falling order.
    """
    low = cross * a.kept * b.kept
    return low, low + _missed(a.squares, a.count, b.squares, b.count)


def cosine_range(a: Cut, b: Cut, cosine: float) -> tuple[float, float]:
    """Return between what |X^T Y|_* lies, given that of the leading coordinates scaled to norm 1; both are cosines.

    The narrower of two ranges: |X_r^T Y_r|_* <= |X^T Y|_* <= |X_r^T Y_r|_* + sum_i s_i(E) s_i(Y) + sum_i s_i(X_r) s_i(F), from
    |E^T Y|_* <= sum_i s_i(E) s_i(Y) (Horn and Johnson 1991, theorem 3.3.14); and the angles differ by at most
    arcsin |E| + arcsin |F|, since the angle is a metric and that between X and X_r is arccos |X_r|.
    """
    low = cosine * float(np.sqrt(a.kept * b.kept))
    high = low + _missed(a.roots, a.count, b.roots, b.count)
    angle = float(np.arccos(min(1.0, cosine)))
    slack = float(np.arccos(np.sqrt(a.kept)) + np.arccos(np.sqrt(b.kept)))
    least, most = float(np.cos(min(np.pi, angle + slack))), float(np.cos(max(0.0, angle - slack)))
    return max(low, least), min(high, most, 1.0)


def _missed(x: np.ndarray, kept_x: int, y: np.ndarray, kept_y: int) -> float:
    """Return sum_i x_(r+i) y_i + sum_(i <= r) x_i y_(q+i), or the same with the roles exchanged where that is less."""
    return min(
        _product(x[kept_x:], y) + _product(x[:kept_x], y[kept_y:]),
        _product(y[kept_y:], x) + _product(y[:kept_y], x[kept_x:]),
    )


def _product(x: np.ndarray, y: np.ndarray) -> float:
    k = min(len(x), len(y))
    return float(x[:k] @ y[:k])
