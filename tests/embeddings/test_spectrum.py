"""Slowest modes by three solvers on one graph, neighbours against all distances, and landmarks against closed forms."""

import numpy as np
import pytest
from scipy.sparse import csr_array, diags_array
from scipy.sparse.linalg import ArpackNoConvergence
from sklearn.neighbors import NearestNeighbors

import conjugacy as cj
from conjugacy.embeddings import DiffusionMap, LocalMetric, spectrum
from conjugacy.embeddings.landmarks import spread_landmarks
from conjugacy.embeddings.multigrid import Multigrid
from conjugacy.embeddings.neighbour_graph import neighbour_graph
from conjugacy.embeddings.spectrum import leading_modes
from conjugacy.numerics.neighbours.of_states import nearest_states


@pytest.fixture(scope="module")
def diffusion():
    """A symmetric diffusion on 1800 states of a rectangle, and its first eigenvector."""
    x = np.random.default_rng(0).random((1800, 2)) * [1.0, 0.6]
    graph = neighbour_graph(x, 20).squared
    kernel = csr_array((np.exp(-graph.data / np.median(graph.data)), graph.indices, graph.indptr), shape=graph.shape)
    root = np.sqrt(kernel.sum(axis=1))
    return csr_array(diags_array(1 / root) @ kernel @ diags_array(1 / root)), root


def test_dense_lanczos_and_multigrid_find_the_same(diffusion, monkeypatch):
    s, root = diffusion
    found = [leading_modes(s, 7, root), leading_modes(s, 7, root, many=1000)]
    monkeypatch.setattr(spectrum, "DENSE", 5000)
    found.append(leading_modes(s, 7, root))
    assert [one.solver for one in found] == ["lanczos", "multigrid", "dense"]
    for one in found:
        left = np.linalg.norm(s @ one.vectors - one.vectors * one.values, axis=0)
        assert one.residual == pytest.approx(left.max())
        assert (left[1:] <= one.relative * (1 - one.values[1:]) * (1 + 1e-9)).all()
        assert one.relative < 1e-3
        assert one.settled
        assert not one.fell_back
        np.testing.assert_allclose(one.vectors.T @ one.vectors, np.eye(7), atol=1e-6)
        np.testing.assert_allclose(1 - one.values[1:], 1 - found[2].values[1:], rtol=1e-6)
        np.testing.assert_allclose(np.abs(np.diag(one.vectors.T @ found[2].vectors)), 1.0, atol=1e-6)


def test_where_multigrid_does_not_converge_lanczos_does_and_it_is_told(diffusion, monkeypatch, rng):
    s, root = diffusion
    found = leading_modes(s, 7, root, many=1000, rounds=1)
    assert (found.solver, found.fell_back, found.settled) == ("lanczos", True, True)
    monkeypatch.setattr(Multigrid, "of", lambda *_: None)
    assert leading_modes(s, 7, root, many=1000).fell_back
    assert DiffusionMap(n_neighbors=12).fit(rng.random((8500, 2))).status_ is cj.Status.OTHER_SOLVER


def test_modes_that_no_solver_finds_are_told(diffusion, monkeypatch, rng):
    s, root = diffusion

    def stopped(*_, **__):
        raise ArpackNoConvergence("no", np.ones(1), root[:, None] / np.linalg.norm(root))

    monkeypatch.setattr(spectrum, "eigsh", stopped)
    found = leading_modes(s, 7, root, many=1000, rounds=0)
    assert not found.settled
    assert found.fell_back
    assert found.vectors.shape == (1800, 7)
    assert np.isfinite(found.vectors).all()
    monkeypatch.undo()
    monkeypatch.setattr(spectrum, "SETTLED", 0.0)
    assert DiffusionMap(n_neighbors=12).fit(rng.random((1000, 2))).status_ is cj.Status.UNSETTLED_MODES


def test_a_multigrid_cycle_is_symmetric_and_nearly_the_inverse(diffusion):
    s, root = diffusion
    laplacian = csr_array(diags_array(np.ones(len(root)), format="csr") - s)
    grids = Multigrid.of(laplacian, root)
    assert grids is not None
    right = np.random.default_rng(1).standard_normal((len(root), 2))
    right -= np.outer(root, root @ right) / (root @ root)
    x = grids(right.astype(np.float32)).astype(np.float64)
    assert (x * right).sum(axis=0).min() > 0
    assert abs(x[:, 0] @ right[:, 1] - x[:, 1] @ right[:, 0]) < 1e-3 * np.abs(x.T @ right).max()
    assert np.linalg.norm(right - laplacian @ x) < 0.3 * np.linalg.norm(right)


def test_a_state_that_hangs_on_by_nothing_has_no_grids():
    whole = np.diag([1.0, 0.5, 0.5])
    assert Multigrid.of(csr_array(np.eye(3) - whole), np.ones(3)) is None


@pytest.mark.parametrize(("units", "d"), [(2, 2), (16, 2), (30, 3), (12, 12)])
def test_neighbours_are_those_of_all_distances(rng, units, d):
    x = np.tanh(rng.random((9000, d)) @ rng.standard_normal((d, units))) + 5.0
    x[:40] = x[40:80]
    wanted = NearestNeighbors(algorithm="brute").fit(x - 5.0).kneighbors(n_neighbors=7)
    distances, rows = nearest_states(x, 7)
    assert not (rows == np.arange(len(x))[:, None]).any()
    np.testing.assert_allclose(distances, wanted[0], atol=1e-6)
    np.testing.assert_array_equal(distances[:80, 0], 0.0)
    found = nearest_states(x[:50] + 1e-3, 3, x)
    np.testing.assert_allclose(found[0], np.linalg.norm(x[found[1]] - x[:50, None] - 1e-3, axis=2))


