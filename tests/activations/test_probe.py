"""What a few rows show: chance, memory, rows that depend on each other; and layers that used to vanish."""

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.errors import InputError

torch = pytest.importorskip("torch")
nn = torch.nn


class Model(nn.Module):
    def __init__(self, how):
        super().__init__()
        torch.manual_seed(0)
        self.how, self.first, self.last, self.seen = how, nn.Linear(4, 6), nn.Linear(6, 3), 0.0

    def forward(self, x):
        h = self.first(x)
        if self.how == "dropout":
            h = nn.functional.dropout(h, 0.3)
        elif self.how == "drawn":
            h = h + 0.5 * torch.randn_like(h)
        elif self.how == "state":
            h, self.seen = h + self.seen, self.seen + 0.3
        elif self.how == "batch":
            h = h - h.mean(dim=0)
        elif self.how == "scale":
            h = torch.round(h / h.abs().max() * 7) / 7
        return self.last(h)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("dropout", "draws at random"),
        ("drawn", "draws at random"),
        ("state", "keeps a state"),
        ("batch", "rows influence each other"),
        ("scale", "rows influence each other"),
        ("plain", None),
    ],
)
def test_what_a_pass_does_besides_is_told(rng, how, said):
    notes = cj.record(Model(how), rng.standard_normal((40, 4))).provenance.get("passes", [])
    assert (not notes) if said is None else any(said in note for note in notes)


def test_it_stands_beside_the_answer(rng):
    x = rng.standard_normal((60, 4))
    result = cj.compare(Model("batch"), Model("plain"), stimuli=x, controls="none")
    assert any("a: rows influence each other" in note for note in result.notes)
    assert "rows influence each other" in str(result)
    assert cj.gate(Model("batch"), Model("plain"), stimuli=x).notes


def test_the_global_random_state_is_as_before(rng):
    state = torch.random.get_rng_state()
    cj.record(Model("drawn"), rng.standard_normal((40, 4)))
    assert torch.equal(torch.random.get_rng_state(), state)


def test_a_compiled_network_has_its_layers(rng):
    x = rng.standard_normal((20, 4))
    plain = Model("plain")
    whole = cj.record(plain, x)
    compiled = torch.compile(plain, backend="eager")
    compiled(torch.zeros(2, 4))
    found = cj.record(compiled, x)
    assert list(found.layers) == list(whole.layers) == ["first", "outputs"]
    np.testing.assert_array_equal(found.layers["first"].values, whole.layers["first"].values)
    twin = Model("plain")
    twin.compile(backend="eager")
    twin(torch.zeros(2, 4))
    assert list(cj.record(twin, x).layers) == ["first", "outputs"]


def test_modules_whose_parts_do_not_run_by_themselves_are_layers(rng):
    class Attends(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.attend, self.last = nn.MultiheadAttention(4, 2, batch_first=True), nn.Linear(4, 2)

        def forward(self, x):
            return self.last(self.attend(x, x, x)[0].mean(dim=1))

    model, x = Attends(), rng.standard_normal((9, 5, 4))
    found = cj.record(model, x)
    with torch.no_grad():
        shown = torch.tensor(x, dtype=torch.float32)
        want = model.attend(shown, shown, shown)[0].mean(dim=1)
    np.testing.assert_allclose(found.layers["attend"].values, want, atol=1e-6)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_quantised_layers_are_layers(rng):
    model = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3))
    small = torch.ao.quantization.quantize_dynamic(model, {nn.Linear}, dtype=torch.qint8)
    assert list(cj.record(small, rng.standard_normal((20, 4))).layers) == ["0", "1", "outputs"]


def test_every_call_of_a_cell_is_a_layer(rng):
    class Loop(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.cell, self.last = nn.GRUCell(3, 4), nn.Linear(4, 2)

        def forward(self, x):
            h = torch.zeros(len(x), 4)
            for t in range(x.shape[1]):
                h = self.cell(x[:, t], h)
            return self.last(h)

    model, x = Loop(), rng.standard_normal((9, 4, 3))
    found = cj.record(model, x)
    assert list(found.layers) == ["cell", "cell#2", "cell#3", "cell#4", "outputs"]
    np.testing.assert_allclose(
        model.last(torch.tensor(found.layers["cell#4"].values, dtype=torch.float32)).detach(),
        found.outputs.values,
        atol=1e-6,
    )
    assert cj.record(model, x, ["cell#3"]).layers["cell#3"].shape == (9, 4)
    with pytest.raises(InputError, match="cell#1 to cell#4"):
        cj.record(model, x, ["cell"])


def test_packed_and_nested_states_are_unpacked(rng):
    class Packed(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.rnn, self.last = nn.GRU(3, 4, batch_first=True), nn.Linear(4, 2)

        def forward(self, x):
            lengths = torch.arange(len(x)) % 3 + 2
            packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            return self.last(self.rnn(packed)[1][0])

    x, there = rng.standard_normal((9, 4, 3)), np.arange(4) < (np.arange(9) % 3 + 2)[:, None]
    found = cj.record(Packed(), x, tokens="last", mask=there)
    np.testing.assert_allclose(Packed().last(torch.tensor(found.layers["rnn"].values, dtype=torch.float32)).detach(),
                               found.outputs.values, atol=1e-6)  # fmt: skip
    assert "mask" in cj.record(Packed(), x).provenance["left_out"]["rnn"]  # where its sequences end only a mask tells


def test_what_did_not_run_is_listed(rng):
    model = Model("plain")
    model.spare = nn.Linear(2, 2)
    left_out = cj.record(model, rng.standard_normal((20, 4))).provenance["left_out"]
    assert left_out == {"spare": "did not run", "last": "equal to outputs"}


def test_forms_of_networks_without_modules_are_refused_with_a_way_out(rng):
    x = rng.standard_normal((20, 4))
    with torch.device("meta"):
        empty = Model("plain")
    with pytest.raises(InputError, match="meta device"):
        cj.record(empty, x)

    class Estimator:
        __module__ = "sklearn.linear_model"

    with pytest.raises(InputError, match="got Estimator"):
        cj.record(Estimator(), x)


def test_another_type_is_that_of_a_copy(rng):
    model, x = Model("plain"), rng.standard_normal((20, 4))
    few = cj.record(model, x, dtype="bfloat16").outputs.values
    assert next(model.parameters()).dtype == torch.float32
    assert 0 < np.abs(few - cj.record(model, x).outputs.values).max() < 0.05
    with pytest.raises(InputError, match="bfloat16"):
        cj.record(model, x, dtype="floaty")
    with pytest.raises(TypeError, match="token"):
        cj.record(model, x, token="mean")
    with pytest.raises(TypeError, match=r"compare\(\)"):
        cj.compare(model, model, stimuli=x, token="mean")
