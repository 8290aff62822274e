"""Groups along links: against looking for the nearest two of all, and triples against counting them one by one."""

import itertools

import numpy as np
import pytest

from conjugacy.numerics.grouping.linked_groups import linked_groups, merged
from conjugacy.numerics.grouping.triples import triples


def random_pairs(n, seed):
    rng = np.random.default_rng(seed)
    kind = np.triu(rng.choice([0, 1, 2], p=[0.2, 0.6, 0.2], size=(n, n)), 1)
    kind += kind.T
    links = np.triu(rng.random((n, n)), 1)
    return np.where(kind == 1, links + links.T, 0).astype(np.float32), kind == 2


def greedy(links, fails):
    """Always the nearest two of all groups, looked for among all."""
    groups = [[i] for i in range(len(links))]
    while True:
        best, at = 0.0, None
        for i, j in itertools.combinations(range(len(groups)), 2):
            pair = np.ix_(groups[i], groups[j])
            if not fails[pair].any() and links[pair].mean() > best:
                best, at = links[pair].mean(), (i, j)
        if at is None:
            return groups
        groups[at[0]] += groups.pop(at[1])


@pytest.mark.parametrize("seed", range(10))
def test_merging_gives_what_looking_for_the_nearest_two_of_all_gives(seed):
    links, fails = random_pairs(18, seed)
    found = merged(links, fails, np.arange(18))
    expected = {frozenset(group) for group in greedy(links, fails)}
    assert {frozenset(np.flatnonzero(found == g).tolist()) for g in set(found)} == expected


@pytest.mark.parametrize("seed", range(5))
def test_moving_never_loses_links_nor_joins_what_fails(seed):
    links, fails = random_pairs(25, seed)
    first, last = merged(links, fails, np.arange(25)), linked_groups(links, fails)
    same, before = last[:, None] == last, first[:, None] == first
    assert not (same & fails).any()
    assert links[same].sum() >= links[before].sum()


def test_nothing_and_one():
    assert linked_groups(np.zeros((0, 0)), np.zeros((0, 0), bool)).tolist() == []
    assert linked_groups(np.zeros((1, 1)), np.zeros((1, 1), bool)).tolist() == [0]


@pytest.mark.parametrize("seed", range(3))
def test_triples_are_those_counted_one_by_one(seed):
    links, fails = random_pairs(20, seed)
    holds = links > 0
    counted = [
        (a, b, c)
        for a, c in itertools.combinations(range(20), 2)
        for b in range(20)
        if holds[a, b] and holds[b, c] and fails[a, c]
    ]
    found = triples(holds, fails)
    assert found.intransitive == len(counted)
    assert len(found.examples) == 10
    assert set(found.examples) <= set(counted)
    for a, b in np.argwhere(holds)[:20]:
        both = (holds[a] & holds[b]).sum() + 1
        against = (holds[a] & fails[b]).sum() + (fails[a] & holds[b]).sum()
        assert found.agreement[a, b] == pytest.approx(both / (both + against))
    assert (found.agreement[~holds] == 0).all()
