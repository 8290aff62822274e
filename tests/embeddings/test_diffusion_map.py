"""Diffusion maps against closed forms, through two instruments, and on data that fall apart."""

import numpy as np
import pytest
from instruments import bursts, gap, jacobians, mushroom, polar, square
from sklearn.utils.estimator_checks import parametrize_with_checks

import conjugacy as cj
from conjugacy.embeddings import DiffusionMap, LocalMetric, independent_modes, mode_residuals
from conjugacy.embeddings.neighbour_graph import neighbour_graph
from conjugacy.errors import InputError, ShapeError


@parametrize_with_checks([DiffusionMap()])
def test_it_is_an_estimator_of_scikit_learn(estimator, check):
    check(estimator)


def test_rates_of_a_circle_are_squares_of_whole_numbers(rng):
    t = rng.random(3000) * 2 * np.pi
    found = DiffusionMap(6, n_neighbors=100).fit(np.stack([np.cos(t), np.sin(t)], axis=1))
    np.testing.assert_allclose(found.eigenvalues_, [1, 1, 4, 4, 9, 9], rtol=0.08)
    assert found.residual_ < 1e-6
    # the first pair is the circle, whatever the density
    told = np.column_stack([np.cos(t), np.sin(t)])
    assert gap(found.embedding_[:, :2] / np.sqrt(2), told) < 0.03


def test_density_is_taken_out(rng):
    """A rod sampled unevenly: the first mode is cos(pi s) all the same."""
    s = np.sort(rng.beta(2, 4, 2000))
    even = DiffusionMap(1, n_neighbors=80, alpha=1.0).fit(s[:, None]).embedding_[:, 0]
    raw = DiffusionMap(1, n_neighbors=80, alpha=0.0).fit(s[:, None]).embedding_[:, 0]
    inner = (s > 0.1) & (s < 0.7)
    wanted = np.cos(np.pi * (s - s.min()) / np.ptp(s))
    off = [1 - abs(np.corrcoef(v[inner], wanted[inner])[0, 1]) for v in (even, raw)]
    assert off[0] < 0.01 < off[1]


def test_two_instruments_of_a_square_agree_only_under_the_local_metric(rng):
    s = square(rng, 1000)
    found = []
    for instrument in (mushroom, polar):
        metric = LocalMetric.from_bursts(bursts(rng, instrument, s, 200, 1e-2), 1e-2, 2)
        found.append((DiffusionMap(n_neighbors=40, metric=metric).fit(instrument(s)),
                      DiffusionMap(n_neighbors=40).fit(instrument(s))))  # fmt: skip
    (a, plain_a), (b, plain_b) = found
    assert gap(a.embedding_, b.embedding_) < 0.02
    assert gap(plain_a.embedding_, plain_b.embedding_) > 0.3
    np.testing.assert_allclose(a.eigenvalues_, b.eigenvalues_, rtol=0.06)


def test_candidates_as_few_as_neighbours_spoil_it(rng):
    s = square(rng, 1000)
    gaps = []
    for candidates in (1, 5):
        maps = [
            DiffusionMap(n_neighbors=40, candidates=candidates, metric=LocalMetric.from_jacobians(jacobians(f, s))).fit(
                f(s)
            )
            for f in (mushroom, polar)
        ]
        gaps.append(gap(maps[0].embedding_, maps[1].embedding_))
    assert gaps[0] > 4 * gaps[1]


def test_out_of_sample(rng):
    s = square(rng, 1500)
    held = square(rng, 100, (1.1, 0.8)) + 0.1
    for metric in ("euclidean", LocalMetric.from_jacobians(np.tile(np.eye(2), (1500, 1, 1)))):
        found = DiffusionMap(n_neighbors=60, metric=metric).fit(s)
        told = found.transform(held)
        both = DiffusionMap(n_neighbors=60, bandwidth=found.bandwidth_).fit(np.concatenate([s, held]))
        signs = np.sign((both.embedding_[:1500] * found.embedding_).sum(axis=0))
        assert np.abs(told * signs - both.embedding_[1500:]).mean() < 0.03
        np.testing.assert_array_equal(found.transform(s[:5]), found.embedding_[:5])
    assert np.isfinite(found.transform([[50.0, 50.0]])).all()


