"""The common part as maps and as numbers with intervals."""

from __future__ import annotations

import numpy as np
import pytest

from conjugacy.transformations import Standard, Transformation
from conjugacy.transformations.common.judged import SharedLayers
from conjugacy.transformations.common.read_out import chance, read_out
from conjugacy.transformations.sum_map import SumMap

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def layers():
    rng = np.random.default_rng(4)
    s, u, v = (rng.standard_normal((400, 2)) for _ in range(3))
    even = np.column_stack([s[:, 0], s[:, 1] ** 2 - 1])
    x = np.hstack([s, u]) @ rng.standard_normal((4, 30))
    y = np.hstack([even, v]) @ rng.standard_normal((4, 40)) + 2.0
    return x, y, s


@pytest.fixture(scope="module")
def found(layers):
    x, y, _ = layers
    return SharedLayers(x, y, Standard(np.arange(len(x)), 0.05, 0))


@pytest.mark.slow
def test_maps_lead_to_the_common_coordinates_and_back(layers, found):
    assert found.part.dimensions == 2
    for side, x in enumerate(layers[:2]):
        end = found.ends[side]
        there = end.to_common
        assert np.allclose(there(x), end.common)
        told = there.inverse(there(x))
        left = ((x - told) ** 2 / x.var(axis=0)).sum() / x.size
        assert np.isclose(left, found.own_share(side).value, atol=0.05)
        # what is a layer's own is what the way there and back leaves
        assert np.allclose(end.to_private(x), (end.points - end.back(end.common)) @ end.private)


def test_maps_survive_files_torch_and_derivatives(layers, found, tmp_path):
    import torch

    x = layers[0]
    for name, one in (("common", found.ends[0].to_common), ("private", found.ends[0].to_private)):
        assert isinstance(one.forward, SumMap)  # kernels beside units
        again = Transformation.load(one.save(tmp_path / f"{name}.safetensors"))
        assert np.array_equal(again(x), one(x))
        assert np.allclose(one.to_torch()(torch.as_tensor(x)).numpy(), one(x))
        step = 1e-6 * np.random.default_rng(0).standard_normal((5, x.shape[1]))
        slopes = np.einsum("mij,mj->mi", one.jacobian(x[:5]), step)
        assert np.allclose(one(x[:5] + step) - one(x[:5]), slopes, atol=1e-9)
        assert np.allclose(one.push(x[:5], step[:, :, None])[:, :, 0], slopes)


def test_numbers_of_every_coordinate(layers, found):
    x, _, s = layers
    for j, (a_to_b, b_to_a, null) in enumerate(found.directions):
        assert a_to_b.low <= a_to_b.unexplained <= a_to_b.high < 0.25
        assert b_to_a.high < 0.25
        assert null > 1.0  # rows re-paired are told worse than by the mean
        assert found.new_share(j).low <= found.new_share(j).value <= found.new_share(j).high
    # of the second latent B shows the size alone, which is even in every unit of A and tells nothing of its variance
    share = found.share(0)
    assert share.low < share.value < share.high
    assert np.isclose(
        share.value, 1 - ((x - x.mean(axis=0) - _of(s[:, :1], x)) ** 2 / x.var(axis=0)).sum() / x.size, atol=0.1
    )
    assert np.isclose(sum(found.shares(0)), share.value, atol=0.02)
    assert np.isclose(share.value + found.own_share(0).value, 1.0)


def _of(s, x):
    z = np.column_stack([np.ones(len(s)), s])
    return z @ np.linalg.lstsq(z, x, rcond=None)[0] - x.mean(axis=0)


def test_what_reads_a_task(layers):
    _, _, s = layers
    standard = Standard(np.arange(len(s)), 0.05, 0)
    classes = (s[:, 0] > 0).astype(int)
    right = read_out(s, classes, standard)
    assert right.name == "accuracy"
    assert right.low < right.value < right.high
    assert right.value > 0.93
    by_chance = read_out(np.random.default_rng(0).standard_normal((400, 3)), classes, standard)
    assert by_chance.low < chance(classes) + 0.02
    values = read_out(s, s[:, 1] ** 2, standard)  # curved: a linear probe tells nothing
    assert values.name == "explained"
    assert values.value > 0.9
    assert chance(s[:, 1] ** 2) == 0.0


def test_what_the_other_layer_tells_is_less_where_each_has_noise_along_the_latent():
    rng = np.random.default_rng(0)
    latent, noise = rng.standard_normal((1000, 2)), 0.5
    x, y = ((latent + noise * rng.standard_normal((1000, 2))) @ rng.standard_normal((2, n)) for n in (20, 30))
    one = SharedLayers(x, y, Standard(np.arange(1000), 0.05, 0))
    expected = 1 / (1 + noise**2) ** 2  # the squared correlation of the two noisy latents
    for side in (0, 1):
        told = one.told_by_other(side)
        assert told.low < expected < told.high
        assert told.value == pytest.approx(expected, abs=0.04)
        assert one.share(side).value > 0.999


@pytest.mark.slow
def test_a_turned_copy_of_many_latents_tells_all():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((300, 25)) @ rng.standard_normal((25, 40))
    y = x @ np.linalg.qr(rng.standard_normal((40, 40)))[0]
    one = SharedLayers(x, y, Standard(np.arange(300), 0.05, 0))
    assert one.part.dimensions == 25
    assert one.told_by_other(0).value > 0.999
