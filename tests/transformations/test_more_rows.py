"""A map that is still getting better with rows is not refuted; one that is not, is."""

import numpy as np
import pytest

from conjugacy.transformations import Layer, judge
from conjugacy.transformations.more_rows import halves_of


def net(x, units, rng, *, depth=2, gain=1.0):
    for _ in range(depth):
        x = np.tanh(
            x @ (gain * rng.standard_normal((x.shape[1], units)) / np.sqrt(x.shape[1]))
            + 0.3 * rng.standard_normal(units)
        )
    return x


def quiet(m, rng):
    z = rng.standard_normal((m, 6))
    return (z * np.arange(1, 7.0) ** -2.5) @ rng.standard_normal((6, 20)), net(z, 20, rng)


def rough(m, rng):
    z = rng.standard_normal((m, 5))
    return net(z, 40, rng), net(z, 40, rng, depth=4, gain=3.0)


def half_missing(m, rng):
    z = rng.standard_normal((m, 4))
    return net(z[:, :2], 20, rng), net(z, 24, rng)


def noisy(m, rng):
    z = rng.standard_normal((m, 3))
    b = net(z, 20, rng)
    return net(z, 20, rng), b + 0.6 * b.std(axis=0) * rng.standard_normal(b.shape)


def climb(a, b, clusters=None):
    return judge(Layer(a), Layer(b), np.arange(len(a)) if clusters is None else clusters, tolerance=0.05)


@pytest.mark.parametrize(
    ("kind", "said"),
    [(quiet, "a known function of what this network predicts"), (rough, "still getting better with rows")],
)
def test_what_more_rows_would_bring_is_not_denied(kind, said):
    ladder = climb(*kind(250, np.random.default_rng(1)))
    low, power = ladder.standard.estimate(ladder.a_to_b, "smooth").low, ladder.standard.power(ladder.a_to_b).high
    assert low > 0.05 + power  # the first check alone would say that it fails
    assert ladder.standard.state(ladder.a_to_b, "smooth") == "undecided"
    if ladder.standard.state(ladder.b_to_a, "smooth") != "fails":
        assert said in ladder.results[-1].advice


@pytest.mark.parametrize("kind", [half_missing, noisy])
def test_what_rows_cannot_bring_fails(kind):
    ladder = climb(*kind(250, np.random.default_rng(2)))
    assert ladder.standard.state(ladder.a_to_b, "smooth") == "fails"
    left = ladder.a_to_b.more_rows.pair
    assert left.ratio > ladder.a_to_b.more_rows.known.ratio + 0.1


def test_it_is_asked_only_where_it_matters():
    rng = np.random.default_rng(3)
    a, _ = half_missing(150, rng)
    ladder = climb(a, a @ rng.standard_normal((20, 20)))
    assert [ladder.standard.state(d, "smooth") for d in ladder.directions] == ["holds", "holds"]
    assert not ladder.a.halves
    assert ladder.standard.is_settled(ladder.a_to_b, "smooth")


def test_the_order_of_networks_and_their_company_change_nothing():
    a, b = half_missing(150, np.random.default_rng(4))
    c = np.random.default_rng(5).standard_normal((150, 9))
    first, clusters = Layer(a), np.arange(150)
    there = judge(first, Layer(c), clusters, tolerance=0.05)
    assert there.standard.state(there.a_to_b, "smooth") == "fails"
    with_company = judge(first, Layer(b), clusters, tolerance=0.05)
    alone = judge(Layer(b), Layer(a), clusters, tolerance=0.05)
    for x, y in ((with_company.a_to_b, alone.b_to_a), (with_company.b_to_a, alone.a_to_b)):
        assert x.more_rows.pair == y.more_rows.pair
        assert x.more_rows.known == y.more_rows.known


def test_halves_keep_clusters_whole_and_are_bounded(rng):
    clusters = np.repeat(np.arange(40), 3)
    parts = halves_of(Layer(rng.standard_normal((120, 5))), clusters, 0)
    assert sorted(np.concatenate([part.rows for part in parts])) == list(range(120))
    assert not set(clusters[parts[0].rows]) & set(clusters[parts[1].rows])
    for part in parts:
        assert all(len(set(part.folds[clusters[part.rows] == c])) <= 1 for c in range(40))
        np.testing.assert_array_equal(part.left_out, part.folds)
    large = Layer(rng.standard_normal((1300, 2)))
    assert sum(len(part.rows) for part in halves_of(large, np.arange(1300), 0)) == 1000
    twice = [halves_of(large, np.arange(1300), 0) for _ in range(2)]
    assert all(one.eigen is other.eigen and one.rows is other.rows for one, other in zip(*twice, strict=True))


def test_more_units_than_rows_and_few_clusters(rng):
    a, b = (net(rng.standard_normal((72, 2)), 100, rng) for _ in range(2))
    ladder = climb(a, b, np.repeat(np.arange(18), 4))
    assert ladder.standard.state(ladder.a_to_b, "smooth") == "fails"


@pytest.mark.slow
def test_what_fitting_noise_costs_is_no_sign_of_a_map():
    """Few groups leave over all of the target: less so with twice the rows, as of any noise."""
    undecided = 0
    for seed in range(4):
        rng = np.random.default_rng(seed)
        groups = np.arange(160) % 20
        a, b = (
            net(rng.standard_normal((20, 3)), 16, rng)[groups] + 0.02 * rng.standard_normal((160, 16)) for _ in "ab"
        )
        ladder = climb(a, b, groups)
        left = ladder.a_to_b.more_rows.pair
        assert left.whole > 0.9
        assert left.is_flat
        undecided += ladder.standard.state(ladder.a_to_b, "smooth") != "fails"
    assert undecided <= 1


def leaves(m, rng, *, private=False):
    """Return a smooth layer of two numbers, and one that is constant between cuts of them, or of one and another's."""
    z = rng.standard_normal((m, 2))
    cut = np.column_stack([z[:, 0], rng.standard_normal(m)]) if private else z
    bins = [np.digitize(x, np.quantile(x, np.sort(rng.uniform(0.15, 0.85, 3)))) for x in cut.T]
    return net(z, 32, rng), rng.standard_normal((4, 4, 40))[bins[0], bins[1]]


@pytest.mark.parametrize(("m", "seed"), [(600, 7), (1000, 0), (1000, 7)])
def test_steps_are_compared_with_steps(m, seed):
    """What a kernel leaves of a step function falls so slowly that beside waves it looks settled."""
    ladder = climb(*leaves(m, np.random.default_rng(seed)))
    assert ladder.a_to_b.fits.target.states.max() < 20
    assert ladder.determines(ladder.a_to_b) != "fails"


@pytest.mark.parametrize("seed", range(3))
def test_steps_of_something_else_fail(seed):
    ladder = climb(*leaves(600, np.random.default_rng(seed), private=True))
    assert ladder.determines(ladder.a_to_b) == "fails"
