"""Which axis is which, and what becomes of tokens, time and places: values by hand, and siblings that are misread elsewhere."""

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.activations.axes import settled
from conjugacy.activations.tokens import Reduction
from conjugacy.errors import InputError, ShapeError

torch = pytest.importorskip("torch")
nn = torch.nn


def net(*layers):
    torch.manual_seed(0)
    return nn.Sequential(*layers).eval()


def by_hand(model, x):
    with torch.no_grad():
        return model(torch.tensor(x, dtype=torch.float32)).numpy()


class ChannelsLast(nn.Module):
    """A convolution, then a linear layer on the channels, as in ConvNeXt."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.mix, self.act = nn.Conv2d(3, 6, 3, padding=1), nn.Linear(6, 6), nn.GELU()
        self.last = nn.Linear(6, 2)

    def forward(self, x):
        x = self.act(self.mix(self.conv(x).permute(0, 2, 3, 1)))
        return self.last(x.mean(dim=(1, 2)))


def test_maps_with_channels_last_keep_their_channels(rng):
    model, x = ChannelsLast(), rng.standard_normal((10, 3, 6, 6))
    found = cj.record(model, x, reducer="mean")
    with torch.no_grad():
        conv = model.conv(torch.tensor(x, dtype=torch.float32))
        mixed = model.mix(conv.permute(0, 2, 3, 1))
    assert found.layers["mix"].shape == (10, 6)
    np.testing.assert_allclose(found.layers["mix"].values, mixed.mean(dim=(1, 2)), atol=1e-6)
    np.testing.assert_allclose(found.layers["act"].values, nn.functional.gelu(mixed).mean(dim=(1, 2)), atol=1e-6)
    np.testing.assert_allclose(found.layers["conv"].values, conv.mean(dim=(2, 3)), atol=1e-6)
    flat = cj.record(model, x, ["conv", "mix"], reducer="flatten")
    # both in one order of units, whichever axis held the channels
    np.testing.assert_allclose(flat.layers["mix"].values, mixed.permute(0, 3, 1, 2).flatten(1), atol=1e-6)


@pytest.mark.parametrize("size", [6, 10])  # as many places as channels, as many as stimuli
def test_axes_of_one_length_are_not_confused(rng, size):
    model, x = ChannelsLast(), rng.standard_normal((10, 3, size, size))
    found = cj.record(model, x, ["mix"], reducer="mean").layers["mix"].values
    with torch.no_grad():
        mixed = model.mix(model.conv(torch.tensor(x, dtype=torch.float32)).permute(0, 2, 3, 1))
    np.testing.assert_allclose(found, mixed.mean(dim=(1, 2)), atol=1e-6)


def test_one_dimensional_convolutions_keep_channels(rng):
    model, x = (
        net(nn.Conv1d(4, 5, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(35, 2)),
        rng.standard_normal((8, 4, 7)),
    )
    found = cj.record(model, x)
    conv = by_hand(model[0], x)
    np.testing.assert_allclose(found.layers["0"].values, conv.mean(axis=2), atol=1e-6)
    np.testing.assert_allclose(found.layers["1"].values, np.maximum(conv, 0).mean(axis=2), atol=1e-6)
    assert "averaged over tokens" in found.provenance["reduced"]["0"]


class TimeFirst(nn.Module):
    """A recurrent layer that takes time first, inside a network that does not."""

    def __init__(self, kind=nn.GRU):
        super().__init__()
        torch.manual_seed(0)
        self.cell, self.last = kind(3, 4), nn.Linear(4, 2)

    def forward(self, x):
        states, _ = self.cell(x.transpose(0, 1))
        return self.last(states[-1])


@pytest.mark.parametrize("kind", [nn.GRU, nn.LSTM, nn.RNN])
@pytest.mark.parametrize("m", [9, 7, 20])  # as many time points as stimuli, and others
def test_layers_that_hold_time_first_are_turned(rng, kind, m):
    model, x = TimeFirst(kind), rng.standard_normal((m, 9, 3))
    found = cj.record(model, x, ["cell"], tokens="last", batch_size=9)
    with torch.no_grad():
        states = model.cell(torch.tensor(x, dtype=torch.float32).transpose(0, 1))[0]
    np.testing.assert_allclose(found.layers["cell"].values, states[-1], atol=1e-6)


def test_a_network_that_recurs_over_the_stimuli_is_refused(rng):
    torch.manual_seed(0)
    for size in (5, 30):
        with pytest.raises(ShapeError, match="batch_first=False"):
            cj.record(nn.LSTM(3, 4), rng.standard_normal((30, size, 3)), tokens="mean")
    assert cj.record(nn.LSTM(3, 4, batch_first=True), rng.standard_normal((30, 5, 3)), tokens="mean").outputs.shape == (
        30,
        4,
    )


def test_a_network_of_independent_rows_is_not(rng):
    for model in (net(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2)), TimeFirst()):
        x = rng.standard_normal((30, 3)) if isinstance(model, nn.Sequential) else rng.standard_normal((30, 5, 3))
        assert "passes" not in cj.record(model, x).provenance


MASK = np.array([[1, 1, 1, 0], [1, 0, 0, 0], [1, 1, 1, 1], [0, 0, 1, 1]], bool)


@pytest.mark.parametrize("tokens", ["mean", "last", "first"])
def test_padding_does_not_count(rng, tokens):
    values = rng.standard_normal((4, 4, 3))
    values[~MASK] = 1e9
    found, said = Reduction(tokens, mask=MASK).apply(values, "btu", "h")
    want = {
        "mean": [v[k].mean(axis=0) for v, k in zip(values, MASK, strict=True)],
        "last": [v[k][-1] for v, k in zip(values, MASK, strict=True)],
        "first": [v[k][0] for v, k in zip(values, MASK, strict=True)],
    }[tokens]
    np.testing.assert_allclose(found, want)
    assert "padding left out" in said
    turned, _ = Reduction(tokens, mask=MASK).apply(values.transpose(1, 0, 2), "tbu", "h")
    np.testing.assert_allclose(turned, want)


def test_every_token_a_row_of_its_sequence(rng):
    model, x = net(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2)), rng.standard_normal((4, 4, 3))
    targets = np.arange(16).reshape(4, 4)
    found = cj.record(model, x, ids=list("abcd"), tokens="each", mask=MASK, targets=targets)
    assert found.outputs.shape == (9 + 1, 2)
    np.testing.assert_allclose(found.outputs.values, by_hand(model, x)[MASK], atol=1e-6)
    np.testing.assert_allclose(found.outputs.inputs, x[MASK])
    assert found.targets.tolist() == targets[MASK].tolist()
    assert found.outputs.stimuli.tolist()[:4] == ["a/0", "a/1", "a/2", "b/0"]
    assert found.outputs.groups.tolist() == [0, 0, 0, 1, 2, 2, 2, 2, 3, 3]


def test_tokens_as_time_give_trajectories(rng):
    torch.manual_seed(0)
    model, x = nn.Sequential(), rng.standard_normal((5, 8, 3)).astype(np.float32)
    mask = np.arange(8) < np.array([8, 3, 5, 8, 2])[:, None]
    model = TimeFirst()

    class Whole(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn, self.last = nn.GRU(3, 4, batch_first=True), nn.Linear(4, 2)

        def forward(self, x):
            return self.last(self.rnn(x)[0])

    model = Whole()
    found = cj.record(model, x, tokens="time", mask=mask)
    assert found.is_dynamic
    assert found.layers["rnn"].lengths == (8, 3, 5, 8, 2)
    with torch.no_grad():
        states = model.rnn(torch.tensor(x))[0].numpy()
    np.testing.assert_allclose(found.layers["rnn"].values[1], states[1, :3], atol=1e-6)
    np.testing.assert_allclose(found.layers["rnn"].drive[2][:4], x[2, 1:5], atol=1e-6)  # acts on the step to it
    with pytest.raises(ShapeError, match="padding at the end"):
        cj.record(model, x, tokens="time", mask=mask[:, ::-1])


def test_layers_without_tokens_are_left_out_where_tokens_stay_apart(rng):
    found = cj.record(TimeFirst(), rng.standard_normal((12, 6, 3)), tokens="each")
    assert list(found.layers) == ["cell"]
    assert "no tokens or time" in found.provenance["left_out"]["outputs"]


def test_of_what_is_not_known_the_user_is_asked(rng):
    class Own(nn.Module):
        def forward(self, x):
            return torch.einsum("btu->tbu", x) * 2 if len(x) else x

    class Outer(nn.Module):
        def __init__(self):
            super().__init__()
            self.own, self.last = Own(), nn.Linear(3, 2)

        def forward(self, x):
            return self.last(self.own(x).mean(dim=0))

    x = rng.standard_normal((12, 5, 3))
    assert cj.record(Outer(), x).layers["own"].shape == (12, 3)  # the probe shows that the stimuli are second
    with pytest.raises(InputError, match="a letter for each axis"):
        cj.record(Outer(), x, axes="bxx")
    with pytest.raises(ShapeError, match="axes='btu'"):
        cj.record(lambda rows: rows, x)
    np.testing.assert_allclose(cj.record(lambda rows: rows, x, axes="bct").outputs.values, x.mean(axis=2))


def test_axes_are_settled_by_two_passes():
    assert settled(((7, 4), (4, 4)), (7, 4), None).axes == "bu"
    assert settled(((5, 7, 3), (5, 4, 3)), (7, 4), "btu").axes == "tbu"
    assert settled(((7, 7, 3), (4, 7, 3)), (7, 4), "tbu").axes is None  # what the kind says is not what is seen
    assert settled(((7, 7, 3), (7, 4, 3)), (7, 4), "tbu").axes == "tbu"
    assert "14 entries" not in (settled(((14, 3), (8, 3)), (7, 4), None).why_not or "")
    assert "2 entries for each stimulus" in settled(((14, 3), (8, 3)), (7, 4), None).why_not
    assert settled(((), ()), (7, 4), None).why_not
    assert "expected one row" in settled(((3, 5), (3, 5)), (7, 4), None).why_not


def test_layers_across_tokens_are_read_by_their_own_axes(rng):
    class Mixer(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.norm, self.one, self.two, self.last = (
                nn.LayerNorm(10),
                nn.Linear(6, 5),
                nn.Linear(5, 6),
                nn.Linear(10, 3),
            )

        def forward(self, x):
            turned = nn.functional.gelu(self.one(self.norm(x).transpose(1, 2)))
            self.kept = self.two(turned)
            return self.last((x + self.kept.transpose(1, 2)).mean(dim=1))

    model, x = Mixer(), rng.standard_normal((50, 6, 10)).astype(np.float32)
    found = cj.record(model, x)
    with torch.no_grad():
        model(torch.tensor(x))
    np.testing.assert_allclose(found.layers["two"].values, model.kept.mean(dim=2), atol=1e-6)
    assert found.layers["one"].shape == (50, 10)


def test_an_elementwise_layer_on_turned_values_of_a_square(rng):
    class Square(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.inner, self.act, self.last = nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3)

        def forward(self, x):
            self.kept = self.act(self.inner(x).transpose(1, 2))
            return self.last(self.kept.mean(dim=2))

    model, x = Square(), rng.standard_normal((50, 6, 4)).astype(np.float32)
    found = cj.record(model, x)
    with torch.no_grad():
        model(torch.tensor(x))
    np.testing.assert_allclose(found.layers["act"].values, model.kept.mean(dim=2), atol=1e-6)


def test_norms_of_heads_beside_tokens_know_padding(rng):
    class Heads(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.embed, self.norm, self.last = nn.Embedding(20, 8), nn.LayerNorm(4), nn.Linear(8, 3)

        def forward(self, input_ids, attention_mask):
            heads = self.norm(self.embed(input_ids).reshape(*input_ids.shape, 2, 4))
            kept = heads.flatten(2) * attention_mask[..., None]
            return self.last(kept.sum(dim=1))

    ids, there = rng.integers(1, 20, (30, 8)), np.arange(8) < rng.integers(2, 9, 30)[:, None]
    values = [
        cj.record(Heads(), {"input_ids": np.where(there, ids, pad), "attention_mask": there.astype(int)})
        .layers["norm"]
        .values
        for pad in (7, 9)
    ]
    assert values[0].shape == (30, 8)
    np.testing.assert_array_equal(*values)