def test_parts_isolated_states_and_duplicates(rng):
    s = square(rng, 400)
    alone = np.concatenate([s, s[:50], [[30.0, 30.0]]])
    # the neighbours of an isolated state do not count it among theirs, so it still hangs on: a local metric cuts it
    j = np.tile(np.eye(2), (len(alone), 1, 1))
    j[-1] = 0.0
    found = DiffusionMap(n_neighbors=20, metric=LocalMetric.from_jacobians(j, 2)).fit(alone)
    assert found.status_ is cj.Status.ISOLATED_POINTS
    assert found.outside_.tolist() == [450]
    assert np.isfinite(found.embedding_).all()
    apart = np.concatenate([s, square(rng, 300) + 100.0])
    found = DiffusionMap(n_neighbors=20).fit(apart)
    assert found.status_ is cj.Status.DISCONNECTED
    assert len(found.outside_) == 300
    assert np.isfinite(found.embedding_).all()


def test_a_state_whose_neighbours_have_no_weight_is_outside():
    """It was the slowest mode, and the line came after it."""
    s = np.concatenate([np.linspace(0.0, 1.0, 400), [1.1]])
    found = DiffusionMap(1, n_neighbors=20).fit(s[:, None])
    assert found.outside_.tolist() == [400]
    assert found.status_ is cj.Status.ISOLATED_POINTS
    assert abs(np.corrcoef(found.embedding_[:400, 0], np.cos(np.pi * s[:400]))[0, 1]) > 0.999


def test_the_graph_is_symmetric_and_holds_the_nearest(rng):
    x = rng.standard_normal((200, 3))
    graph = neighbour_graph(x, 7)
    whole = graph.squared.toarray()
    np.testing.assert_array_equal(whole, whole.T)
    d = ((x[:, None] - x) ** 2).sum(axis=-1)
    nearest = np.argsort(d, axis=1)[:, 1:8]
    np.testing.assert_allclose(np.take_along_axis(whole, nearest, axis=1), np.take_along_axis(d, nearest, axis=1))


def test_harmonics_are_told_from_new_coordinates(rng):
    s = square(rng, 2000, (1.0, 0.6))
    modes = DiffusionMap(5, n_neighbors=100).fit(s).embedding_
    # rates of a 1 x .6 rectangle: (1, 0), (0, 1), (1, 1), (2, 0), ...: the first two are the coordinates
    residuals = mode_residuals(modes)
    assert independent_modes(modes) == (0, 1)
    assert residuals[2:].max() < 0.2


@pytest.mark.parametrize(
    ("x", "options", "words"),
    [
        (np.ones((50, 2)), {}, "all 50 states are the same"),
        (np.eye(4), {"n_components": 3}, "expected at least 5"),
        (np.eye(9), {"n_neighbors": 0}, "n_neighbors: got 0"),
        (np.eye(9), {"alpha": np.nan}, "alpha"),
        (np.eye(9), {"bandwidth": -1.0}, "bandwidth"),
        (np.eye(9), {"metric": "cosine"}, "LocalMetric"),
        (np.full((9, 2), np.nan), {}, "NaN"),
    ],
)
def test_bad_input(x, options, words):
    with pytest.raises(ValueError, match=words):
        DiffusionMap(**options).fit(x)


def test_a_metric_of_other_rows_is_refused():
    metric = LocalMetric.from_jacobians(np.ones((5, 2, 1)))
    with pytest.raises(ShapeError, match="same rows"):
        DiffusionMap(metric=metric).fit(np.eye(9))
    everywhere_flat = LocalMetric(np.ones((9, 1, 1)), np.zeros((9, 1)), np.ones(1), "by hand")
    with pytest.raises(InputError, match="largest connected part holds 0 of 9"):
        DiffusionMap(metric=everywhere_flat).fit(np.arange(9.0)[:, None])
