"""Traces of roots of tridiagonal matrices against their eigenvalues."""

from __future__ import annotations

import numpy as np
import pytest

from conjugacy.numerics.root_traces import SMALLEST, root_traces


def test_roots_of_numbers_on_the_whole_interval() -> None:
    numbers = np.geomspace(1.01 * SMALLEST, 1.0, 500)[None]
    roots, inverse = root_traces(numbers, np.zeros((0, 500)))
    assert roots == pytest.approx(np.sqrt(numbers[0]), rel=1e-11, abs=1e-14)
    assert inverse == pytest.approx(1.0 / np.sqrt(numbers[0]), rel=1e-12)


def test_smaller_numbers_are_told_by_their_inverse_roots() -> None:
    _, inverse = root_traces(np.array([[0.0, SMALLEST / 1e3, 0.9 * SMALLEST]]), np.zeros((0, 3)))
    assert (inverse > 1.0 / np.sqrt(SMALLEST)).all()


@pytest.mark.parametrize("n", [2, 7, 60])
def test_tridiagonal_matrices(n: int, rng: np.random.Generator) -> None:
    beside = rng.normal(size=(n - 1, 5))
    around = np.zeros((n, 5))
    around[1:] += np.abs(beside)
    around[:-1] += np.abs(beside)
    diagonals = around + rng.uniform(0.01, 1.0, size=(n, 5))
    scale = 2.0 * diagonals.max()
    roots, inverse = root_traces(diagonals / scale, beside / scale)
    for k in range(5):
        full = (np.diag(diagonals[:, k]) + np.diag(beside[:, k], 1) + np.diag(beside[:, k], -1)) / scale
        values = np.linalg.eigvalsh(full)
        assert roots[k] == pytest.approx(np.sqrt(values).sum(), rel=1e-12)
        assert inverse[k] == pytest.approx((1.0 / np.sqrt(values)).sum(), rel=1e-11)
