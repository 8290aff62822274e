"""Recurrent networks as systems: all of their state, what drives each step, and the step itself, against torch by hand."""

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.activations.live_steps import step_of
from conjugacy.activations.options import RecordOptions
from conjugacy.activations.shown import as_shown
from conjugacy.errors import ShapeError

torch = pytest.importorskip("torch")
nn = torch.nn

TRIALS, TIME, CHANNELS, UNITS = 9, 7, 3, 5
CLOSE = {"rtol": 1e-4, "atol": 1e-5}


class Sequence(nn.Module):
    """A recurrent module between what encodes a time point and what reads it out."""

    def __init__(self, kind, first=None, batch_first=True, packed=False, **more):
        super().__init__()
        self.first = nn.Linear(CHANNELS, 4) if first is None else first
        self.rnn = kind(4, UNITS, batch_first=batch_first, **more)
        self.last = nn.Linear(UNITS * (2 if more.get("bidirectional") else 1), 2)
        self.packed = packed

    def forward(self, x, attention_mask=None):
        z = self.first(x)
        if self.packed:
            lengths = attention_mask.sum(dim=1)
            z = nn.utils.rnn.pack_padded_sequence(z, lengths, batch_first=True, enforce_sorted=False)
            found = nn.utils.rnn.pad_packed_sequence(self.rnn(z)[0], batch_first=True, total_length=x.shape[1])[0]
        else:
            found = self.rnn(z if self.rnn.batch_first else z.transpose(0, 1))[0]
            found = found if self.rnn.batch_first else found.transpose(0, 1)
        return self.last(found)


class Looped(nn.Module):
    """A cell that is called once for every time point."""

    def __init__(self, kind):
        super().__init__()
        self.cell, self.last = kind(CHANNELS, UNITS), nn.Linear(UNITS, 2)

    def forward(self, x):
        state, found = None, []
        for t in range(x.shape[1]):
            state = self.cell(x[:, t], state)
            found.append(self.last(state[0] if isinstance(state, tuple) else state))
        return torch.stack(found, dim=1)


@pytest.fixture
def x():
    torch.manual_seed(0)
    return np.random.default_rng(0).normal(size=(TRIALS, TIME, CHANNELS)).astype(np.float32)


def by_hand(cell, encoded):
    """States of a cell over time, (k, t, n), of an LSTM both."""
    state, found = None, []
    with torch.no_grad():
        for t in range(encoded.shape[1]):
            state = cell(encoded[:, t], state)
            found.append(torch.cat(state, dim=1) if isinstance(state, tuple) else state)
    return torch.stack(found, dim=1).numpy()


def as_cell(rnn):
    """A cell with the weights of a recurrent module."""
    kind = {"RNN": nn.RNNCell, "GRU": nn.GRUCell, "LSTM": nn.LSTMCell}[type(rnn).__name__]
    cell = kind(rnn.input_size, rnn.hidden_size, bias=rnn.bias)
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in rnn.state_dict().items()})
    return cell


def stepped(model, x, layer, **how):
    recording = cj.record(model, x, tokens="time", **how)
    step, why = step_of(model, as_shown(x), layer, recording.layer(layer), RecordOptions(tokens="time", **how))
    return recording, step, why


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_states_and_steps_are_those_of_a_cell(kind, batch_first, x):
    model = Sequence(kind, batch_first=batch_first, bias=batch_first)
    encoded = model.first(torch.from_numpy(x))
    states = by_hand(as_cell(model.rnn), encoded)
    recording, step, why = stepped(model, x, "rnn")
    np.testing.assert_allclose(np.stack(recording.layer("rnn").values), states, **CLOSE)
    assert why is None
    drive = np.stack(recording.layer("rnn").drive)
    np.testing.assert_allclose(drive[:, :-1], x[:, 1:])  # what is read at t + 1 acts on the step to it
    elsewhere = states[:, 0] + 0.3  # never visited
    parts = torch.from_numpy(elsewhere).float().split(UNITS, dim=1)
    after = as_cell(model.rnn)(encoded[:, 4], parts if len(parts) > 1 else parts[0])
    wanted = torch.cat(after, dim=1) if isinstance(after, tuple) else after
    np.testing.assert_allclose(step(elsewhere, x[:, 4].astype(float)), wanted.detach().numpy(), **CLOSE)
    both = any("both states of an LSTM" in note for note in recording.provenance.get("passes", ()))
    assert both == (kind is nn.LSTM)


@pytest.mark.parametrize("kind", [nn.RNNCell, nn.GRUCell, nn.LSTMCell])
def test_calls_of_a_cell_are_one_layer_in_time(kind, x):
    model = Looped(kind)
    recording, step, why = stepped(model, x, "cell")
    states = by_hand(model.cell, torch.from_numpy(x))
    np.testing.assert_allclose(np.stack(recording.layer("cell").values), states, **CLOSE)
    assert set(recording.layers) == {"cell", "outputs"}
    assert why is None
    np.testing.assert_allclose(step(states[:, 2], x[:, 3].astype(float)), states[:, 3], **CLOSE)


def test_more_time_points_than_calls_are_kept_elsewhere(x):
    long = np.random.default_rng(1).normal(size=(4, 90, CHANNELS)).astype(np.float32)
    assert cj.record(Looped(nn.GRUCell), long, tokens="time").layer("cell").lengths == (90,) * 4


