import numpy as np
import pytest

from conjugacy.numerics.spectral import LARGE, leading_components, principal_components


@pytest.fixture(scope="module")
def wide() -> np.ndarray:
    rng = np.random.default_rng(0)
    sizes = np.concatenate([np.linspace(9.0, 3.0, 6), np.full(60, 0.1)])
    x = (rng.standard_normal((LARGE + 76, 66)) * sizes) @ rng.standard_normal((66, LARGE + 26)) / 30
    return x - x.mean(axis=0)


def test_leading_coordinates_of_large_arrays_are_the_principal_ones(wide: np.ndarray) -> None:
    points, loadings = leading_components(wide, 6)
    want, _ = principal_components(wide, keep=1.0, most=6)
    np.testing.assert_allclose(points, want, atol=1e-6 * np.abs(want).max())
    np.testing.assert_allclose(loadings.T @ loadings, np.eye(6), atol=1e-10)
    np.testing.assert_allclose(wide @ loadings, points, atol=1e-6 * np.abs(want).max())


def test_the_order_of_units_does_not_matter(wide: np.ndarray) -> None:
    order = np.random.default_rng(1).permutation(wide.shape[1])
    np.testing.assert_allclose(
        leading_components(wide[:, order], 6)[0], leading_components(wide, 6)[0], atol=1e-8 * np.abs(wide).max()
    )


def test_few_rows_have_few_coordinates() -> None:
    x = np.outer(np.arange(5.0) - 2, [1.0, 2.0, 0.0])
    points, loadings = leading_components(x, 3)
    assert points.shape == (5, 1)
    assert loadings.shape == (3, 1)
