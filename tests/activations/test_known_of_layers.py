"""Which axes of a layer hold what, as it runs in awkward networks; what cannot be read is left out and told."""

import warnings

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.errors import ShapeError

torch = pytest.importorskip("torch")
nn = torch.nn
CLOSE = {"rtol": 1e-4, "atol": 1e-5}


def network(forward, **parts):
    """Return a module of some parts with a forward pass."""
    torch.manual_seed(0)

    class Made(nn.Module):
        def __init__(self):
            super().__init__()
            for name, part in parts.items():
                setattr(self, name, part)

    Made.forward = forward
    return Made()


@pytest.fixture
def sequences(rng):
    return rng.standard_normal((20, 6, 5)).astype(np.float32)


@pytest.fixture
def rows(sequences):
    return sequences[:, 0]


def linear():
    return {"a": nn.Linear(5, 8), "b": nn.Linear(8, 3)}


def told(model, shown, **options):
    return " ".join(cj.record(model, shown, **options).provenance.get("passes", ()))


def test_batches_of_one_size_are_told(rows):
    fixed = network(lambda self, x: self.b(self.a(x.reshape(10, 5))), **linear())
    assert told(fixed, rows, batch_size=10).startswith("takes batches of one size only")


def test_rows_that_a_recurrence_runs_over_are_refused(sequences):
    with pytest.raises(ShapeError, match=r"takes the stimuli for time points \(batch_first=False\)"):
        cj.record(nn.LSTM(5, 7), sequences)
    inner = network(lambda self, x: self.out(self.rnn(x)[0][:, -1]), rnn=nn.GRU(5, 7), out=nn.Linear(7, 3))
    recording = cj.record(inner, sequences)
    assert "takes the stimuli for time points" in recording.provenance["left_out"]["rnn"]
    assert "rows influence each other" in recording.provenance["passes"][0]


def test_time_first_layers_are_read_with_time_first(sequences):
    model = network(lambda self, x: self.out(self.rnn(x.transpose(0, 1))[0][-1]), rnn=nn.GRU(5, 7), out=nn.Linear(7, 3))
    for shown in (sequences, sequences[:6]):  # as many stimuli as time points
        recording = cj.record(model, shown)
        states = model.rnn(torch.tensor(shown).transpose(0, 1))[0].detach().numpy()
        np.testing.assert_allclose(recording.layer("rnn").values, states.mean(axis=0), **CLOSE)
        assert recording.provenance["reduced"]["rnn"] == "6x7 averaged over tokens"


def test_an_entry_for_every_two_stimuli_is_no_row_of_units(rows):
    pairs = network(lambda self, x: (self.b(self.a(x)), self.a(x) @ self.a(x).T), **linear())
    recording = cj.record(pairs, rows)
    assert recording.provenance["left_out"]["outputs[1]"].startswith("holds an entry for every two stimuli")
    with pytest.raises(ShapeError, match="every two stimuli"):
        cj.record(network(lambda self, x: self.a(x) @ self.a(x).T, a=nn.Linear(5, 8)), rows)


def test_norms_over_channels_are_read_as_channels(rng):
    class First(nn.LayerNorm):  # as in ConvNeXt
        def __init__(self, channels):
            super().__init__(channels)
            self.data_format = "channels_first"

        def forward(self, x):
            return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)

    class LayerNorm2d(First):  # as in torchvision and timm
        def __init__(self, channels):
            super().__init__(channels)
            del self.data_format

    pictures = rng.standard_normal((8, 3, 9, 9)).astype(np.float32)
    for norm in (First(6), LayerNorm2d(6), nn.LayerNorm([6, 7, 7])):
        model = nn.Sequential(nn.Conv2d(3, 6, 3), norm, nn.ReLU(), nn.Flatten(), nn.Linear(6 * 49, 2))
        recording = cj.record(model, pictures, reducer="mean")
        values = model[:2](torch.tensor(pictures)).detach().numpy()
        np.testing.assert_allclose(recording.layer("1").values, values.mean(axis=(2, 3)), **CLOSE)
        assert recording.layer("2").shape == (8, 6)


def test_libraries_say_what_their_layers_hold(rng):
    class LayerNorm(nn.LayerNorm):  # as in timm, with a pass of its own
        def forward(self, x):
            return nn.functional.layer_norm(x, self.normalized_shape, self.weight, self.bias)

    class Patches(nn.Module):  # as in timm, which says what its modules give
        output_fmt = "NHWC"

        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.randn(6, 3, 2, 2))

        def forward(self, x):
            return nn.functional.conv2d(x, self.weight, stride=2).permute(0, 2, 3, 1)

    pictures = rng.standard_normal((8, 3, 10, 10)).astype(np.float32)
    model = nn.Sequential(Patches(), LayerNorm(6), nn.GELU(), nn.Linear(6, 4), nn.Flatten(), nn.Linear(100, 2))
    recording = cj.record(model, pictures, reducer="mean")
    assert [recording.layer(name).shape[1] for name in "0123"] == [6, 6, 6, 4]
    values = model[:2](torch.tensor(pictures)).detach().numpy()
    np.testing.assert_allclose(recording.layer("1").values, values.mean(axis=(1, 2)), **CLOSE)


