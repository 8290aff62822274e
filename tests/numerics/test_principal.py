"""What leading principal coordinates leave out: the bounds hold for random and for adverse columns, and are attained."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from conjugacy.numerics.principal import cosine_range, cross_range, leading_coordinates

M = 60


def unit(x: np.ndarray) -> np.ndarray:
    x = x - x.mean(axis=0)
    return x / np.linalg.norm(x)


def basis(rng: np.random.Generator) -> np.ndarray:
    """Orthonormal centred columns."""
    return np.linalg.qr(np.column_stack([np.ones(M), rng.standard_normal((M, 30))]))[0][:, 1:]


def unrelated(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return unit(rng.standard_normal((M, 12))), unit(rng.standard_normal((M, 9)))


def shared_signal(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    z = rng.standard_normal((M, 3))
    x, y = (np.tanh(z @ rng.standard_normal((3, n))) + 0.1 * rng.standard_normal((M, n)) for n in (20, 14))
    return unit(x), unit(y)


def what_is_left_out_is_shared(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Large directions have nothing in common, small ones are the same."""
    q, s = basis(rng), np.r_[np.full(3, 1.0), np.full(8, 0.2)]
    return unit(q[:, :11] * s), unit(q[:, [20, 21, 22, *range(3, 11)]] * s)


def small_in_one_is_large_in_the_other(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    q = basis(rng)
    return unit(q[:, :8] * np.r_[np.ones(4), np.full(4, 0.3)]), unit(q[:, :8] * np.r_[np.full(4, 0.3), np.ones(4)])


PAIRS = (unrelated, shared_signal, what_is_left_out_is_shared, small_in_one_is_large_in_the_other)


@pytest.mark.parametrize("variance", [0.3, 0.8, 0.95, 0.999])
@pytest.mark.parametrize("pair", PAIRS)
def test_all_columns_lie_in_the_stated_range(
    pair: Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]], variance: float
) -> None:
    for seed in range(10):
        x, y = pair(np.random.default_rng(seed))
        (xr, cut_x), (yr, cut_y) = leading_coordinates(x, variance), leading_coordinates(y, variance)
        assert cut_x.kept >= variance - 1e-9
        for one, other, a, b in ((xr, yr, cut_x, cut_y), (yr, xr, cut_y, cut_x)):
            product = one.T @ other
            low, high = cross_range(a, b, float((product**2).sum()))
            assert low - 1e-12 <= ((x.T @ y) ** 2).sum() <= high + 1e-12
            low, high = cosine_range(a, b, float(np.linalg.svd(product, compute_uv=False).sum()))
            assert low - 1e-7 <= np.linalg.svd(x.T @ y, compute_uv=False).sum() <= high + 1e-7


def test_both_bounds_are_attained(rng: np.random.Generator) -> None:
    q = basis(rng)
    x, y = q[:, :2] * np.sqrt([0.6, 0.4]), q[:, 1:2]  # y is what x leaves out
    (xr, cut_x), (yr, cut_y) = leading_coordinates(x, 0.5), leading_coordinates(y, 0.5)
    assert xr.shape[1] == yr.shape[1] == 1
    assert cross_range(cut_x, cut_y, float(((xr.T @ yr) ** 2).sum())) == pytest.approx((0.0, 0.4), abs=1e-12)
    assert ((x.T @ y) ** 2).sum() == pytest.approx(0.4)
    assert cosine_range(cut_x, cut_y, float(np.abs(xr.T @ yr)[0, 0])) == pytest.approx((0.0, np.sqrt(0.4)), abs=1e-7)
    assert np.abs(x.T @ y).max() == pytest.approx(np.sqrt(0.4))


def test_all_of_the_variance_leaves_nothing_out(rng: np.random.Generator) -> None:
    x, y = shared_signal(rng)
    (xr, cut_x), (yr, cut_y) = leading_coordinates(x, 1.0), leading_coordinates(y, 1.0)
    cross = float(((xr.T @ yr) ** 2).sum())
    assert cross_range(cut_x, cut_y, cross) == pytest.approx(2 * [float(((x.T @ y) ** 2).sum())], abs=1e-12)
