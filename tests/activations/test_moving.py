"""How layers move with the world: against derivatives and covariances computed by hand."""

import numpy as np
import pytest
from instruments import jacobians as by_differences
from instruments import mushroom, polar

import conjugacy as cj
from conjugacy.activations import save
from conjugacy.errors import ConjugacyError

torch = pytest.importorskip("torch")
SD = 1e-3


@pytest.fixture
def net():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(2, 6), torch.nn.Tanh(), torch.nn.Linear(6, 3)).double()


@pytest.fixture
def places(rng):
    return rng.random((15, 2))


def hidden(net, x):
    return net[:2](torch.as_tensor(x)).detach().numpy()


def test_derivatives_by_the_world_are_those_of_network_and_world_together(net, places):
    found = cj.record(net, places, world=mushroom, jacobians=["1", "outputs"])
    expected = by_differences(lambda s: hidden(net, mushroom(s)), places)
    np.testing.assert_allclose(found.jacobians["1"], expected, atol=1e-6)
    assert found.jacobians["outputs"].shape == (15, 3, 2)
    np.testing.assert_allclose(found.layer("1").values, hidden(net, mushroom(places)))
    np.testing.assert_allclose(found.first.inputs, mushroom(places))
    assert found.provenance["metric"] == {"of": "derivatives", "by": "the world"}
    deepest = cj.record(net, places, world=mushroom, jacobians=True)
    assert list(deepest.jacobians) == ["1"]


def test_a_coarse_world_is_moved_by_the_step_that_is_given(net, places):
    stairs = lambda s: np.floor(mushroom(s) * 50) / 50  # noqa: E731 - pixels
    with pytest.raises(ConjugacyError, match="larger world_step"):
        cj.record(net, places, world=stairs, jacobians=True, world_step=1e-9)
    rough = cj.record(net, places, world=stairs, jacobians=True, world_step=0.1).jacobians["1"]
    smooth = cj.record(net, places, world=mushroom, jacobians=True).jacobians["1"]
    assert np.linalg.norm(rough - smooth) < 0.2 * np.linalg.norm(smooth)


def test_derivatives_of_maps_are_averaged_as_the_maps_are(rng):
    conv = torch.nn.Sequential(
        torch.nn.Conv2d(1, 3, 3), torch.nn.Tanh(), torch.nn.Flatten(), torch.nn.Linear(48, 2)
    ).double()
    world = lambda s: np.sin(s[:, :1, None, None] * np.arange(36.0).reshape(6, 6))  # noqa: E731
    places = rng.random((70, 1))  # more than are differentiated at once
    found = cj.record(conv, places, ["1"], world=world, jacobians=["1"], reducer="mean")
    both = [cj.record(conv, world(places + h), ["1"], reducer="mean").layer("1").values for h in (1e-6, -1e-6)]
    np.testing.assert_allclose(found.jacobians["1"][:, :, 0], (both[0] - both[1]) / 2e-6, rtol=1e-3, atol=1e-5)


def test_bursts_that_are_given_make_their_covariance(rng, net, places):
    bursts = mushroom(places[:, None] + SD * rng.standard_normal((15, 40, 2)))
    found = cj.record(net, mushroom(places), bursts=bursts, burst_sd=SD)
    for i in (0, 14):
        np.testing.assert_allclose(
            found.covariances["1"][i], np.cov(hidden(net, bursts[i]).T) / SD**2, rtol=1e-6, atol=1e-9
        )
    assert found.provenance["metric"] == {"of": "bursts", "by": "the world", "points": 40, "sd": SD}


def test_bursts_that_are_drawn_move_as_the_derivatives_say(net, places):
    drawn = cj.record(net, places, world=mushroom, bursts=4000, burst_sd=SD, seed=3)
    exact = cj.record(net, places, world=mushroom, jacobians=["1"]).jacobians["1"]
    expected = exact @ exact.mT
    assert np.linalg.norm(drawn.covariances["1"] - expected) < 0.05 * np.linalg.norm(expected)
    again = cj.record(net, places, world=mushroom, bursts=4000, burst_sd=SD, seed=3)
    np.testing.assert_array_equal(drawn.covariances["1"], again.covariances["1"])
    other = cj.record(net, places, world=mushroom, bursts=4000, burst_sd=SD, seed=4)
    assert not np.array_equal(drawn.covariances["1"], other.covariances["1"])