def test_a_shape_alone_does_not_tell_where_all_axes_are_as_long(rng):
    class Moved(nn.Module):
        def forward(self, x):
            return x.permute(0, 2, 3, 1)

    model = nn.Sequential(nn.Conv2d(3, 6, 4), Moved(), nn.LayerNorm(6), nn.GELU(), nn.Flatten(), nn.Linear(216, 2))
    left_out = cj.record(model, rng.standard_normal((8, 3, 9, 9)), reducer="mean").provenance["left_out"]
    assert "which of its axes holds what is not known" in left_out["1"]


def test_layers_of_unknown_axes_are_left_out_whatever_becomes_of_tokens(sequences):
    class Turned(nn.Module):
        def forward(self, x):
            return x.transpose(1, 2).sin()

    model = nn.Sequential(nn.Linear(5, 4), Turned(), nn.Flatten(), nn.Linear(24, 2))
    recording = cj.record(model, sequences, tokens="mean")
    assert "not known" in recording.provenance["left_out"]["1"]
    assert cj.record(model, sequences, axes={"1": "but"}).layer("1").shape == (20, 4)


@pytest.mark.parametrize("width", [8, 6])  # as many units as tokens, too
def test_layers_that_work_across_tokens_keep_their_units_apart(sequences, width):
    class Mixer(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm, self.fc1, self.act, self.fc2 = nn.LayerNorm(width), nn.Linear(6, 9), nn.GELU(), nn.Linear(9, 6)
            self.after, self.across = nn.LayerNorm(width), nn.Linear(width, 5)

        def forward(self, x):
            x = x + self.fc2(self.act(self.fc1(self.norm(x).transpose(1, 2)))).transpose(1, 2)
            return self.across(self.after(x))

    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, width), Mixer(), nn.Flatten(), nn.Linear(30, 3))
    recording = cj.record(model, sequences)
    with torch.no_grad():
        first = model[1].fc1(model[1].norm(model[0](torch.tensor(sequences))).transpose(1, 2))
        second = model[1].fc2(model[1].act(first))
    assert {name: recording.layer(f"1.{name}").shape[1] for name in ("norm", "fc1", "fc2", "after", "across")} == {
        "norm": width, "fc1": width, "fc2": width, "after": width, "across": 5,
    }  # fmt: skip
    np.testing.assert_allclose(recording.layer("1.fc1").values, first.mean(2), **CLOSE)
    np.testing.assert_allclose(recording.layer("1.fc2").values, second.mean(2), **CLOSE)
    turned = nn.Sequential(nn.Conv1d(6, width, 1), Turn(), nn.Linear(width, 4), nn.Flatten(), nn.Linear(20, 2))
    assert cj.record(turned, sequences).layer("2").shape == (20, 4)  # channels first, turned: its units are last


class Turn(nn.Module):
    def forward(self, x):
        return x.transpose(1, 2)


def masked(rng, shown):
    many = rng.integers(2, 7, len(shown))
    return (np.arange(6) < many[:, None]).astype(np.float32), many


def test_padding_that_counts_is_told_and_shows_which_axis_holds_tokens(rng, sequences):
    class Turned(nn.Module):
        def forward(self, x):
            return x.transpose(1, 2).sin()

    mask, _ = masked(rng, sequences)
    parts = {"a": nn.Linear(5, 8), "turn": Turned(), "b": nn.Linear(8, 3)}
    careful = network(
        lambda self, x, attention_mask: self.b(
            (self.turn(self.a(x)) * attention_mask[:, None]).sum(2) / attention_mask.sum(1, keepdim=True)
        ),
        **parts,
    )
    careless = network(lambda self, x, attention_mask: self.b(self.turn(self.a(x)).mean(2)), **parts)
    shown = {"x": sequences, "attention_mask": mask}
    assert told(careful, shown) == ""
    assert told(careless, shown).startswith("padding is not ignored: with 2 more columns")
    recording = cj.record(careful, shown)
    values = careful.turn(careful.a(torch.tensor(sequences))).detach().numpy()
    expected = np.stack([values[i, :, mask[i] == 1].mean(axis=0) for i in range(20)])
    np.testing.assert_allclose(recording.layer("turn").values, expected, **CLOSE)
    fixed = network(
        lambda self, x, attention_mask: self.b(self.a(x.reshape(-1, 30))), a=nn.Linear(30, 8), b=nn.Linear(8, 3)
    )
    assert told(fixed, shown) == ""  # a network of one length


