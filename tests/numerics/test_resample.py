"""Folds, bootstrap and permutations keep clusters together and cover what they claim."""

import numpy as np
import pytest

from conjugacy.numerics.resample import bootstrap_counts, cluster_sums, draw_folds, ratio_interval, shuffle_clusters


def test_folds_keep_clusters_together_and_are_balanced(rng):
    clusters = np.repeat(np.arange(40), rng.integers(1, 6, 40))
    folds = draw_folds(clusters, 10, 3)
    assert all(len(np.unique(folds[clusters == c])) == 1 for c in range(40))
    sizes = np.bincount(folds)
    assert len(sizes) == 10
    assert sizes.max() - sizes.min() <= 5
    np.testing.assert_array_equal(folds, draw_folds(clusters, 10, 3))


def test_fewer_clusters_than_folds():
    assert set(draw_folds(np.array([0, 0, 1, 2]), 10, 0)) == {0, 1, 2}


def test_shuffle_is_a_permutation_that_keeps_equal_clusters_whole(rng):
    clusters = np.repeat(np.arange(20), 5)[rng.permutation(100)]
    order = shuffle_clusters(clusters, rng)
    assert sorted(order) == list(range(100))
    for c in range(20):
        assert len(np.unique(clusters[order[clusters == c]])) == 1


def test_bootstrap_counts_draw_n_with_replacement():
    counts = bootstrap_counts(50, 400, 0)
    assert (counts.sum(axis=1) == 50).all()
    assert counts.mean() == pytest.approx(1.0)
    assert counts.var() == pytest.approx(1.0, abs=0.05)


def test_interval_of_a_mean_covers_it_95_percent_of_the_time():
    hits = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        clusters = np.repeat(np.arange(60), 3)
        values = np.repeat(rng.exponential(size=60), 3) + 0.01 * rng.standard_normal(180)
        low, high = ratio_interval(
            bootstrap_counts(60, 500, seed), cluster_sums(values, clusters), cluster_sums(np.ones(180), clusters)
        )
        hits += low < 1.0 < high
    assert 176 <= hits <= 199  # nominal 190; a percentile bootstrap of a skewed mean runs a little short
