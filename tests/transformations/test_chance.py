"""Whether two networks have anything to do with each other, and whether the rows would show it."""

import numpy as np
import pytest
from constructed import network, pair

from conjugacy.transformations import Layer, judge
from conjugacy.transformations.chance import Chance, chance_of_means
from conjugacy.verdict.relation import ladder_answer
from conjugacy.verdict.sentences import of_maps


def chance(a, b, clusters=None):
    return Chance(Layer(a), Layer(b), np.arange(len(a)) if clusters is None else clusters, 0)


def even(seed, m=300):
    """Return a network of two latents, and one of their squares beside two of its own."""
    rng = np.random.default_rng(seed)
    own, private = rng.standard_normal((2, m, 2))
    return network(own, 40, rng), network(np.column_stack([own**2, private]), 40, rng)


@pytest.mark.parametrize("seed", range(2))
def test_an_even_function_beside_private_latents_is_no_chance(seed):
    a, b = even(seed)
    assert chance(a, b).rejects
    assert ladder_answer(judge(Layer(a), Layer(b), np.arange(300), tolerance=0.05)) == "partly_related"


def test_independent_networks_are_unrelated_where_a_little_would_show():
    a, b = pair("independent", 0)
    found = chance(a, b)
    assert not found.rejects
    assert found.would_show
    wide = np.random.default_rng(0).standard_normal((2, 60, 20))
    few = chance(*wide)
    assert not few.rejects
    assert not few.would_show
    ladder = judge(Layer(wide[0]), Layer(wide[1]), np.arange(60), tolerance=0.05)
    assert ladder_answer(ladder) in ("not_equivalent", "undecided")


def test_both_directions_share_one_p():
    a, b = even(4, m=120)
    one, other = chance(a, b), chance(b, a)
    assert one.p == other.p
    assert one.would_show == other.would_show


def test_rows_that_belong_together_move_together():
    rng = np.random.default_rng(3)
    clusters = np.repeat(np.arange(12), 25)
    a, b = (np.repeat(rng.standard_normal((12, 3)), 25, axis=0) + 0.1 * rng.standard_normal((300, 3)) for _ in range(2))
    assert chance(a, b).rejects  # told that rows are independent
    assert not chance(a, b, clusters).rejects


def test_an_answer_without_some_rows_keeps_the_p_of_all():
    a, b = pair("independent", 1, m=100)
    ladder = judge(Layer(a), Layer(b), np.arange(100), tolerance=0.05)
    assert ladder.without(np.array([3, 5])).chance is ladder.chance


def test_one_direction_refuted_and_the_other_open_is_no_map():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((150, 8))
    a, b = network(x, 60, rng, rectify=True), network(x[:, :3], 50, rng, rectify=True)
    ladder = judge(Layer(a), Layer(b), np.arange(150), tolerance=0.05)
    assert [ladder.determines(direction) for direction in ladder.directions] == ["undecided", "fails"]
    assert ladder_answer(ladder) == "not_equivalent"
    assert of_maps(ladder, "not_equivalent").endswith("whether A determines B is open: more stimuli would tell")


@pytest.mark.parametrize("within", [0.05, 0.5])
def test_groups_of_unequal_size_do_not_look_related(within):
    rejected = 0
    for seed in range(40):
        rng = np.random.default_rng([seed, 5])
        groups = np.repeat(np.arange(30), rng.integers(2, 12, 30))
        a, b = (
            Layer(
                (rng.standard_normal((30, 4))[groups] + within * rng.standard_normal((len(groups), 4))) @ np.eye(4, 9)
            )
            for _ in range(2)
        )
        rejected += Chance(a, b, groups, 0).rejects
    assert rejected <= 3