def test_without_a_world_the_networks_own_input_is_moved(net, places):
    found = cj.record(net, mushroom(places), bursts=2000, burst_sd=SD)
    exact = cj.record(net, mushroom(places), jacobians=["1"])
    expected = exact.jacobians["1"] @ exact.jacobians["1"].mT
    assert np.linalg.norm(found.covariances["1"] - expected) < 0.1 * np.linalg.norm(expected)
    assert found.provenance["metric"]["by"] == exact.provenance["metric"]["by"] == "the network's own input"


def test_any_callable_can_be_burst(places):
    model = lambda x: {"bent": polar(x), "outputs": x[:, :1]}  # noqa: E731
    found = cj.record(model, places, bursts=500, burst_sd=SD)
    expected = by_differences(polar, places)
    assert np.linalg.norm(found.covariances["bent"] - expected @ expected.mT) < 0.15 * np.linalg.norm(
        expected @ expected.mT
    )


def test_what_was_recorded_comes_back_from_a_file(tmp_path, net, places):
    found = cj.record(net, places, world=mushroom, bursts=20, burst_sd=SD)
    again = cj.load(save(found, tmp_path / "a.npz"))
    np.testing.assert_array_equal(again.covariances["1"], found.covariances["1"])
    assert again.provenance["metric"] == found.provenance["metric"]


def nothing(s):
    return np.full((len(s), 2), np.nan)


def fails(s):
    raise RuntimeError("no such pose")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"bursts": 20}, "burst_sd: got None"),
        ({"bursts": 20, "burst_sd": -1.0}, "burst_sd: got -1.0"),
        ({"bursts": 1, "burst_sd": SD}, "at least 2 points"),
        ({"burst_sd": SD}, "for bursts"),
        ({"bursts": 20, "burst_sd": SD, "jacobians": ["1"]}, "one of them"),
        ({"bursts": np.zeros((15, 9, 3)), "burst_sd": SD}, r"expected \(15, points, 2\)"),
        ({"bursts": np.zeros((14, 9, 2)), "burst_sd": SD}, r"expected \(15, points, 2\)"),
        ({"bursts": np.zeros((15, 9, 2)), "burst_sd": SD}, "does not move"),
        ({"bursts": np.zeros((15, 9, 2)), "burst_sd": SD, "world": mushroom}, "leave out world"),
        ({"bursts": 20, "burst_sd": SD, "burst_layers": ["2b"]}, "2b"),
        ({"world_step": 0.1}, "with world="),
        ({"world": nothing}, "NaN"),
        ({"world": fails}, "no such pose"),
        ({"world": lambda s: s[:3]}, "one network input per row"),
    ],
)
def test_bad_requests_are_refused(net, places, asked, words):
    with pytest.raises(ConjugacyError, match=words):
        cj.record(net, places, **asked)


def test_covariances_that_would_fill_the_memory_are_refused_before(rng):
    wide = lambda x: {"wide": np.tile(x, (1, 2000)), "outputs": x}  # noqa: E731
    with pytest.raises(ConjugacyError, match="GiB"):
        cj.record(wide, rng.random((50, 2)), bursts=20, burst_sd=SD)


def test_only_layers_that_are_asked_for_are_burst(places):
    asked = []

    def network(x):
        asked.append(len(x))
        wide = x[:, :1] * np.ones(8 if len(x) > 15 else 3)  # what is not asked for may even change its width
        return {"narrow": np.tanh(x), "wide": wide, "outputs": x}

    found = cj.record(network, places, bursts=20, burst_sd=SD, burst_layers="narrow")
    assert list(found.covariances) == ["narrow"]
    assert sum(asked) == 15 * 21


def test_a_name_alone_is_one_layer(net, places):
    assert list(cj.record(net, places, world=mushroom, jacobians="outputs").jacobians) == ["outputs"]


def test_own_derivatives_of_maps_are_averaged_as_the_maps_are(rng):
    conv = torch.nn.Sequential(torch.nn.Conv2d(1, 3, 3), torch.nn.Tanh(), torch.nn.Flatten()).double()
    images = rng.random((4, 1, 5, 5))
    found = cj.record(conv, images, ["1"], jacobians=["1"], reducer="mean")
    assert found.layer("1").values.shape == (4, 3)
    moved = images.copy()
    moved[:, 0, 2, 2] += 1e-6
    slope = (cj.record(conv, moved, ["1"], reducer="mean").layer("1").values - found.layer("1").values) / 1e-6
    np.testing.assert_allclose(found.jacobians["1"][:, :, 12], slope, atol=1e-5)
