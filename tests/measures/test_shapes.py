"""Shape metrics and the Bures similarity against their definitions, each other, and data in other units."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes, sqrtm

import conjugacy as cj
from conjugacy.measures.bures import Bures
from conjugacy.measures.cca import CCA
from conjugacy.measures.procrustes import Procrustes
from conjugacy.measures.shape import ShapeMetric


def related(rng: np.random.Generator, n: int, p: int) -> tuple[np.ndarray, np.ndarray]:
    z = rng.standard_normal((70, 4))
    return tuple(z @ rng.standard_normal((4, k)) + 0.5 * rng.standard_normal((70, k)) + 2.0 for k in (n, p))


def defined(x: np.ndarray, y: np.ndarray, alpha: float) -> float:
    """Williams et al. 2021: whiten in part by the covariance's root, pad, rotate, take the angle."""
    parts = []
    for v in (x, y):
        v = v - v.mean(axis=0)
        v = v * np.sqrt(v.shape[1]) / np.linalg.norm(v)
        w = v @ (alpha * np.eye(v.shape[1]) + (1 - alpha) * np.linalg.inv(np.real(sqrtm(v.T @ v))))
        w = np.pad(w, ((0, 0), (0, max(x.shape[1], y.shape[1]) - v.shape[1])))
        parts.append(w / np.linalg.norm(w))
    return float(np.arccos(min(1.0, orthogonal_procrustes(*parts)[1])))


@pytest.mark.parametrize("alpha", [0.0, 0.3, 0.5, 1.0])
@pytest.mark.parametrize(("n", "p"), [(5, 5), (3, 7), (8, 2)])
def test_the_definition(n: int, p: int, alpha: float, rng: np.random.Generator) -> None:
    x, y = related(rng, n, p)
    assert ShapeMetric(alpha=alpha)(x, y).value == pytest.approx(defined(x, y, alpha), abs=1e-9)


def test_both_ends(rng: np.random.Generator) -> None:
    x, y = related(rng, 6, 4)
    assert ShapeMetric(alpha=1.0)(x, y).value == pytest.approx(Procrustes()(x, y).value, abs=1e-12)
    cosine = CCA()(x, y).value * 4 / np.sqrt(6 * 4)
    assert ShapeMetric(alpha=0.0)(x, y).similarity() == pytest.approx(cosine, abs=1e-12)


@pytest.mark.parametrize("alpha", [0.0, 0.5])
@pytest.mark.parametrize("scale", [1e-8, 1e-4, 1e8])
def test_units_of_measurement_do_not_decide_what_is_whitened(scale, alpha, rng: np.random.Generator) -> None:
    x, y = related(rng, 6, 4)
    assert ShapeMetric(alpha=alpha)(scale * x, y).value == pytest.approx(ShapeMetric(alpha=alpha)(x, y).value, abs=1e-9)
    assert CCA()(scale * x, y).value == pytest.approx(CCA()(x, y).value, abs=1e-9)
    # whitening is no Procrustes under another name
    assert abs(ShapeMetric(alpha=alpha)(x, y).value - Procrustes()(x, y).value) > 0.01


def test_independent_networks_are_not_identical_without_a_warning() -> None:
    x, y = np.random.default_rng(0).standard_normal((2, 40, 200))
    score = ShapeMetric(alpha=0.0)(x, y)
    assert score.value < 1e-6
    assert score.status is cj.Status.TOO_FEW_ROWS
    judged = ShapeMetric(alpha=0.0).judge(x, y, draws=20)
    assert judged.details["p"] == 1.0


@pytest.mark.parametrize(("n", "p"), [(5, 5), (3, 7), (90, 8)])
def test_the_definition_of_bures(n: int, p: int, rng: np.random.Generator) -> None:
    x, y = related(rng, n, p)
    k, l = ((v - v.mean(axis=0)) @ (v - v.mean(axis=0)).T for v in (x, y))  # noqa: E741
    w, u = np.linalg.eigh(k)
    root = (u * np.sqrt(np.maximum(w, 0))) @ u.T
    fidelity = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ l @ root), 0)).sum()
    score = Bures()(x, y)
    assert score.value == pytest.approx(fidelity / np.sqrt(np.trace(k) * np.trace(l)), abs=1e-6)
    assert score.value == pytest.approx(np.cos(Procrustes()(x, y).value), abs=1e-12)
    assert score.distance() == pytest.approx(np.sqrt(2 - 2 * score.value), abs=1e-7)


def test_networks_of_one_unit() -> None:
    # K = x x^T: the fidelity is |x^T y|, so the similarity is |correlation|
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((2, 40, 1))
    assert Bures()(x, y).value == pytest.approx(abs(np.corrcoef(x[:, 0], y[:, 0])[0, 1]), abs=1e-12)


def test_what_cannot_be_compared(rng: np.random.Generator) -> None:
    x = rng.standard_normal((20, 3))
    for measure in (Bures(), ShapeMetric()):
        assert measure(x, np.ones((20, 2))).status is cj.Status.DEGENERATE
    with pytest.raises(cj.ConjugacyError, match="alpha"):
        ShapeMetric(alpha=1.5)
