"""Neighbourhood measures against sets, loops and scikit-learn's neighbours; distance correlation by its definition."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors

import conjugacy as cj
from conjugacy.measures.cka import CKA
from conjugacy.measures.cknna import CKNNA
from conjugacy.measures.cycle_knn import CycleKNN
from conjugacy.measures.distance_correlation import DistanceCorrelation
from conjugacy.measures.mutual_knn import MutualKNN

ALL = (MutualKNN(), CycleKNN(), CKNNA(), DistanceCorrelation())


def related(rng: np.random.Generator, m: int = 70) -> tuple[np.ndarray, np.ndarray]:
    z = rng.standard_normal((m, 3))
    return np.tanh(z @ rng.standard_normal((3, 6))) + 0.4, z @ rng.standard_normal((3, 5)) + 0.5 * rng.standard_normal(
        (m, 5)
    )


def neighbours(x: np.ndarray, k: int, metric: str) -> list[set[int]]:
    found = NearestNeighbors(n_neighbors=k, metric=metric, algorithm="brute").fit(x).kneighbors(return_distance=False)
    return [set(row) for row in found.tolist()]


@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
@pytest.mark.parametrize("k", [1, 4, 20])
def test_sets_of_neighbours(k: int, distance, rng: np.random.Generator) -> None:
    x, y = related(rng)
    a, b = (neighbours(v, k, distance) for v in (x, y))
    shared = np.mean([len(p & q) / k for p, q in zip(a, b, strict=True)])
    assert MutualKNN(k=k, distance_by=distance)(x, y).value == pytest.approx(shared, abs=1e-12)
    home = np.mean([any(i in a[j] for j in b[i]) for i in range(len(x))])
    assert CycleKNN(k=k, distance_by=distance)(x, y).value == pytest.approx(home, abs=1e-12)


@pytest.mark.parametrize("k", [2, 10, 69])
def test_cknna_by_its_loops(k: int, rng: np.random.Generator) -> None:
    x, y = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in related(rng))
    m = len(x)
    a, b = (neighbours(v, k, "cosine") for v in (x, y))

    def hsic(p: np.ndarray, q: np.ndarray, one: list[set[int]], two: list[set[int]]) -> float:
        mask = np.array([[j in one[i] and j in two[i] for j in range(m)] for i in range(m)], dtype=float)
        p, q = mask * p, mask * q
        e = np.ones(m)
        total = np.trace(p @ q) + (e @ p @ e) * (e @ q @ e) / ((m - 1) * (m - 2)) - 2 / (m - 2) * (e @ p @ q @ e)
        return float(total)

    kx, ky = x @ x.T, y @ y.T
    expected = hsic(kx, ky, a, b) / np.sqrt(hsic(kx, kx, a, a) * hsic(ky, ky, b, b))
    assert CKNNA(k=k)(x, y).value == pytest.approx(expected, abs=1e-9)
    if k == m - 1:
        assert CKNNA(k=k)(x, y).value == pytest.approx(CKA()(x, y).value, abs=1e-9)


def test_unrelated_networks_share_neighbours_by_chance(rng: np.random.Generator) -> None:
    x, y = rng.standard_normal((2, 400, 8))
    score = MutualKNN().judge(x, y, draws=20)
    assert score.value == pytest.approx(10 / 399, abs=0.01)
    assert abs(score.details["calibrated"]) < 0.01
    assert abs(CKNNA()(x, y).value) < 0.05


def test_neighbours_by_angle_see_an_offset_and_those_by_distance_do_not(rng: np.random.Generator) -> None:
    x = rng.standard_normal((100, 4))
    assert MutualKNN(distance_by="euclidean")(x, x + 50.0).value == 1.0
    assert MutualKNN()(x, x + 50.0).value < 0.7


def test_a_folded_circle_keeps_its_neighbours_and_loses_its_geometry() -> None:
    turn = np.sort(np.random.default_rng(0).uniform(0, 2 * np.pi, 300))
    circle = np.column_stack([np.cos(turn), np.sin(turn)])
    coil = np.column_stack([np.cos(7 * turn), np.sin(7 * turn), 4 * np.cos(turn), 4 * np.sin(turn)]) * [5, 5, 1, 1]
    assert MutualKNN(k=5, distance_by="euclidean")(circle, coil).value > 0.5
    assert CKA()(circle, coil).value == pytest.approx(16 / np.sqrt(25**2 + 16**2), abs=0.05)


def test_equal_rows_are_ordered_by_number() -> None:
    x = np.repeat(np.eye(3), 4, axis=0)
    assert MutualKNN(k=2, distance_by="euclidean")(x, x).value == 1.0
    assert MutualKNN(k=2)(x, 5 * x).value == 1.0


@pytest.mark.parametrize("debiased", [True, False])
def test_distance_correlation_by_its_definition(debiased: bool, rng: np.random.Generator) -> None:
    x, y = related(rng, 40)
    m, parts = 40, []
    for v in (x, y):
        d = cdist(v, v)
        if debiased:
            a = np.zeros((m, m))
            for i in range(m):
                for j in range(m):
                    if i != j:
                        edge = d[i].sum() / (m - 2) + d[:, j].sum() / (m - 2)
                        a[i, j] = d[i, j] - edge + d.sum() / ((m - 1) * (m - 2))
        else:
            a = d - d.mean(axis=0) - d.mean(axis=1)[:, None] + d.mean()
        parts.append(a)
    a, b = parts
    expected = (a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum())
    assert DistanceCorrelation(debiased=debiased)(x, y).value == pytest.approx(expected, abs=1e-9)


def test_distance_correlation_of_independent_wide_networks() -> None:
    draws = [np.random.default_rng(s).standard_normal((2, 40, 200)) for s in range(20)]
    biased = [DistanceCorrelation(debiased=False)(*d).value for d in draws]
    found = [DistanceCorrelation()(*d).value for d in draws]
    assert min(biased) > 0.9
    assert abs(np.mean(found)) < 4 * np.std(found) / np.sqrt(20)


def test_what_is_dependent_and_uncorrelated_is_seen(rng: np.random.Generator) -> None:
    x = rng.standard_normal((500, 1))
    assert abs(CKA()(x, x**2).value) < 0.05
    assert DistanceCorrelation().judge(x[:150], x[:150] ** 2, draws=40).details["p"] == pytest.approx(1 / 41)


@pytest.mark.parametrize("measure", ALL, ids=lambda m: m.id)
def test_what_cannot_be_compared(measure: cj.Measure, rng: np.random.Generator) -> None:
    x = rng.standard_normal((20, 3))
    assert measure(x, np.ones((20, 2))).status is cj.Status.DEGENERATE
    assert measure(x[:3], x[:3]).status is cj.Status.TOO_FEW_ROWS
    dead_rows = np.where(np.arange(20)[:, None] < 3, 0.0, x)  # rectified units that a few stimuli leave silent
    assert np.isfinite(measure(x, dead_rows).value)


def test_wrong_knobs() -> None:
    for bad in (lambda: MutualKNN(k=0), lambda: CycleKNN(k=0), lambda: CKNNA(k=1)):
        with pytest.raises(cj.ConjugacyError, match="k: got"):
            bad()
    with pytest.raises(cj.ConjugacyError, match="distance_by"):
        MutualKNN(distance_by="manhattan")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["mutual_knn", "cycle_knn", "cknna"])
def test_rows_without_an_angle_are_told(name, rng):
    """Ties fall to the order of rows, which both networks share: independent ones would seem to agree."""
    one = cj.get_measure(name)(rng.random((200, 1)), rng.random((200, 1)))
    assert one.status is cj.Status.DEGENERATE
    dead = (np.maximum(rng.normal(size=(200, 8)), 0) * (rng.random((200, 1)) < 0.3) for _ in "ab")
    assert cj.get_measure(name)(*dead).status is cj.Status.UNDEFINED_ROWS
