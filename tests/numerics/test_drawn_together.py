import numpy as np

from conjugacy.numerics.ratio_interval import log_ratio_interval
from conjugacy.numerics.resample import MOST_DRAWN, bootstrap_counts, cluster_sums, drawn_together


def test_whole_clusters_are_put_together_and_few_are_left_alone() -> None:
    clusters = np.repeat(np.arange(3 * MOST_DRAWN), 2)
    found = drawn_together(clusters, 0)
    np.testing.assert_array_equal(found[::2], found[1::2])
    np.testing.assert_array_equal(np.bincount(found), np.full(MOST_DRAWN, 6))
    few = np.arange(MOST_DRAWN)
    assert drawn_together(few, 0) is few


def test_the_interval_stays_what_it_is_row_by_row() -> None:
    errors = np.random.default_rng(0).lognormal(-3.0, 1.0, 12_000)
    rows, together = np.arange(len(errors)), drawn_together(np.arange(len(errors)), 1)
    widths = []
    for drawn in (rows, together):
        counts = bootstrap_counts(int(drawn.max()) + 1, 400, 2)
        low, high = log_ratio_interval(counts, cluster_sums(errors, drawn), cluster_sums(np.ones_like(errors), drawn))
        assert low < errors.mean() < high
        widths.append(high - low)
    assert abs(widths[1] / widths[0] - 1.0) < 0.15
