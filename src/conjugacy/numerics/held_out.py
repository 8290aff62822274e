"""Means and products of the rows that remain when a fold is taken out, without going through all of them again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Remaining:
    """The rows outside one fold: their number, means (p,), (q,), centred squares (p,), (q,) and centred product (p, q)."""

    test: np.ndarray
    mean_x: np.ndarray
    mean_y: np.ndarray
    squares_x: np.ndarray
    squares_y: np.ndarray
    product: np.ndarray


def without_each_fold(x: np.ndarray, y: np.ndarray, folds: np.ndarray) -> Iterator[Remaining]:
    """Yield, fold by fold, what remains of x (m, p) and y (m, q); both centred, so that nothing cancels.

    The sums over all rows are formed once and every fold's own are taken off.
    """
    product = x.T @ y
    sums = [v.sum(axis=0) for v in (x, y)]
    squares = [np.einsum("ij,ij->j", v, v) for v in (x, y)]
    for fold in range(int(folds.max()) + 1):
        test = np.flatnonzero(folds == fold)
        count = len(x) - len(test)
        out_x, out_y = x[test], y[test]
        mean_x, mean_y = (sums[0] - out_x.sum(axis=0)) / count, (sums[1] - out_y.sum(axis=0)) / count
        yield Remaining(
            test=test,
            mean_x=mean_x,
            mean_y=mean_y,
            squares_x=np.maximum(squares[0] - np.einsum("ij,ij->j", out_x, out_x) - count * mean_x**2, 0.0),
            squares_y=np.maximum(squares[1] - np.einsum("ij,ij->j", out_y, out_y) - count * mean_y**2, 0.0),
            product=product - out_x.T @ out_y - count * np.outer(mean_x, mean_y),
        )
