"""How many clusters, how stable, and the plane: constructed blobs and closed forms."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import cut_tree
from sklearn.metrics import adjusted_rand_score

from conjugacy.numerics.grouping.cluster_stability import cluster_stability, jaccard
from conjugacy.numerics.grouping.prediction_strength import average_tree, cut, number_of_clusters, prediction_strengths
from conjugacy.numerics.grouping.principal_coordinates import principal_coordinates


def blobs(sizes, seed, apart=10.0, d=3):
    rng = np.random.default_rng(seed)
    label = np.repeat(np.arange(len(sizes)), sizes)
    x = apart * np.eye(max(d, len(sizes)))[label] + rng.normal(size=(len(label), max(d, len(sizes))))
    return label, np.linalg.norm(x[:, None] - x, axis=2)


@pytest.mark.parametrize("sizes", [[60], [30, 30, 30], [12] * 8, [4, 8, 12, 40], [5, 60]])
def test_as_many_clusters_as_blobs(sizes):
    label, far = blobs(sizes, seed=1)
    strengths = prediction_strengths(far)
    k = number_of_clusters(strengths)
    assert k == len(sizes)
    assert strengths[1] == 1
    found = cut(average_tree(far), k)
    assert adjusted_rand_score(label, found) == 1
    assert (cluster_stability(far, found) > 0.95).all()


def test_half_a_blob_is_no_stable_cluster():
    _, far = blobs([60], seed=2, d=2)
    assert cluster_stability(far, cut(average_tree(far), 6)).min() < 0.6


@pytest.mark.parametrize("seed", range(3))
def test_a_cut_is_that_of_scipy(seed):
    _, far = blobs([25], seed)
    tree = average_tree(far)
    for k in range(1, 26):
        found = cut(tree, k)
        assert sorted(set(found)) == list(range(k))
        assert adjusted_rand_score(cut_tree(tree, k).ravel(), found) == 1


def test_jaccard_of_halves_and_of_the_same():
    assert jaccard(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]), 2).tolist() == [1, 1]
    assert jaccard(np.array([0, 0, 0, 0]), np.array([0, 0, 1, 1]), 2)[0] == 0.5
    assert np.isnan(jaccard(np.array([0, 0]), np.array([0, 0]), 2)[1])


def test_points_of_a_plane_come_back():
    x = np.random.default_rng(0).normal(size=(30, 2))
    far = np.linalg.norm(x[:, None] - x, axis=2)
    points, share = principal_coordinates(far)
    assert np.allclose(np.linalg.norm(points[:, None] - points, axis=2), far)
    assert share == pytest.approx(1)


def test_equal_distances_show_two_of_their_dimensions():
    far = 1.0 - np.eye(11)
    assert principal_coordinates(far)[1] == pytest.approx(0.2)  # a simplex of 10 equal dimensions
    assert np.isnan(principal_coordinates(np.zeros((4, 4)))[1])
    assert principal_coordinates(np.zeros((1, 1)))[0].shape == (1, 2)
