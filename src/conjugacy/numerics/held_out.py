"""Means and products of the rows that remain when a fold is taken out, without going through all of them again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from conjugacy.numerics.device import product


@dataclass(frozen=True, eq=False)
class Remaining:
    """The rows outside one fold: their number, means (p,), (q,), centred squares (p,), (q,) and centred product (p, q)."""

    test: np.ndarray
    mean_x: np.ndarray
    mean_y: np.ndarray
    squares_x: np.ndarray
    squares_y: np.ndarray
    product: np.ndarray


def without_each_fold(x: np.ndarray, y: np.ndarray, folds: np.ndarray, *, single: bool = False) -> Iterator[Remaining]:
    """Yield, fold by fold, what remains of x (m, p) and y (m, q); both centred, so that nothing cancels.

    The sums over all rows are formed once and every fold's own are taken off; products in single precision where that does.
    """
    precision = np.float32 if single else np.float64
    whole = product(x.T.astype(precision, copy=False), y.astype(precision, copy=False))
    sums = [v.sum(axis=0) for v in (x, y)]
    squares = [np.einsum("ij,ij->j", v, v) for v in (x, y)]
    for fold in range(int(folds.max()) + 1):
        test = np.flatnonzero(folds == fold)
        count = len(x) - len(test)
        out_x, out_y = x[test], y[test]
        mean_x, mean_y = (sums[0] - out_x.sum(axis=0)) / count, (sums[1] - out_y.sum(axis=0)) / count
        # with the means beside the rows that are taken out, one product takes both off
        off_x = np.vstack([out_x, np.sqrt(count) * mean_x]).astype(precision, copy=False)
        off_y = np.vstack([out_y, np.sqrt(count) * mean_y]).astype(precision, copy=False)
        rest = product(off_x.T, off_y)
        yield Remaining(
            test=test,
            mean_x=mean_x,
            mean_y=mean_y,
            squares_x=np.maximum(squares[0] - np.einsum("ij,ij->j", out_x, out_x) - count * mean_x**2, 0.0),
            squares_y=np.maximum(squares[1] - np.einsum("ij,ij->j", out_y, out_y) - count * mean_y**2, 0.0),
            product=np.subtract(whole, rest, out=rest),
        )
