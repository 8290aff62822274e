"""Near repeats are found at the scale of their spread, in both layers at once, among few rows and many."""

import numpy as np
import pytest

from conjugacy.numerics.clumps import SAMPLE, NearPairs

M = 200


def repeats(jitter, m, rng, order=None, k=20):
    order = np.arange(m) % k if order is None else order
    return rng.standard_normal((k, 8))[order] + jitter * rng.standard_normal((m, 8))


@pytest.mark.parametrize("jitter", [0.0, 0.01, 0.1])
def test_repeats_are_found(jitter, rng):
    clumps = NearPairs.of(repeats(jitter, M, rng)).clumps()
    assert clumps is not None
    assert len(np.unique(np.stack([clumps, np.arange(M) % 20]), axis=1).T) == 20


def test_what_lies_anywhere_is_no_repeat(rng):
    for x in (rng.random((M, 1)), rng.standard_normal((M, 2)), rng.standard_normal((M, 20)), repeats(0.5, M, rng)):
        assert NearPairs.of(x).clumps() is None


def test_only_what_repeats_in_both_counts(rng):
    a, b = NearPairs.of(repeats(0.02, M, rng)), NearPairs.of(rng.standard_normal((M, 8)))
    same = NearPairs.of(repeats(0.02, M, rng))
    many = rng.permutation(np.arange(M) % 100)  # of which few come together with one code of the other
    other = NearPairs.of(repeats(0.02, M, rng, many, 100))
    assert a.clumps() is not None
    assert a.both(b).clumps() is None
    assert a.both(same).clumps() is not None
    assert a.both(other).clumps() is None


def test_among_some_rows_the_others_have_no_partner(rng):
    near = NearPairs.of(repeats(0.02, M, rng))
    assert near.among(np.arange(20)).clumps() is None
    assert near.among(np.arange(60)).clumps() is not None


def test_of_many_rows_a_sample_is_looked_at_and_the_others_join(rng):
    m = SAMPLE + 500
    near = NearPairs.of(repeats(0.02, m, rng))
    clumps = near.clumps()
    assert len(near.rows) == SAMPLE
    assert clumps is not None
    assert len(np.unique(np.stack([clumps, np.arange(m) % 20]), axis=1).T) == 20


def test_clumps_that_are_classes_are_passed_over(rng):
    near = NearPairs.of(repeats(0.02, M, rng))
    assert near.clumps(lambda _: True) is None
    assert near.clumps(lambda found: found.max() + 1 != 20) is not None


def test_what_few_pairs_say_misses_no_clumps(rng):
    """Against all pairs of both, over jitters, codes, dimensions and what repeats in one layer alone."""
    missed = shown = spared = alone = 0
    for _ in range(300):
        m, k = int(rng.integers(60, 400)), int(rng.integers(4, 60))
        order = np.arange(m) % k
        layers = []
        for _ in range(2):
            d, jitter = int(rng.integers(1, 9)), 10.0 ** rng.uniform(-4, 0)
            own = rng.permutation(order) if rng.random() < 0.2 else order
            layers.append(NearPairs.of(rng.standard_normal((k, d))[own] + jitter * rng.standard_normal((m, d))))
        a, b = layers
        both, may = a.both(b).clumps() is not None, a.may_clump_in(b)
        assert b.may_clump_in(a) == may
        missed += both and not may
        shown += both
        spared += not may
        alone += not may and a.may_clump and b.may_clump
    assert not missed
    assert shown > 50
    assert spared > 100
    assert alone > 20
