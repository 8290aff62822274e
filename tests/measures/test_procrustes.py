"""Procrustes against scipy's, closed forms and small angles."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes
from scipy.spatial import procrustes

import conjugacy as cj
from conjugacy.measures.procrustes import Procrustes


def shape(x: np.ndarray, n: int) -> np.ndarray:
    x = np.pad(x, ((0, 0), (0, n - x.shape[1])))
    x = x - x.mean(axis=0)
    return x / np.linalg.norm(x)


@pytest.mark.parametrize(("n", "p"), [(4, 4), (3, 8), (9, 2), (1, 1), (80, 30)])
def test_scipy_agrees(n: int, p: int, rng: np.random.Generator) -> None:
    x, y = rng.standard_normal((50, n)), rng.standard_normal((50, p))
    y[:, : min(n, p)] += x[:, : min(n, p)]
    a, b = shape(x, max(n, p)), shape(y, max(n, p))
    _, nuclear = orthogonal_procrustes(a, b)
    score = Procrustes()(x, y)
    assert score.similarity() == pytest.approx(nuclear, abs=1e-10)
    assert score.value == pytest.approx(np.arccos(nuclear), abs=1e-8)
    assert procrustes(a, b)[2] == pytest.approx(1 - score.similarity() ** 2, abs=1e-10)


@pytest.mark.parametrize("angle", [1e-7, 1e-4, 0.05, 0.3, 1.0])
def test_known_angles(angle: float) -> None:
    # orthonormal centred columns: cos x + sin y lies at exactly this angle from x, one unit each
    t = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    x, y = np.cos(t)[:, None], np.sin(t)[:, None]
    assert Procrustes()(x, np.cos(angle) * x + np.sin(angle) * y).value == pytest.approx(angle, rel=1e-6)


@pytest.mark.parametrize("angle", [1e-5, 1e-3, 0.1, 1.0])
def test_what_only_the_wider_network_holds_counts(angle: float) -> None:
    t = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    x, wide = np.cos(t)[:, None], np.column_stack([np.cos(angle) * np.cos(t), np.sin(angle) * np.sin(t)])
    assert Procrustes()(x, wide).value == pytest.approx(angle, rel=1e-6)
    assert Procrustes()(wide, x).value == pytest.approx(angle, rel=1e-6)


def test_a_network_and_its_rotation_are_at_zero(rng: np.random.Generator) -> None:
    x = rng.standard_normal((100, 12))
    q = np.linalg.qr(rng.standard_normal((15, 15)))[0][:12]
    assert Procrustes()(x, x).value < 1e-13
    assert Procrustes()(x, 1e-8 * x @ q + 3.0).value < 1e-7


def test_orthogonal_networks_are_at_a_right_angle() -> None:
    t = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    score = Procrustes()(np.cos(t)[:, None], np.sin(t)[:, None])
    assert score.value == pytest.approx(np.pi / 2)
    assert score.similarity() == pytest.approx(0.0, abs=1e-12)


def test_more_units_than_stimuli_is_said(rng: np.random.Generator) -> None:
    x, y = rng.standard_normal((2, 10, 40))
    assert Procrustes()(x, y).status is cj.Status.TOO_FEW_ROWS
    assert Procrustes()(x[:, :9], y[:, :9]).status is cj.Status.OK
    assert Procrustes()(x, np.ones((10, 2))).status is cj.Status.DEGENERATE