def test_trials_of_their_own_lengths(x):
    model = Sequence(nn.LSTM, packed=True)
    mask = (np.arange(TIME) < np.array([7, 3, 5, 2, 6, 7, 4, 3, 7])[:, None]).astype(np.int64)
    recording, step, why = stepped(model, {"x": x, "attention_mask": mask}, "rnn")
    states = by_hand(as_cell(model.rnn), model.first(torch.from_numpy(x)))
    for trial, whole, n in zip(recording.layer("rnn").values, states, mask.sum(axis=1), strict=True):
        np.testing.assert_allclose(trial, whole[:n], **CLOSE)
    assert why is None
    np.testing.assert_allclose(step(states[:, 1], x[:, 2].astype(float)), states[:, 2], **CLOSE)


def test_tokens_drive_as_channels(x):
    model = Sequence(nn.GRU, first=nn.Embedding(11, 4))
    ids = np.random.default_rng(2).choice([2, 3, 5, 7], size=(TRIALS, TIME))
    recording, step, why = stepped(model, ids, "rnn")
    drive = np.stack(recording.layer("rnn").drive)
    assert drive.shape == (TRIALS, TIME, 4)
    np.testing.assert_array_equal(np.array([2, 3, 5, 7])[drive[:, :-1].argmax(axis=2)], ids[:, 1:])
    states = by_hand(as_cell(model.rnn), model.first(torch.from_numpy(ids)))
    assert why is None
    np.testing.assert_allclose(step(states[:, 2], drive[:, 2]), states[:, 3], **CLOSE)


class Back(nn.Module):
    """Looks at the time point before, too."""

    def __init__(self):
        super().__init__()
        self.mix = nn.Linear(2 * CHANNELS, 4)

    def forward(self, x):
        return self.mix(torch.cat([x, torch.cat([x[:, :1], x[:, :-1]], dim=1)], dim=2))


@pytest.mark.parametrize(
    ("make", "layer", "why_not"),
    [
        (lambda: Sequence(nn.GRU, num_layers=2), "rnn", "it has 2 layers, and gives the last"),
        (lambda: Sequence(nn.LSTM, bidirectional=True), "rnn", "it reads in both directions"),
        (lambda: Sequence(nn.GRU, first=Back()), "rnn", "more than this layer is carried on"),
        (lambda: Sequence(nn.GRU), "first", "not a recurrent module"),
    ],
)
def test_where_there_is_no_step_it_is_said_why(make, layer, why_not, x):
    _, step, why = stepped(make(), x, layer)
    assert step is None
    assert why_not in why


def test_the_network_is_left_as_it_was(x):
    model = Sequence(nn.LSTM)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    _, step, _ = stepped(model, x, "rnn")
    step(np.zeros((2, 2 * UNITS)), np.zeros((2, CHANNELS)))
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())
    assert model.training


def test_compare_takes_live_steps_by_itself():
    torch.manual_seed(0)
    x = np.random.default_rng(0).normal(size=(16, 13, 1)).astype(np.float32)

    class Small(nn.Module):
        def __init__(self, layers=1):
            super().__init__()
            self.rnn, self.last = nn.GRU(1, 3, layers, batch_first=True), nn.Linear(3, 2)

        def forward(self, x):
            return self.last(self.rnn(x)[0])

    model, deep = Small(), Small(2)
    found = cj.compare(model, model, stimuli=x, tokens="time", controls="none")
    names = {one.name for one in found.verdict.dynamics.evidence}
    assert {"live_on_a_to_b", "live_away_b_to_a", "live_tangent_a_to_b"} <= names
    assert found.verdict.dynamics.answer == "equivalent"
    told = cj.compare(model, deep, stimuli=x, tokens="time", controls="none")
    assert not any(one.name.startswith("live") for one in told.verdict.dynamics.evidence)
    assert any("its steps are not taken live: layer 'rnn' carries on more" in note for note in told.notes)


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU])
def test_a_network_that_is_a_recurrent_module_itself_is_stepped(kind, x):
    model = kind(CHANNELS, UNITS, batch_first=True)
    recording, step, why = stepped(model, x, "outputs")
    states = by_hand(as_cell(model), torch.from_numpy(x))
    assert why is None
    np.testing.assert_allclose(np.stack(recording.layer("outputs").values), states, **CLOSE)
    np.testing.assert_allclose(step(states[:, 2], x[:, 3].astype(float)), states[:, 3], **CLOSE)
    assert "10 numbers of state" in stepped(nn.LSTM(CHANNELS, UNITS, batch_first=True), x, "outputs")[2]


@pytest.mark.parametrize("kind", [nn.GRU, nn.LSTM])
def test_modules_that_take_stimuli_for_time_points_are_refused_with_the_reason(kind, x):
    with pytest.raises(ShapeError, match=r"nothing can be recorded: 'outputs' .*time points"):
        cj.record(kind(CHANNELS, UNITS), x, tokens="time")


def test_one_answer_for_each_trial_is_told_as_what_is_not_compared():
    class Last(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn, self.last = nn.GRU(1, 3, batch_first=True), nn.Linear(3, 2)

        def forward(self, x):
            return self.last(self.rnn(x)[0][:, -1])

    torch.manual_seed(0)
    x = np.random.default_rng(0).normal(size=(8, 13, 1)).astype(np.float32)
    model = Last()
    notes = cj.compare(model, model, stimuli=x, tokens="time", controls="none").notes
    assert any("nothing that it returns is compared: what it returns has no tokens or time" in note for note in notes)
