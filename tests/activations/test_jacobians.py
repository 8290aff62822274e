"""Derivatives and heads of live networks against closed forms."""

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.activations import head_outputs, jacobians, save
from conjugacy.errors import InputError, ModelError, ShapeError, UnknownNameError

torch = pytest.importorskip("torch")


@pytest.fixture
def net():
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Linear(3, 5), torch.nn.Tanh(), torch.nn.Dropout(0.5), torch.nn.Linear(5, 2)
    ).double()


def test_against_the_closed_form(net, rng):
    x = rng.standard_normal((70, 3))
    found = jacobians(net, x, ["1", "outputs"])
    w, b = (p.detach().numpy() for p in net[0].parameters())
    slope = 1 - np.tanh(x @ w.T + b) ** 2
    np.testing.assert_allclose(found["1"], slope[:, :, None] * w, atol=1e-12)
    np.testing.assert_allclose(found["outputs"], net[3].weight.detach().numpy() @ found["1"], atol=1e-12)
    assert net.training  # as it was
    assert all(p.grad is None for p in net.parameters())


def test_images_and_convolutions_are_flattened(rng):
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.ReLU(), torch.nn.Flatten())
    found = jacobians(model.eval(), rng.standard_normal((4, 1, 5, 5)), ["0"])
    assert found["0"].shape == (4, 18, 25)


def test_recorded_and_kept_in_files(net, rng, tmp_path):
    recording = cj.record(net, rng.standard_normal((6, 3)), ["1"], jacobians=["outputs"])
    assert recording.jacobians["outputs"].shape == (6, 2, 3)
    save(recording, tmp_path / "a.npz")
    np.testing.assert_array_equal(cj.load(tmp_path / "a.npz").jacobians["outputs"], recording.jacobians["outputs"])
    with pytest.raises(InputError, match="expected a torch module"):
        cj.record(lambda x: x, np.ones((3, 2)), jacobians=["outputs"])


def test_what_cannot_be_differentiated(net):
    with pytest.raises(InputError, match="derivatives need real numbers"):
        jacobians(torch.nn.Embedding(4, 2), np.array([[1], [2]]))
    with pytest.raises(UnknownNameError, match="no layer '7'"):
        jacobians(net, np.ones((2, 3)), ["7"])

    class Looks(torch.nn.Module):
        def forward(self, x):
            return x if x.sum() > 0 else -x

    with pytest.raises(ModelError, match="cannot be differentiated row by row"):
        jacobians(Looks(), np.ones((2, 3)))


def test_a_head_given_its_own_states_answers_as_the_network(net, rng):
    x = rng.standard_normal((300, 3))
    recording = cj.record(net, x, ["0", "1"])
    for layer in ("0", "1"):
        found = head_outputs(net, x, layer, np.asarray(recording.layers[layer].values))
        np.testing.assert_allclose(found, recording.outputs.values, atol=1e-12)
    assert net.training
    assert not any(module._forward_hooks for module in net.modules())


def test_a_head_says_what_is_wrong(net):
    with pytest.raises(ShapeError, match=r"gives shape \(2, 5\), and was to be replaced by \(2, 4\)"):
        head_outputs(net, np.ones((2, 3)), "1", np.ones((2, 4)))
    with pytest.raises(ShapeError, match="got 3 rows for 2 stimuli"):
        head_outputs(net, np.ones((2, 3)), "1", np.ones((3, 5)))
    with pytest.raises(UnknownNameError):
        head_outputs(net, np.ones((2, 3)), "8", np.ones((2, 5)))
    assert not any(module._forward_hooks for module in net.modules())
