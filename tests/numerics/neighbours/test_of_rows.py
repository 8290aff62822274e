import numpy as np
from scipy.spatial import cKDTree

from conjugacy.numerics.neighbours.of_rows import nearest


def test_the_nearest_rows_are_those_of_a_tree(rng):
    x = rng.standard_normal((300, 4)) + 1e4  # an offset that a difference of large squares would not survive
    rows = np.array([3, 77, 150])
    found, distances = nearest(x, rows, np.arange(300), 6)
    wanted, theirs = cKDTree(x).query(x[rows], 7)
    np.testing.assert_array_equal(found, theirs[:, 1:])
    np.testing.assert_allclose(distances, wanted[:, 1:], rtol=1e-9)


def test_rows_of_the_same_cluster_are_no_neighbours(rng):
    x = np.repeat(rng.standard_normal((30, 3)), 5, axis=0) + 1e-3 * rng.standard_normal((150, 3))
    clusters = np.repeat(np.arange(30), 5)
    found, distances = nearest(x, np.arange(150), clusters, 4)
    assert (clusters[found] != clusters[:, None]).all()
    assert distances.min() > 0.01


def test_too_few_independent_rows_are_infinitely_far(rng):
    _, distances = nearest(rng.standard_normal((10, 2)), np.array([0]), np.array([0] * 8 + [1, 2]), 4)
    assert np.isfinite(distances[0]).tolist() == [True, True, False, False]