def test_under_ten_clusters_nothing_is_unrelated(rng):
    x, y = rng.standard_normal((2, 300, 3))
    assert not Chance(Layer(x), Layer(y), np.arange(300) // 50, 0).would_show


def test_one_large_group_among_small_ones_shows_nothing_by_rounding():
    for seed in range(6):
        rng = np.random.default_rng(seed)
        groups = np.repeat(np.arange(10 + seed), [200 + seed] + [1] * (9 + seed))
        a, b = Layer(rng.standard_normal((len(groups), 3))), Layer(rng.standard_normal((len(groups), 5)))
        assert not Chance(a, b, groups, 0).rejects


def test_where_few_groups_are_paired_anew_nothing_is_unrelated(rng):
    groups = np.repeat(np.arange(22), [150] * 2 + [1] * 20)
    a, own = rng.standard_normal((2, len(groups), 2))
    found = Chance(Layer(a), Layer(own * np.abs(a)), groups, 0)
    assert found.rejects or not found.would_show


def test_blocks_of_series_that_change_at_one_time_do_not_look_related():
    by_rows = by_means = 0
    blocks = np.arange(300) * 21 // 300
    for seed in range(20):
        rng = np.random.default_rng(seed)
        a, b = (
            Layer(np.repeat(rng.standard_normal((30, 6)), 10, axis=0) + rng.standard_normal((300, 6))) for _ in range(2)
        )
        by_rows += Chance(a, b, blocks, 0).rejects
        by_means += chance_of_means(a, b, blocks, 0).rejects
    assert by_means <= 1 < 4 < by_rows  # both change after every ten rows, whatever they hold


def test_means_of_blocks_tell_of_what_is_shared():
    found = 0
    for seed in range(5):
        rng = np.random.default_rng(seed)
        shared = np.repeat(rng.standard_normal((60, 2)), 10, axis=0)
        a, b = (
            Layer(np.hstack([shared, rng.standard_normal((600, 2))]) @ rng.standard_normal((4, 9))) for _ in range(2)
        )
        found += chance_of_means(a, b, np.arange(600) * 40 // 600, 0).rejects
    assert found == 5


def test_clusters_that_hold_two_states_by_mistake_do_not_look_related():
    by_rows = by_means = 0
    codes = np.sort(np.arange(240) % 24)
    found = np.where(codes < 8, codes // 2, codes - 4)  # eight states were taken for four
    for seed in range(4):
        rng = np.random.default_rng(seed)
        a, b = (Layer(rng.standard_normal((24, 6))[codes] + 0.03 * rng.standard_normal((240, 6))) for _ in range(2))
        by_rows += Chance(a, b, found, 0).rejects
        by_means += chance_of_means(a, b, found, 0).rejects
    assert by_means == 0
    assert by_rows == 4


@pytest.mark.parametrize("share", [0.0, pytest.param(1.0, marks=pytest.mark.slow)])
def test_what_re_paired_groups_share_is_not_nothing(share):
    """Sequences with position embeddings: two networks that share the position alone, and two that share nothing."""
    rng = np.random.default_rng(7)
    position = np.tile(np.linspace(0.0, 2.0 * np.pi, 10, endpoint=False), 30)
    wave = np.column_stack([np.sin(position), np.cos(position)]) * np.sqrt(2.0) * share
    own = rng.standard_normal((2, 300, 3))
    a, b = (network(np.hstack([wave, x]), 30, rng) for x in own)
    ladder = judge(Layer(a), Layer(b), np.repeat(np.arange(30), 10), tolerance=0.05)
    assert not ladder.chance.rejects
    assert ladder_answer(ladder) == ("not_equivalent" if share else "unrelated")
    if share:
        said = of_maps(ladder, "not_equivalent")
        assert said.endswith("a row's place in its group may be all that they share")


def cells(rng, cuts, x, width=20):
    """Return a layer that is constant between cuts of both coordinates of x."""
    bins = np.column_stack([np.digitize(one, np.quantile(one, at)) for one, at in zip(x.T, cuts, strict=True)])
    codes = rng.standard_normal((int(bins.max()) + 1, int(bins.max()) + 1, width))
    return codes[bins[:, 0], bins[:, 1]]


@pytest.mark.parametrize("shared", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_few_pairs_of_states_are_not_nothing_in_common(shared):
    """Two layers of twelve states each, by other cuts of the same two numbers, or of numbers of their own."""
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((2, 600, 2))
    a = cells(rng, ([0.25, 0.5, 0.75], [1 / 3, 2 / 3]), x)
    b = cells(rng, ([0.33, 0.6], [0.2, 0.4, 0.8]), x if shared else y)
    pairs = np.unique(np.hstack([a, b]), axis=0, return_inverse=True)[1].ravel()
    ladder = judge(Layer(a), Layer(b), pairs, tolerance=0.05)
    assert (ladder.chance.hidden is not None) == shared
    assert ladder_answer(ladder) in (
        ("not_equivalent", "partly_related") if shared else ("unrelated", "not_equivalent")
    )
    if ladder_answer(ladder) == "not_equivalent" and shared:
        assert "so they share something if rows were drawn independently" in of_maps(ladder, "not_equivalent")


def test_repeats_of_stimuli_hide_nothing():
    """Each stimulus has a state of its own in both layers: that rows repeat tells nothing."""
    rng = np.random.default_rng(2)
    a, b = (rng.standard_normal((40, 12))[np.arange(400) % 40] for _ in range(2))
    assert chance(a, b).rejects
    assert chance(a, b, np.arange(400) % 40).hidden is None