def test_packed_sequences_need_a_mask_and_are_read_with_it(rng, sequences):
    mask, many = masked(rng, sequences)

    def forward(self, x, attention_mask):
        packed = nn.utils.rnn.pack_padded_sequence(
            x, attention_mask.sum(1).long(), batch_first=True, enforce_sorted=False
        )
        return self.out(self.rnn(packed)[1][-1])

    model = network(forward, rnn=nn.GRU(5, 7, batch_first=True), out=nn.Linear(7, 3))
    recording = cj.record(
        model, {"x": sequences, "attention_mask": mask}, batch_size=3
    )  # batches of other longest sequences
    states = model.rnn(torch.tensor(sequences))[0].detach().numpy()
    expected = np.stack([states[i, :n].mean(axis=0) for i, n in enumerate(many)])
    np.testing.assert_allclose(recording.layer("rnn").values, expected, **CLOSE)
    hidden = network(lambda self, x: forward(self, x[:, :, :5], x[:, :, 5]), rnn=model.rnn, out=model.out)
    left_out = cj.record(hidden, np.concatenate([sequences, mask[:, :, None]], axis=2)).provenance["left_out"]
    assert left_out["rnn"].startswith("holds sequences of lengths of their own")


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors:UserWarning")
def test_an_encoder_that_nests_its_tensors_is_read_as_it_runs(rng, sequences):
    mask, many = masked(rng, sequences)
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    parts = {"a": nn.Linear(5, 8), "encoder": nn.TransformerEncoder(layer, 2), "b": nn.Linear(8, 3)}
    model = network(  # its padding is zero where it nests, and no zero where it does not
        lambda self, x, attention_mask: self.b(
            self.encoder(self.a(x), src_key_padding_mask=~attention_mask.bool()).mean(1)
        ),
        **parts,
    ).eval()
    with torch.no_grad():
        plain = model(torch.tensor(sequences), torch.tensor(mask)).numpy()
        alone = [model.encoder(model.a(torch.tensor(sequences[i : i + 1, :n])))[0].mean(0) for i, n in enumerate(many)]
    recording = cj.record(model, {"x": sequences, "attention_mask": mask})
    np.testing.assert_allclose(recording.outputs.values, plain, **CLOSE)
    np.testing.assert_allclose(recording.layer("encoder.layers.1.norm2").values, np.stack(alone), **CLOSE)
    assert "padding left out" in recording.provenance["reduced"]["encoder.layers.0.self_attn"]


def test_experts_that_see_other_rows_are_left_out(rng, sequences, rows):
    def forward(self, x):
        found, first = torch.zeros(len(x), 3), x[:, 0] > 0
        found[first], found[~first] = self.one(x[first]), self.two(x[~first])
        return found

    model = network(forward, one=nn.Linear(5, 3), two=nn.Linear(5, 3))
    sorted_rows = rows[np.argsort(-rows[:, 0])]  # the first few all go to one expert
    for shown in (rows, sorted_rows):
        recording = cj.record(model, shown)
        assert list(recording.layers) == ["outputs"]
        assert set(recording.provenance["left_out"]) == {"one", "two"}


def test_quantised_compiled_and_parallel_networks_show_their_layers(rows):
    def plain():
        return nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3)).eval()

    compiled = torch.compile(plain(), backend="eager")
    compiled(torch.tensor(rows))
    with warnings.catch_warnings(action="ignore"):  # torch gives up this way of quantising
        quantised = torch.ao.quantization.quantize_dynamic(plain(), {nn.Linear}, dtype=torch.qint8)
    parallel = nn.DataParallel(plain())
    for model, layers in ((compiled, ["0", "1"]), (quantised, ["0", "1"]), (parallel, ["module.0", "module.1"])):
        assert list(cj.record(model, rows).layers) == [*layers, "outputs"]
    assert "rows influence each other" in told(quantised, rows)  # one range for all activations of a batch


@pytest.mark.parametrize("nothing", [np.nan, np.inf])
def test_what_stands_at_padding_counts_for_nothing(rng, sequences, nothing):
    mask, many = masked(rng, sequences)
    model = network(
        lambda self, x, attention_mask: self.a(torch.where(attention_mask[..., None] == 1, x, nothing)),
        a=nn.Linear(5, 8),
    )
    found = cj.record(model, {"x": sequences, "attention_mask": mask}).outputs.values
    plain = model.a(torch.tensor(sequences)).detach().numpy()
    np.testing.assert_allclose(found, np.stack([plain[i, :n].mean(0) for i, n in enumerate(many)]), **CLOSE)
