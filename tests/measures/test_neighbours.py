"""Neighbourhood measures against sets, loops and scikit-learn's neighbours; distance correlation by its definition."""

from __future__ import annotations

from typing import Literal

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


def published_cknna(kx: np.ndarray, ky: np.ndarray, a: np.ndarray, b: np.ndarray) -> float:
    """Return the published value, a and b saying whether j is near i in either network."""
    m, e = len(kx), np.ones(len(kx))

    def hsic(p: np.ndarray, q: np.ndarray, mask: np.ndarray) -> float:
        p, q = mask * p, mask * q
        total = np.trace(p @ q) + (e @ p @ e) * (e @ q @ e) / ((m - 1) * (m - 2)) - 2 / (m - 2) * (e @ p @ q @ e)
        return float(total)

    return hsic(kx, ky, a & b) / np.sqrt(hsic(kx, kx, a) * hsic(ky, ky, b))


@pytest.mark.parametrize("k", [2, 10, 69])
def test_cknna_by_its_loops(k: int, rng: np.random.Generator) -> None:
    x, y = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in related(rng))
    m = len(x)
    a, b = (neighbours(v, k, "cosine") for v in (x, y))
    near = [np.array([[j in one[i] for j in range(m)] for i in range(m)]) for one in (a, b)]
    expected = published_cknna(x @ x.T, y @ y.T, *near)
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


def classes(rng: np.random.Generator, m: int = 500, count: int = 10) -> np.ndarray:
    return np.eye(count)[rng.integers(0, count, m)]


@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
def test_independent_classes_share_neighbours_by_chance(distance: Literal["cosine", "euclidean"]) -> None:
    """Broken by the order of rows, which both share, ties give .1."""
    draws = [np.random.default_rng(s) for s in range(4)]
    values = [MutualKNN(distance_by=distance)(classes(r), classes(r)).value for r in draws]
    assert np.mean(values) == pytest.approx(10 / 499, abs=5e-4)
    # chance that none of ten rows leads back
    values = [CycleKNN(distance_by=distance)(classes(r), classes(r)).value for r in draws]
    assert np.mean(values) == pytest.approx(1 - (1 - 10 / 499) ** 10, abs=4e-3)


def test_equal_classes_share_what_chance_leaves_and_are_calibrated_to_one() -> None:
    x = np.repeat(np.eye(3), 4, axis=0)
    for score in (MutualKNN(k=2, distance_by="euclidean")(x, x), MutualKNN(k=2)(x, 5 * x)):
        assert score.value == pytest.approx(2 / 3, abs=1e-12)  # two of three equal rows, picked twice
        assert score.details["ceiling"] == pytest.approx(2 / 3, abs=1e-12)
    y = np.repeat(np.eye(10), 20, axis=0)
    assert MutualKNN().judge(y, 3 * y, draws=20).details["calibrated"] == pytest.approx(1.0, abs=1e-9)
    assert abs(CKNNA().judge(y, 3 * y, draws=20).details["calibrated"] - 1.0) < 1e-9


def partly_tied(seed: int, m: int = 40) -> np.ndarray:
    """Few distinct rows, so that some of a row's neighbours are sure and the last ones tied."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((12, 3))[rng.integers(0, 12, m)]


def drawn(x: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """One way to break ties: whether j is near i, (m, m), equal distances in random order."""
    d = cdist(x, x).round(9)
    np.fill_diagonal(d, np.inf)
    near = np.zeros(d.shape, dtype=bool)
    for i, row in enumerate(d):
        near[i, np.lexsort((rng.random(len(row)), row))[:k]] = True
    return near


def test_values_are_means_over_ways_to_break_ties() -> None:
    x, y, rng = partly_tied(1), partly_tied(2), np.random.default_rng(3)
    mutual, cycle = [], []
    for _ in range(600):
        a, b = drawn(x, 6, rng), drawn(y, 6, rng)
        mutual.append((a & b).sum(axis=1).mean() / 6)
        cycle.append((b & a.T).any(axis=1).mean())
    for found, kind in ((mutual, MutualKNN), (cycle, CycleKNN)):
        error = 4 * np.std(found) / np.sqrt(len(found))
        assert kind(k=6, distance_by="euclidean")(x, y).value == pytest.approx(np.mean(found), abs=error)


def test_cknna_of_independent_classes_is_its_mean_over_ways_to_break_ties() -> None:
    """To 3e-4: products of two pairs of one row count as independent."""
    rng = np.random.default_rng(0)
    x, y = classes(rng, 300), classes(rng, 300)
    ways = [published_cknna(x @ x.T, y @ y.T, drawn(x, 10, rng), drawn(y, 10, rng)) for _ in range(20)]
    assert CKNNA()(x, y).value == pytest.approx(np.mean(ways), abs=3e-4 + 4 * np.std(ways) / np.sqrt(20))


@pytest.mark.parametrize("name", ["mutual_knn", "cycle_knn", "cknna", "mutual_knn:distance_by=euclidean"])
def test_ties_do_not_know_the_order_of_rows(name: str) -> None:
    measure, x, y = cj.get_measure(name), partly_tied(4), partly_tied(5)
    value = measure(x, y).value
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(x))
        assert measure(x[order], y[order]).value == pytest.approx(value, abs=1e-12)
    ids = np.arange(len(x))
    moved = measure(cj.Activations(x, stimuli=ids), cj.Activations(y[::-1], stimuli=ids[::-1]))
    assert moved.value == pytest.approx(value, abs=1e-12)


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
    one = cj.get_measure(name)(rng.random((200, 1)), rng.random((200, 1)))
    assert one.status is cj.Status.DEGENERATE
    dead = (np.maximum(rng.normal(size=(200, 8)), 0) * (rng.random((200, 1)) < 0.3) for _ in "ab")
    assert cj.get_measure(name)(*dead).status is cj.Status.UNDEFINED_ROWS
