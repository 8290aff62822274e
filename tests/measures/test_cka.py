"""CKA against the textbook's kernels, closed forms and its own null."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

import conjugacy as cj
from conjugacy.measures.cka import CKA


def hsic_unbiased(k: np.ndarray, l: np.ndarray) -> float:  # noqa: E741
    """Song et al. 2012, equation 5, as printed."""
    m = len(k)
    k, l = k - np.diag(np.diag(k)), l - np.diag(np.diag(l))  # noqa: E741
    one = np.ones(m)
    inner = np.trace(k @ l) + (one @ k @ one) * (one @ l @ one) / ((m - 1) * (m - 2)) - 2 / (m - 2) * one @ k @ l @ one
    return float(inner / (m * (m - 3)))


def hsic_biased(k: np.ndarray, l: np.ndarray) -> float:  # noqa: E741
    h = np.eye(len(k)) - 1 / len(k)
    return float(np.trace(k @ h @ l @ h))


def naive(x: np.ndarray, y: np.ndarray, hsic) -> float:
    k, l = x @ x.T, y @ y.T  # noqa: E741
    return hsic(k, l) / np.sqrt(hsic(k, k) * hsic(l, l))


@pytest.mark.parametrize(("n", "p"), [(3, 5), (40, 7), (200, 90), (60, 60)])
@pytest.mark.parametrize("debiased", [True, False])
def test_the_textbook(n: int, p: int, debiased: bool, rng: np.random.Generator) -> None:
    z = rng.standard_normal((60, 3))
    x, y = (z @ rng.standard_normal((3, k)) + 0.3 * rng.standard_normal((60, k)) + 0.5 for k in (n, p))
    expected = naive(x, y, hsic_unbiased if debiased else hsic_biased)
    assert CKA(debiased=debiased)(x, y).value == pytest.approx(expected, abs=1e-10)


def test_one_unit_each_is_the_squared_correlation(rng: np.random.Generator) -> None:
    x, y = rng.standard_normal((2, 50))
    expected = np.corrcoef(x, y + x)[0, 1] ** 2
    assert CKA(debiased=False)(x[:, None], (y + x)[:, None]).value == pytest.approx(expected, abs=1e-12)


def test_independent_wide_networks_give_zero_only_when_debiased() -> None:
    values, biased = [], []
    for seed in range(30):
        x, y = np.random.default_rng(seed).standard_normal((2, 30, 200))
        values.append(CKA()(x, y).value)
        biased.append(CKA(debiased=False)(x, y).value)
    assert abs(np.mean(values)) < 4 * np.std(values) / np.sqrt(30)
    assert min(values) < 0 < max(values)
    assert np.mean(biased) > 0.8


def test_a_negative_value_has_similarity_zero_and_distance_one() -> None:
    scores = [CKA()(*np.random.default_rng(s).standard_normal((2, 30, 50))) for s in range(10)]
    below = [s for s in scores if s.value < 0]
    assert below
    assert all(s.similarity() == 0.0 and s.distance() == 1.0 for s in below)


@pytest.mark.parametrize("change", [lambda x: x * 1e-8, lambda x: x + 1e6, lambda x: 1e8 * x - 1e10])
def test_units_of_measurement_do_not_matter(change, rng: np.random.Generator) -> None:
    x = rng.standard_normal((80, 10))
    y = np.tanh(x[:, :4])
    assert CKA()(change(x), y).value == pytest.approx(CKA()(x, y).value, abs=1e-8)


def test_what_cannot_be_compared_has_a_status(rng: np.random.Generator) -> None:
    x = rng.standard_normal((20, 3))
    dead = CKA()(x, np.full((20, 2), 0.1))
    assert dead.status is cj.Status.DEGENERATE
    assert np.isnan(dead.value)
    assert dead.similarity() == 0.0
    assert CKA()(x[:3], x[:3]).status is cj.Status.TOO_FEW_ROWS
    assert CKA()(x[:4], x[:4]).status is cj.Status.OK


def test_silent_units_are_left_out(rng: np.random.Generator) -> None:
    x, y = rng.standard_normal((2, 40, 4))
    padded = np.column_stack([x, np.full(40, 1e6 + 0.1), np.zeros(40)])
    assert CKA()(padded, y).value == pytest.approx(CKA()(x, y).value, abs=1e-12)


@pytest.mark.parametrize("units", [10, 9, 14])
def test_stimuli_that_are_all_equally_alike_have_no_debiased_value(units: int, rng: np.random.Generator) -> None:
    # one-hot rows: the kernel without its diagonal is constant, and what rounding leaves of it must not become a value
    x = 7.3 * np.eye(10, units) + 0.1
    if units == 9:
        x = np.linalg.svd(np.eye(10) - 0.1)[0][:, :9]  # the same simplex in as many units as it has dimensions
    for score in (CKA()(x, rng.standard_normal((10, 3))), CKA()(rng.standard_normal((10, 3)), x), CKA()(x, x)):
        assert score.status is cj.Status.TOO_FEW_ROWS
        assert np.isnan(score.value)
        assert score.similarity() == 0.0
    assert CKA(debiased=False)(x, x).value == pytest.approx(1.0)


@pytest.mark.parametrize("m", [1, 2, 3])
def test_very_few_rows_are_a_status_and_no_error(m: int, rng: np.random.Generator) -> None:
    x, y = rng.standard_normal((2, m, 3))
    assert CKA()(x, y).status is (cj.Status.DEGENERATE if m == 1 else cj.Status.TOO_FEW_ROWS)


@pytest.mark.parametrize("bandwidth", [0.4, 1.0])
@pytest.mark.parametrize("debiased", [True, False])
def test_the_textbook_with_a_gaussian_kernel(bandwidth: float, debiased: bool, rng: np.random.Generator) -> None:
    z = rng.standard_normal((60, 3))
    x, y = z @ rng.standard_normal((3, 5)), np.tanh(z @ rng.standard_normal((3, 80)))
    kernels = []
    for v in (x, y):
        squared = pdist(v, "sqeuclidean")
        kernels.append(np.exp(-squareform(squared) / (2 * bandwidth**2 * np.median(squared))))
    hsic = hsic_unbiased if debiased else hsic_biased
    k, l = kernels  # noqa: E741
    expected = hsic(k, l) / np.sqrt(hsic(k, k) * hsic(l, l))
    assert CKA(debiased=debiased, kernel="rbf", bandwidth=bandwidth)(x, y).value == pytest.approx(expected, abs=1e-9)


def test_a_gaussian_kernel_sees_what_a_linear_one_does_not(rng: np.random.Generator) -> None:
    angle = rng.uniform(0, 2 * np.pi, 300)
    one, double = (np.column_stack([np.cos(k * angle), np.sin(k * angle)]) for k in (1, 2))
    assert abs(CKA()(one, double).value) < 0.02
    assert CKA(kernel="rbf", bandwidth=0.2)(one, double).value > 0.2


@pytest.mark.parametrize("kernel", ["linear", "rbf"])
@pytest.mark.parametrize("debiased", [True, False])
@pytest.mark.parametrize("size", [1, 2, 7, 64, 200])
def test_the_size_of_batches_changes_nothing(
    size: int, debiased: bool, kernel: Literal["linear", "rbf"], rng: np.random.Generator
) -> None:
    x = rng.standard_normal((130, 6)) * np.geomspace(1, 10, 6) + 1e5
    y = np.tanh(x[:, :3] - 1e5) - 3.0
    cka = CKA(debiased=debiased, kernel=kernel)
    whole = cka(x, y).value
    batches = [(x[i : i + size], y[i : i + size]) for i in range(0, 130, size)]
    assert cka.over_batches(batches).value == pytest.approx(whole, abs=1e-10)
    assert cka.over_batches((p, p) for p, _ in batches).value == pytest.approx(1.0, abs=1e-10)


def test_batches_that_cannot_be_compared(rng: np.random.Generator) -> None:
    x, y = rng.standard_normal((2, 20, 3))
    assert CKA().over_batches([(x, np.full((20, 2), 0.1))]).status is cj.Status.DEGENERATE
    assert CKA().over_batches([(x[:3], y[:3])]).status is cj.Status.TOO_FEW_ROWS
    with pytest.raises(cj.ConjugacyError, match="batch 1"):
        CKA().over_batches([(x, y), (x, y[:, :2])])
    with pytest.raises(cj.ConjugacyError, match="rows"):
        CKA().over_batches([(x, y[:9])])
    with pytest.raises(cj.ConjugacyError, match="no batch"):
        CKA().over_batches([])
    with pytest.raises(cj.ConjugacyError, match="bandwidth"):
        CKA(bandwidth=0.0)
