"""Nuclear norms against singular values, where eigenvalues are exact enough and where they are not."""

from __future__ import annotations

import numpy as np
import pytest

from conjugacy.numerics.nuclear import nuclear_norms


def with_values(values: np.ndarray, rows: int, columns: int, rng: np.random.Generator) -> np.ndarray:
    """A matrix of the given singular values."""
    k = len(values)
    u, v = (np.linalg.qr(rng.standard_normal((n, k)))[0] for n in (rows, columns))
    return (u * values) @ v.T


@pytest.mark.parametrize("smallest", [1e-2, 1e-4, 1e-6, 1e-8, 1e-12, 0.0])
@pytest.mark.parametrize(("rows", "columns"), [(40, 40), (70, 30), (30, 70)])
def test_known_singular_values(smallest: float, rows: int, columns: int, rng: np.random.Generator) -> None:
    values = np.geomspace(1.0, smallest or 1e-20, 30)
    found = nuclear_norms([with_values(values, rows, columns, rng)])[0]
    # a root of rounding would show as 1e-8 for each value that is nothing
    assert found == pytest.approx(values.sum(), rel=1e-11)


def test_many_small_values_beside_a_large_one(rng: np.random.Generator) -> None:
    values = np.r_[1.0, np.full(199, 1e-7)]
    assert nuclear_norms([with_values(values, 200, 200, rng)])[0] == pytest.approx(values.sum(), abs=1e-12)


@pytest.mark.parametrize("noise", [1e-1, 1e-3, 1e-5])
def test_products_of_noisy_networks(noise: float, rng: np.random.Generator) -> None:
    z = rng.standard_normal((300, 5))
    x, y = (np.tanh(z @ rng.standard_normal((5, 40))) + noise * rng.standard_normal((300, 40)) for _ in range(2))
    product = x.T @ y
    assert nuclear_norms([product])[0] == pytest.approx(np.linalg.svd(product, compute_uv=False).sum(), rel=1e-10)


def test_nothing_and_single_columns(rng: np.random.Generator) -> None:
    x = rng.standard_normal((6, 1))
    assert nuclear_norms([np.zeros((3, 2)), x, x.T]) == pytest.approx([0.0, *2 * [np.linalg.norm(x)]], abs=1e-14)


def test_a_matrix_has_the_same_bits_in_any_company(rng: np.random.Generator) -> None:
    shapes = [(8, 8), (8, 5), (64, 64), (33, 64), (8, 8), (64, 64), (33, 40)]
    matrices = [rng.standard_normal(shape) for shape in shapes]
    alone = [nuclear_norms([m])[0].hex() for m in matrices]
    for _ in range(5):
        some = rng.permutation(len(matrices))[:3]
        assert [v.hex() for v in nuclear_norms([matrices[i] for i in some])] == [alone[i] for i in some]
