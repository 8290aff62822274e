"""Recording live networks: the numbers are those of a forward pass, and the network is left as it was."""

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.activations import untrained_copies
from conjugacy.errors import InputError, ModelError, ShapeError, UnknownNameError

torch = pytest.importorskip("torch")


@pytest.fixture
def model():
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Linear(4, 6), torch.nn.BatchNorm1d(6), torch.nn.ReLU(), torch.nn.Dropout(0.5), torch.nn.Linear(6, 3)
    )


@pytest.fixture
def x(rng):
    return rng.standard_normal((50, 4))


def test_values_equal_a_forward_pass_by_hand(model, x):
    r = cj.record(model, x, ["0", "2"], ids=range(50), batch_size=7, name="net")
    model.eval()
    with torch.no_grad():
        first = model[0](torch.tensor(x, dtype=torch.float32))
        rest = model[2](model[1](first))
        out = model(torch.tensor(x, dtype=torch.float32))
    assert list(r.layers) == ["0", "2", "outputs"]
    np.testing.assert_allclose(r.layers["0"].values, first, atol=1e-6)
    np.testing.assert_allclose(r.layers["2"].values, rest, atol=1e-6)
    np.testing.assert_allclose(r.outputs.values, out, atol=1e-6)
    np.testing.assert_allclose(r.outputs.inputs, x)
    assert r.outputs.stimuli.tolist() == list(range(50))
    assert len(r.provenance["weights_sha256"]) == 64


def test_default_layers_leave_out_the_output_and_what_only_passes_on(model, x):
    assert list(cj.record(model, x).layers) == ["0", "1", "2", "outputs"]


def test_nothing_is_left_behind(model, x):
    model.train()
    model[1].eval()
    flags = [m.training for m in model.modules()]
    weights = {k: v.clone() for k, v in model.state_dict().items()}
    state, before = torch.random.get_rng_state(), x.tobytes()
    cj.record(model, x)
    assert [m.training for m in model.modules()] == flags
    assert all(torch.equal(v, weights[k]) for k, v in model.state_dict().items())
    assert torch.equal(torch.random.get_rng_state(), state)
    assert x.tobytes() == before
    assert all(not m._forward_hooks for m in model.modules())


def test_a_model_that_raises_in_the_middle_is_left_clean(x):
    class Boom(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = torch.nn.Linear(4, 2)

        def forward(self, rows):
            if len(rows) < 20:
                raise ValueError("short batch")
            return self.inner(rows)

    model = Boom()
    with pytest.raises(ModelError, match="rows 40 to 49: ValueError: short batch"):
        cj.record(model, x, batch_size=20)
    assert not model.inner._forward_hooks
    assert model.training


def test_in_place_operations_do_not_change_what_was_recorded(x):
    model = torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.ReLU(inplace=True))
    assert cj.record(model, x, ["0"]).layers["0"].values.min() < 0


def test_convolutions_tokens_and_reducers(rng):
    images = rng.standard_normal((6, 1, 8, 8))
    conv = torch.nn.Sequential(torch.nn.Conv2d(1, 3, 3), torch.nn.Flatten(), torch.nn.Linear(108, 2))
    flat = cj.record(conv, images, ["0"])
    assert flat.layers["0"].shape == (6, 108)
    assert "flattened" in flat.provenance["reduced"]["0"]
    assert cj.record(conv, images, ["0"], reducer="mean").layers["0"].shape == (6, 3)
    tokens = torch.nn.Sequential(torch.nn.Linear(4, 5))
    words = rng.standard_normal((6, 7, 4))
    with pytest.raises(ShapeError, match="reducer='mean'"):
        cj.record(tokens, words)
    assert cj.record(tokens, words, reducer="mean").outputs.shape == (6, 5)
    with pytest.raises(InputError, match="'flatten' or 'mean'"):
        cj.record(tokens, words, reducer="max")


def test_layers_that_cannot_be_recorded(model, x):
    with pytest.raises(UnknownNameError, match="no layer in the model '9'"):
        cj.record(model, x, ["9"])
    shared = torch.nn.Linear(4, 4)
    twice = torch.nn.Sequential(shared, torch.nn.Tanh(), shared)
    with pytest.raises(InputError, match="2 times"):
        cj.record(twice, x, ["0"])
    assert "0" not in cj.record(twice, x).layers

    class Unused(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.unused = torch.nn.Linear(4, 2), torch.nn.Linear(4, 2)

        def forward(self, rows):
            return self.used(rows), "and more"

    with pytest.raises(InputError, match="did not run"):
        cj.record(Unused(), x, ["unused"])
    assert cj.record(Unused(), x).outputs.shape == (50, 2)
    with pytest.raises(ShapeError, match="one row per stimulus"):
        cj.record(model, np.zeros((0, 4)))


def test_types_follow_the_model(rng):
    double = torch.nn.Linear(3, 2).double()
    assert cj.record(double, rng.standard_normal((5, 3)).astype(np.float32)).outputs.shape == (5, 2)
    embedding = torch.nn.Sequential(torch.nn.Embedding(10, 4), torch.nn.Flatten())
    assert cj.record(embedding, rng.integers(0, 10, (5, 3)), reducer="flatten").outputs.shape == (5, 12)
    half = torch.nn.Linear(3, 2).bfloat16()
    assert cj.record(half, rng.standard_normal((5, 3))).outputs.shape == (5, 2)


def test_nan_in_a_layer_names_it(x):
    model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Linear(3, 2))
    with torch.no_grad():
        model[0].weight[0, 0] = float("nan")
    with pytest.raises(InputError, match="layer '0'"):
        cj.record(model, x)


def test_plain_callables(x):
    r = cj.record(lambda s: {"hidden": np.tanh(s), "outputs": s[:, :2]}, x)
    assert list(r.layers) == ["hidden", "outputs"]
    with pytest.raises(UnknownNameError, match="what the model returned"):
        cj.record(lambda s: s, x, ["hidden"])
    with pytest.raises(ModelError, match="ZeroDivisionError"):
        cj.record(lambda s: 1 / 0, x)
    with pytest.raises(InputError, match="expected a torch module"):
        cj.record("model", x)


def test_untrained_copies_are_fresh_seeded_and_leave_the_model(model):
    model[1].running_mean += 3
    weights = {k: v.clone() for k, v in model.state_dict().items()}
    state = torch.random.get_rng_state()
    first, second = untrained_copies(model, 2, seed=1)
    again = untrained_copies(model, 1, seed=1)[0]
    assert torch.equal(torch.random.get_rng_state(), state)
    assert all(torch.equal(v, weights[k]) for k, v in model.state_dict().items())
    assert not torch.equal(first[0].weight, model[0].weight)
    assert not torch.equal(first[0].weight, second[0].weight)
    assert torch.equal(first[0].weight, again[0].weight)
    assert first[1].running_mean.abs().max() == 0


def test_parameters_that_cannot_be_redrawn_are_named():
    class Own(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = torch.nn.Parameter(torch.ones(3))

    with pytest.raises(InputError, match=r"'1'.*reset_parameters"):
        untrained_copies(torch.nn.Sequential(torch.nn.Linear(3, 3), Own()), 1, 0)
