"""Derivatives, torch modules and stitching of transformations, against finite differences and the maps themselves."""

import numpy as np
import pytest
from constructed import pair

from conjugacy.errors import InputError, ShapeError, UnknownNameError
from conjugacy.results import Estimate
from conjugacy.transformations import RUNGS, Affine, Identity, Layer, LinearMap, Transformation, judge

torch = pytest.importorskip("torch")


@pytest.fixture(scope="module")
def fitted():
    a, b = pair("same_latent", 0, m=200)
    b = b[:, : a.shape[1]] + 5.0
    ladder = judge(Layer(a), Layer(b), np.arange(200), tolerance=0.05)
    return a, {rung: ladder.transformation(rung) for rung in RUNGS}


def differences(t, x, step=1e-4):
    columns = []
    for j in range(x.shape[1]):
        shift = np.zeros(x.shape[1])
        shift[j] = step
        columns.append((t(x + shift) - t(x - shift)) / (2 * step))
    return np.stack(columns, axis=2)


@pytest.mark.parametrize("rung", RUNGS)
def test_jacobians_are_the_limits_of_differences(fitted, rung):
    a, maps = fitted
    x = a[:5] + 0.01
    found = maps[rung].jacobian(x)
    assert found.shape == (5, maps[rung].n_out, maps[rung].n_in)
    np.testing.assert_allclose(found, differences(maps[rung], x), atol=1e-4 * np.abs(found).max())
    np.testing.assert_allclose(maps[rung].jacobian(x[0]), found[0], rtol=1e-6, atol=1e-9)


def test_the_derivative_of_a_composition_is_the_product(fitted):
    a, maps = fitted
    both = maps["affine"].compose(maps["smooth"])
    x = a[:4]
    want = maps["affine"].jacobian(maps["smooth"](x)) @ maps["smooth"].jacobian(x)
    np.testing.assert_allclose(both.jacobian(x), want, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(Identity(3).jacobian(np.ones(3)), np.eye(3))


def test_the_condition_range_of_a_linear_map_is_that_of_its_singular_values(rng):
    x = rng.standard_normal((300, 3))
    u, v = (np.linalg.qr(rng.standard_normal((3, 3)))[0] for _ in range(2))
    matrix = u * [5.0, 2.0, 0.5] @ v
    t = Affine(LinearMap(matrix, np.zeros(3), np.zeros(3)), LinearMap(np.linalg.inv(matrix), np.zeros(3), np.zeros(3)))
    assert t.condition_range(x, dimension=3) == pytest.approx((0.5, 5.0))
    assert t.inverse.condition_range(t(x), dimension=3) == pytest.approx((0.2, 2.0))
    flat = np.column_stack([x[:, :1], np.zeros((300, 2))])  # along one direction only
    assert t.condition_range(flat, dimension=1) == pytest.approx((np.linalg.norm(matrix[0]),) * 2)
    with pytest.raises(InputError, match="got dimension 4"):
        t.condition_range(x, dimension=4)
    with pytest.raises(InputError, match="got 8 rows, expected more than 10"):
        t.condition_range(x[:8], dimension=2)
    with pytest.raises(ShapeError, match="got one row"):
        t.condition_range(x[0], dimension=1)


def test_derivatives_at_and_far_from_the_centres_are_finite(fitted):
    a, maps = fitted
    assert np.isfinite(maps["smooth"].jacobian(np.concatenate([a[:3], 1e6 * a[:3]]))).all()
    with pytest.raises(ShapeError):
        maps["smooth"].jacobian(a[:, :2])


@pytest.mark.parametrize("rung", RUNGS)
def test_the_torch_module_is_the_same_map(fitted, rung):
    a, maps = fitted
    module = maps[rung].to_torch()
    x = torch.tensor(a[:7])
    np.testing.assert_allclose(module(x).numpy(), maps[rung](a[:7]), atol=1e-9)
    assert module(x.float()).dtype == torch.float32
    assert module(x.reshape(7, 1, -1)).shape == (7, 1, maps[rung].n_out)
    assert list(module.parameters()) == []
    x.requires_grad_(True)
    gradient = torch.autograd.grad(module(x)[2, 0], x)[0].numpy()
    np.testing.assert_allclose(gradient[2], maps[rung].jacobian(a[2])[0], atol=1e-7 * np.abs(gradient[2]).max())
    assert (gradient[0] == 0).all()


def test_a_trainable_map_can_be_trained(fitted):
    a, maps = fitted
    module = maps["smooth"].to_torch(trainable=True)
    x, want = torch.tensor(a), torch.zeros(len(a), maps["smooth"].n_out, dtype=torch.float64)
    before = ((module(x) - want) ** 2).mean()
    before.backward()
    with torch.no_grad():
        for weights in module.parameters():  # a step by hand: loading torch's optimisers takes a second
            if weights.grad is not None:
                weights -= 1e-9 * weights.grad
    assert ((module(x) - want) ** 2).mean() < before


def test_what_was_left_unexplained_goes_with_the_map(fitted, tmp_path):
    _, maps = fitted
    there, back = Estimate(0.01, 0.005, 0.02), Estimate(0.3, None, None)
    t = maps["affine"].judged(there, back)
    assert maps["affine"].held_out is None
    assert t.inverse.held_out == (back, there)
    assert Transformation.load(t.save(tmp_path / "t.safetensors")).held_out == (there, back)


def model(seed, width=6):
    torch.manual_seed(seed)
    return torch.nn.Sequential(
        torch.nn.Conv1d(1, 2, 2),
        torch.nn.Flatten(),
        torch.nn.Linear(6, width),
        torch.nn.Tanh(),
        torch.nn.Linear(width, 2),
    )


def test_stitching_a_network_to_itself_is_the_network():
    net, x = model(0), torch.randn(5, 1, 4)
    for layer, units in (("0", 6), ("2", 6), ("3", 6)):  # the first gives a map (2, 3)
        stitched = Identity(units).stitch(net, layer, net, layer)
        torch.testing.assert_close(stitched(x), net(x))


def test_a_map_between_two_networks_reaches_the_head():
    front, head, x = model(0, 6), model(1, 4), torch.randn(5, 1, 4)
    weights = np.random.default_rng(0).normal(size=(6, 4))
    t = Affine(LinearMap(weights, np.zeros(6), np.ones(4)), LinearMap(weights.T, np.zeros(4), np.zeros(6)))
    stitched = t.stitch(front, "3", head, "3")
    want = head[4]((front[:4](x).double() @ torch.tensor(weights) + 1).float())
    torch.testing.assert_close(stitched(x), want)


def test_nothing_reaches_the_head_around_the_map():
    class Skips(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(3, 3)

        def forward(self, x):
            return self.layer(x) + 10 * x  # a way around the layer

    net = Skips()
    constant = Affine(
        LinearMap(np.zeros((3, 3)), np.zeros(3), np.ones(3)), LinearMap(np.zeros((3, 3)), np.zeros(3), np.zeros(3))
    )
    stitched = constant.stitch(net, "layer", net, "layer")
    torch.testing.assert_close(stitched(torch.randn(4, 3)), torch.ones(4, 3))


def test_stitching_says_what_is_wrong():
    net = model(0)
    with pytest.raises(UnknownNameError, match="no layer '9' in the model"):
        Identity(6).stitch(net, "9", net, "3")
    with pytest.raises(ShapeError, match=r"layer '4' gives shape \(5, 2\)"):
        Identity(6).stitch(net, "3", net, "4")(torch.randn(5, 1, 4))
