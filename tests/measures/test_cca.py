"""CCA, SVCCA and PWCCA against scikit-learn, the textbook, closed forms, and networks that share nothing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import eigh, sqrtm
from sklearn.cross_decomposition import CCA as Iterative

import conjugacy as cj
from conjugacy.measures.cca import CCA
from conjugacy.measures.pwcca import PWCCA
from conjugacy.measures.svcca import SVCCA


def related(rng: np.random.Generator, m: int = 90, n: int = 6, p: int = 4) -> tuple[np.ndarray, np.ndarray]:
    z = rng.standard_normal((m, 4))
    return tuple(z @ rng.standard_normal((4, k)) + rng.standard_normal((m, k)) + 3.0 for k in (n, p))


def by_eigenvalues(x: np.ndarray, y: np.ndarray, ridge: float = 0.0) -> np.ndarray:
    """Canonical directions as the generalised eigenvectors of the textbook; the correlations of their variates."""
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    sxx, syy = (v.T @ v + ridge * np.linalg.eigvalsh(v.T @ v)[-1] * np.eye(v.shape[1]) for v in (x, y))
    sxy, k = x.T @ y, min(x.shape[1], y.shape[1])
    left = eigh(sxy @ np.linalg.solve(syy, sxy.T), sxx)[1][:, ::-1][:, :k]
    right = np.linalg.solve(syy, sxy.T @ left)
    zx, zy = x @ left, y @ right
    return (zx * zy).sum(axis=0) / np.linalg.norm(zx, axis=0) / np.linalg.norm(zy, axis=0)


@pytest.mark.parametrize(("n", "p"), [(6, 4), (3, 9), (5, 5), (1, 1)])
def test_the_textbook_and_scikit_learn(n: int, p: int, rng: np.random.Generator) -> None:
    x, y = related(rng, n=n, p=p)
    value = CCA()(x, y).value
    assert value == pytest.approx(by_eigenvalues(x, y).mean(), abs=1e-9)
    k = min(n, p)
    zx, zy = Iterative(k, tol=1e-12, max_iter=20_000).fit_transform(x, y)
    theirs = [np.corrcoef(zx[:, i], zy[:, i])[0, 1] for i in range(k)]
    assert value == pytest.approx(np.mean(theirs), abs=1e-6)


@pytest.mark.parametrize("ridge", [1e-3, 0.1, 1.0])
def test_the_textbook_with_a_ridge(ridge: float, rng: np.random.Generator) -> None:
    x, y = related(rng)
    assert CCA(ridge=ridge)(x, y).value == pytest.approx(by_eigenvalues(x, y, ridge).mean(), abs=1e-9)
    assert CCA(ridge=ridge)(x, x).value == pytest.approx(1.0, abs=1e-12)


def test_svcca_is_cca_of_principal_components(rng: np.random.Generator) -> None:
    x, y = related(rng, n=12, p=9)
    parts = []
    for v in (x, y):
        u, s, _ = np.linalg.svd(v - v.mean(axis=0), full_matrices=False)
        keep = int(np.argmax(np.cumsum(s**2) >= 0.9 * (s**2).sum())) + 1
        parts.append(u[:, :keep] * s[:keep])
    assert parts[0].shape[1] < 12
    assert SVCCA(variance=0.9)(x, y).value == pytest.approx(by_eigenvalues(*parts).mean(), abs=1e-9)
    assert SVCCA(variance=1.0)(x, y).value == pytest.approx(CCA()(x, y).value, abs=1e-12)


def test_pwcca_by_its_definition(rng: np.random.Generator) -> None:
    x, y = (v - v.mean(axis=0) for v in related(rng))
    whiten_x, whiten_y = (np.linalg.inv(np.real(sqrtm(v.T @ v))) for v in (x, y))
    left, rho, _ = np.linalg.svd(whiten_x @ (x.T @ y) @ whiten_y, full_matrices=False)
    variates = x @ whiten_x @ left
    weights = np.abs(variates.T @ x).sum(axis=1)
    assert PWCCA()(x, y).value == pytest.approx(weights @ rho / weights.sum(), abs=1e-9)


def test_known_correlations() -> None:
    # orthonormal columns: correlations are the cosines that were put in
    t = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    f = np.column_stack([g(k * t) for k in (1, 2, 3, 4) for g in (np.cos, np.sin)])
    cosines = np.array([1.0, 0.8, 0.3])
    y = f[:, :3] * cosines + f[:, 3:6] * np.sqrt(1 - cosines**2)
    assert CCA()(f[:, :3] @ np.array([[1, 2, 0], [0, 1, 5], [3, 0, 1.0]]), y).value == pytest.approx(0.7, abs=1e-12)
    # weights proportional to the gains of the units
    gains = np.array([1.0, 2.0, 7.0])
    assert PWCCA()(f[:, :3] * gains, y).value == pytest.approx(gains @ cosines / gains.sum(), abs=1e-12)


@pytest.mark.parametrize("measure", [CCA, SVCCA, PWCCA])
def test_independent_wide_networks_are_not_called_alike(measure: type[cj.Measure]) -> None:
    """As many units as stimuli: perfect in sample, whatever they are; the status says it, and held-out rows know better."""
    x, y = np.random.default_rng(0).standard_normal((2, 40, 200))
    score = measure()(x, y)
    assert score.value > 0.95
    assert score.status is cj.Status.TOO_FEW_ROWS
    held_out = [
        measure(folds=5, ridge=0.1)(*np.random.default_rng(s).standard_normal((2, 40, 200))).value for s in range(10)
    ]
    assert abs(np.mean(held_out)) < 4 * np.std(held_out) / np.sqrt(10) + 0.02


@pytest.mark.parametrize("measure", [CCA, SVCCA, PWCCA])
def test_held_out_correlations(measure: type[cj.Measure]) -> None:
    rng = np.random.default_rng(3)
    z = rng.standard_normal((4000, 3))
    noise = 0.5
    x, y = (z @ np.linalg.qr(rng.standard_normal((3, 3)))[0] + noise * rng.standard_normal((4000, 3)) for _ in range(2))
    truth = 1 / (1 + noise**2)
    assert measure(folds=5)(x, y).value == pytest.approx(truth, abs=0.03)
    small = [measure(folds=5)(x[i : i + 30], y[i : i + 30]).value for i in range(0, 3000, 30)]
    in_sample = [measure()(x[i : i + 30], y[i : i + 30]).value for i in range(0, 3000, 30)]
    assert np.mean(small) < truth
    assert measure(folds=5)(x, x).value == pytest.approx(1.0, abs=1e-9)
    independent = [measure()(x[i : i + 30], y[i + 30 : i + 60]).value for i in range(0, 2900, 60)]
    assert np.mean(independent) > 0.2  # in sample, of nothing
    assert np.mean(in_sample) > np.mean(small)


@pytest.mark.parametrize("measure", [CCA, SVCCA, PWCCA])
def test_what_cannot_be_compared_and_wrong_knobs(measure: type[cj.Measure], rng: np.random.Generator) -> None:
    x = rng.standard_normal((20, 3))
    assert measure()(x, np.ones((20, 2))).status is cj.Status.DEGENERATE
    assert measure(folds=30)(x, x).status is cj.Status.TOO_FEW_ROWS
    assert measure()(x, np.column_stack([x, np.ones(20)])).value == pytest.approx(1.0)
    with pytest.raises(cj.ConjugacyError, match="folds"):
        measure(folds=1)
    with pytest.raises(cj.ConjugacyError, match="ridge"):
        measure(ridge=-1.0)
    with pytest.raises(cj.ConjugacyError, match="variance"):
        SVCCA(variance=0.0)
