"""Everything from few units: what must be possible by Whitney's theorem, and what must not."""

from dataclasses import replace

import numpy as np
import pytest
from constructed import network

from conjugacy.transformations import Network, Reconstructor, choose_units, few_units
from conjugacy.transformations.few_units import conditioning, distance_shares


def left(judge, units):
    return judge.errors(units)["other"].sum() / judge.totals["other"].sum()


def test_a_circle_needs_two_units_and_is_shown_by_cosine_and_sine(rng):
    t = rng.uniform(0, 2 * np.pi, 500)
    source = Network(np.column_stack([np.cos(t), np.cos(2 * t), np.sin(t), np.cos(t) + 1e-3 * np.sin(t)]))
    other = np.column_stack([np.sin(3 * t), np.cos(t) * np.sin(2 * t)])
    judge = Reconstructor.split(source, {"other": other}, np.arange(500), rows=300)
    assert left(judge, [0]) > 0.5  # cosine alone folds the circle
    assert left(judge, [0, 2]) < 1e-4
    order = choose_units(source, 2)
    assert sorted(order.tolist()) in ([0, 2], [2, 3])


@pytest.mark.parametrize("d", [1, 2])
def test_whitney_number_of_generic_units_suffices_for_an_unrelated_network(rng, d):
    latent = rng.uniform(-1, 1, (900, d))
    source, other = (Network(network(latent, 30, rng)) for _ in range(2))
    judge = Reconstructor.split(source, {"other": other.z}, np.arange(900), rows=600)
    errors = [left(judge, rng.choice(30, 2 * d + 1, replace=False)) for _ in range(10)]
    assert np.median(errors) < 1e-3
    assert left(judge, choose_units(source, 2 * d + 1)) < 1e-3


def test_what_the_source_does_not_see_is_not_reconstructed(rng):
    latent = rng.standard_normal((600, 2))
    source, other = Network(network(latent[:, :1], 20, rng)), Network(network(latent[:, 1:], 20, rng))
    judge = Reconstructor.split(source, {"other": other.z}, np.arange(600), rows=400)
    found = judge.unexplained(np.arange(5))["other"]
    assert found.low > 0.9


def test_choice_leaves_out_copies_and_units_that_fire_rarely(rng):
    x = rng.standard_normal((300, 3))
    rare = np.zeros(300)
    rare[:3] = 50.0
    source = Network(np.column_stack([x[:, 0], x[:, 0], x[:, 1], rare, x[:, 2], x[:, 1]]))
    order = choose_units(source, 3).tolist()
    assert 3 not in order
    assert len({0, 1} & set(order)) == len({2, 5} & set(order)) == len({4} & set(order)) == 1
    assert choose_units(source, 99).size == 5


def test_conditioning_is_one_where_all_distances_are_shown_alike(rng):
    x = rng.standard_normal((200, 3))
    source = Network(np.column_stack([x, x]))
    shares = distance_shares(source.z, 0)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    assert conditioning(shares, [0, 1, 2]) == pytest.approx(1.0)
    assert conditioning(shares, [0]) > 10


def test_the_kernel_follows_the_target(rng):
    """For what is smooth the Gaussian leaves least, for what has kinks the Matern kernel: neither alone would do for both."""
    latent = rng.uniform(-1, 1, (900, 2))
    source = Network(np.tanh(latent @ rng.standard_normal((2, 12)) + 0.5 * rng.standard_normal(12)))
    smooth = np.sin(latent @ rng.standard_normal((2, 4)))
    kinked = np.maximum(latent @ rng.standard_normal((2, 4)) + 0.3 * rng.standard_normal(4), 0.0)
    judge = Reconstructor.split(source, {"smooth": smooth, "kinked": kinked}, np.arange(900), rows=600)
    units = choose_units(source, 5)
    errors = judge.errors(units)
    assert errors["smooth"].sum() / judge.totals["smooth"].sum() < 1e-8
    for name, kernel in (("smooth", 1), ("kinked", 0)):
        alone = replace(judge, targets={name: {"smooth": smooth, "kinked": kinked}[name]})
        np.testing.assert_allclose(alone.errors(units)[name], errors[name], rtol=1e-6)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(few_units, "KERNELS", (few_units.KERNELS[1 - kernel],))
            assert alone.errors(units)[name].sum() > errors[name].sum()


def test_rows_that_coincide_are_reconstructed(rng):
    """A kernel of repeated rows is singular, and a tiny strength lost in rounding."""
    x = np.repeat(rng.standard_normal((30, 1)), 20, axis=0)
    judge = Reconstructor.split(Network(x), {"other": x**2}, np.arange(600), rows=1000)
    assert left(judge, [0]) < 1e-6


def test_clusters_are_not_divided(rng):
    clusters = np.repeat(np.arange(40), 5)
    source = Network(rng.standard_normal((200, 4)))
    judge = Reconstructor.split(source, {"other": rng.standard_normal((200, 2))}, clusters, rows=1000)
    assert not set(clusters[judge.train]) & set(clusters[judge.test])
    assert len(judge.train) + len(judge.test) == 200


def test_units_that_do_not_vary_in_the_fitted_rows_explain_nothing(rng):
    values = rng.standard_normal((100, 2))
    values[:, 0] = 0.0
    values[90:, 0] = rng.standard_normal(10)
    source = Network(values)
    judge = Reconstructor(source, {"other": values[:, 1:]}, np.arange(100), np.arange(80), np.arange(80, 100))
    assert left(judge, [0]) == pytest.approx(1.0)