def test_more_coincide_than_neighbours_are_asked_for(rng):
    x = np.concatenate([np.zeros((60, 3)), rng.random((40, 3))])
    distances, rows = nearest_states(x, 5)
    assert not (rows == np.arange(100)[:, None])[60:].any()
    assert (distances[:60] == 0).all()
    graph = neighbour_graph(x, 5).squared
    np.testing.assert_array_equal(graph.toarray(), graph.toarray().T)


def _errors(found, modes):
    """Return how far every mode is from the space of the modes of its group, root-mean-square over its length."""
    w = found.weights_ / found.weights_.sum()
    out, at = [], 0
    for group in modes:
        q, _ = np.linalg.qr(np.sqrt(w)[:, None] * np.column_stack(group))
        v = np.sqrt(w)[:, None] * found.embedding_[:, at : at + len(group)]
        out += list(np.linalg.norm(v - q @ (q.T @ v), axis=0) / np.linalg.norm(v, axis=0))
        at += len(group)
    return out


def test_landmarks_give_the_modes_of_a_circle(rng):
    t = 2 * np.pi * rng.random(30_000)
    x = np.stack([np.cos(t), np.sin(t)], axis=1)
    found = DiffusionMap(4, n_neighbors=32, landmarks=800).fit(x)
    assert max(_errors(found, [(np.cos(t), np.sin(t)), (np.cos(2 * t), np.sin(2 * t))])) < 0.01
    np.testing.assert_allclose(found.eigenvalues_ / found.eigenvalues_[0], [1, 1, 4, 4], rtol=0.02)
    assert found.status_ is cj.Status.OK
    np.testing.assert_allclose(found.transform(x[:100]), found.embedding_[:100], atol=1e-12)


def test_landmarks_give_the_modes_of_a_rectangle(rng):
    s = rng.random((40_000, 2)) * [1.0, 0.6]
    found = DiffusionMap(2, n_neighbors=32, landmarks=4000).fit(s)
    assert max(_errors(found, [(np.cos(np.pi * s[:, 0]),), (np.cos(np.pi * s[:, 1] / 0.6),)])) < 0.015


def test_landmarks_under_a_local_metric(rng):
    s = rng.random((6000, 2)) * [1.0, 0.6]
    skewed = np.array([[1.0, 0.3], [0.0, 2.0]])
    metric = LocalMetric.from_jacobians(np.tile(skewed, (len(s), 1, 1)))
    found = DiffusionMap(2, n_neighbors=32, metric=metric, landmarks=1500).fit(s @ skewed.T)
    assert max(_errors(found, [(np.cos(np.pi * s[:, 0]),), (np.cos(np.pi * s[:, 1] / 0.6),)])) < 0.03
    np.testing.assert_array_equal(found.transform((s @ skewed.T)[:50]), found.embedding_[:50])


def test_a_state_far_from_all_landmarks_has_a_place(rng):
    x = np.concatenate([rng.random((3000, 2)), [[40.0, 40.0]]])
    found = DiffusionMap(2, n_neighbors=10, landmarks=20).fit(x)
    assert 3000 not in spread_landmarks(x, 20)
    assert np.isfinite(found.embedding_).all()
    assert np.isfinite(found.weights_).all()
    assert found.weights_.mean() == pytest.approx(1.0)


def test_parts_are_seen_by_landmarks_too(rng):
    x = np.concatenate([rng.random((3000, 2)), rng.random((1000, 2)) + 50.0])
    found = DiffusionMap(2, n_neighbors=20, landmarks=400).fit(x)
    assert found.status_ is cj.Status.DISCONNECTED
    assert found.outside_.tolist() == list(range(3000, 4000))
    assert np.isfinite(found.embedding_).all()


def test_landmarks_are_spread_and_as_many_as_there_are_states(rng):
    x = rng.random((20_000, 2))
    nearest = [
        np.quantile(nearest_states(x[rows], 1)[0], 0.05)
        for rows in (spread_landmarks(x, 500), rng.choice(len(x), 500, replace=False))
    ]
    assert nearest[0] > 2 * nearest[1]
    both = [DiffusionMap(2, n_neighbors=20, landmarks=n).fit(x[:600]).embedding_ for n in (None, 600)]
    np.testing.assert_array_equal(*both)
    told = DiffusionMap(2, n_neighbors=20, landmarks=600).fit(x[:600])
    np.testing.assert_array_equal(told.transform(x[:9]), told.embedding_[:9])


@pytest.mark.parametrize("landmarks", [3, 2.5, 0])
def test_bad_landmarks(rng, landmarks):
    with pytest.raises(ValueError, match="landmarks: got"):
        DiffusionMap(2, landmarks=landmarks).fit(rng.random((50, 2)))


def test_neighbours_far_from_the_origin_are_those_near_it(rng):
    x = rng.standard_normal((500, 5))
    np.testing.assert_array_equal(nearest_states(x + 1e7, 8)[1], nearest_states(x, 8)[1])


@pytest.mark.slow
def test_more_modes_than_the_coarsest_grid_holds_are_found_by_lanczos(rng):
    found = DiffusionMap(30).fit(rng.random((24_000, 2)))
    assert (found.solver_, found.status_) == ("lanczos", cj.Status.OTHER_SOLVER)
    rates = np.sort([i**2 + j**2 for i in range(9) for j in range(9)])[1:31]  # Neumann modes of a square
    np.testing.assert_allclose(found.eigenvalues_ / found.eigenvalues_[0], rates, rtol=0.15)
