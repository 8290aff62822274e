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
    averaged = cj.record(tokens, words)  # a linear layer has its units last
    assert averaged.outputs.shape == (6, 5)
    assert "averaged over tokens" in averaged.provenance["reduced"]["outputs"]
    assert cj.record(tokens, words, reducer="flatten").outputs.shape == (6, 35)
    with pytest.raises(ShapeError, match="reducer='mean'"):
        cj.record(lambda rows: rows, words)  # of a callable it is not known
    with pytest.raises(InputError, match="'flatten' or 'mean'"):
        cj.record(tokens, words, reducer="max")


def test_layers_that_cannot_be_recorded(model, x):
    with pytest.raises(UnknownNameError, match="no layer '9' in the model"):
        cj.record(model, x, ["9"])
    shared = torch.nn.Linear(4, 4)
    twice = torch.nn.Sequential(shared, torch.nn.Tanh(), shared)
    with pytest.raises(InputError, match="2 times"):
        cj.record(twice, x, ["0"])
    both = cj.record(twice, x)
    assert list(both.layers) == ["0", "1", "outputs"]
    assert both.provenance["left_out"] == {"0#2": "equal to outputs"}
    named = cj.record(twice, x, ["0#1", "0#2"]).layers
    np.testing.assert_array_equal(named["0#1"].values, both.layers["0"].values)
    np.testing.assert_array_equal(named["0#2"].values, both.outputs.values)

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
            self.scale = torch.nn.Parameter(torch.linspace(1, 2, 3))

    with pytest.raises(InputError, match=r"14 % of the numbers would still be .*\(1\.scale\)"):
        untrained_copies(torch.nn.Sequential(torch.nn.Linear(3, 3), Own()), 1, 0)


def test_stimuli_survive_a_network_that_works_in_place(x):
    tensor = torch.tensor(x, dtype=torch.float32)
    before = tensor.clone()
    found = cj.record(torch.nn.Sequential(torch.nn.ReLU(inplace=True), torch.nn.Linear(4, 2)), tensor)
    assert torch.equal(tensor, before)
    np.testing.assert_array_equal(found.outputs.inputs, before)

    def halve(rows):
        rows /= 2
        return rows

    kept = x.copy()
    found = cj.record(halve, x)
    np.testing.assert_array_equal(x, kept)
    np.testing.assert_array_equal(found.outputs.inputs, kept)
    np.testing.assert_allclose(found.outputs.values, kept / 2)


class Counting(torch.nn.Module):
    """Counts its calls, and answers in a buffer that the next call overwrites."""

    def __init__(self):
        super().__init__()
        self.inner = torch.nn.Linear(4, 2)
        self.register_buffer("calls", torch.zeros(1))
        self.register_buffer("answer", torch.zeros(10, 2))
        self.register_buffer("last", torch.zeros(2))

    def forward(self, rows):
        self.calls += 1
        self.answer.copy_(self.inner(rows))
        self.last = self.answer[0].clone()
        return self.answer


def test_a_reused_output_buffer_is_read_before_it_is_overwritten_and_buffers_come_back(x):
    model = Counting()
    last = model.last
    found = cj.record(model, x, batch_size=10)
    with torch.no_grad():
        expected = model.inner(torch.tensor(x, dtype=torch.float32))
    np.testing.assert_allclose(found.outputs.values, expected, atol=1e-6)
    assert model.calls.item() == 0
    assert model.answer.abs().max() == 0
    assert model.last is last


class Branching(torch.nn.Module):
    """Runs one of two layers, by the sign of the batch."""

    def __init__(self):
        super().__init__()
        self.up, self.down = torch.nn.Linear(4, 2), torch.nn.Linear(4, 2)

    def forward(self, rows):
        return self.up(rows) if rows[0, 0] > 0 else self.down(rows)


def test_a_layer_that_only_some_batches_go_through(x):
    x[:, 0] = np.where(np.arange(50) < 20, 1, -1)
    with pytest.raises(InputError, match="'up' ran in 2 of 5 forward passes"):
        cj.record(Branching(), x, ["up"], batch_size=10)
    assert list(cj.record(Branching(), x, batch_size=10).layers) == ["outputs"]


def test_of_very_many_layers_an_even_choice_is_recorded_and_told(x):
    deep = torch.nn.Sequential(*(torch.nn.Linear(4, 4) for _ in range(100)))
    found = cj.record(deep, x)
    assert "0" in found.layers
    assert len(found.layers) == 64
    assert "64 of 100" in found.provenance["layers"]
    assert "layers" not in cj.record(deep[:5], x).provenance


def test_number_types_that_torch_does_not_know(model, x):
    expected = cj.record(model, x).outputs.values
    for dtype in (">f8", np.longdouble, ">f4"):
        np.testing.assert_allclose(cj.record(model, x.astype(dtype)).outputs.values, expected, atol=1e-5)
    assert cj.record(torch.nn.Linear(4, 2).bfloat16(), torch.ones(5, 4).bfloat16()).outputs.inputs.shape == (5, 4)
    for wrong in (x + 1j, np.array([["a"] * 4] * 3)):
        with pytest.raises(InputError, match="expected numbers"):
            cj.record(model, wrong)


def test_large_stimuli_are_left_out_and_said_so(monkeypatch, x):
    monkeypatch.setattr("conjugacy.activations.shown.KEEP_INPUT_BYTES", 50 * 4 * 8 - 1)
    found = cj.record(lambda rows: rows, x)
    assert found.outputs.inputs is None
    assert "larger" in found.provenance["inputs"]
    texts = cj.record(lambda words: np.array([[len(w)] for w in words]), np.array(["a", "bcd"]))
    assert texts.outputs.values.tolist() == [[1], [3]]
    assert "left out" in texts.provenance["inputs"]


def test_a_layer_may_be_named_alone_or_twice(model, x):
    for layers in ("0", ["0", "0"]):
        assert list(cj.record(model, x, layers).layers) == ["0", "outputs"]


def test_settings_that_cannot_be_used(model, x):
    for size in (0, 2.5):
        with pytest.raises(InputError, match="batch_size"):
            cj.record(model, x, batch_size=size)
    with pytest.raises(ShapeError, match="rows of unequal length"):
        cj.record(model, [[1.0, 2.0], [1.0]])
    with pytest.raises(InputError, match="has no shape yet"):
        cj.record(torch.nn.Sequential(torch.nn.LazyLinear(3)), x)
    with pytest.raises(InputError, match="expected a tensor"):
        cj.record(torch.nn.Sequential(torch.nn.Identity(), Nothing()), x)


class Nothing(torch.nn.Module):
    def forward(self, rows):
        return None


def test_callables_may_answer_with_tensors_that_carry_gradients(x):
    weights = torch.ones(4, 2, dtype=torch.float64, requires_grad=True)
    found = cj.record(lambda rows: rows @ weights, torch.tensor(x))
    np.testing.assert_allclose(found.outputs.values, x.sum(axis=1, keepdims=True).repeat(2, axis=1))


def test_the_same_call_gives_the_same_bits(model, x):
    first, second = cj.record(model, x, name="net"), cj.record(model, x, name="net")
    assert first.provenance == second.provenance
    for layer in first.layers:
        np.testing.assert_array_equal(first.layers[layer].values, second.layers[layer].values)


def test_half_precision_stays_narrow_and_its_means_are_not_rounded(rng):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = torch.nn.Conv2d(1, 2, 3)

        def forward(self, x):
            return self.conv(x).flatten(1)[:, :3]

    torch.manual_seed(0)
    x = torch.randn(6, 1, 8, 8)
    for kind, narrow in ((torch.float16, np.float16), (torch.bfloat16, np.float32)):
        model = Net().to(kind)
        with torch.no_grad():
            maps, outputs = model.conv(x.to(kind)), model(x.to(kind))
        found = cj.record(model, x, ["conv"], reducer="mean")
        assert found.outputs.stored.dtype == narrow
        np.testing.assert_array_equal(found.outputs.values, outputs.double().numpy())
        np.testing.assert_allclose(
            found.layers["conv"].values, maps.double().mean(dim=(2, 3)).numpy(), rtol=1e-5, atol=1e-7
        )
        told = {} if kind == torch.float16 else {"conv": "bfloat16 as float32", "outputs": "bfloat16 as float32"}
        assert found.provenance.get("widened", {}) == told
