"""Copies that learned nothing hold nothing that was learned: whatever a weight is made from, however it is packed."""

from __future__ import annotations

import copy
import sys
import types
import warnings

import numpy as np
import pytest

from conjugacy.activations import shuffled_copy, untrained_copy
from conjugacy.activations.randomness import state_of_all
from conjugacy.activations.unchanged import unchanged_in
from conjugacy.activations.weights import tensors_of, weights_hash

torch = pytest.importorskip("torch")
nn = torch.nn
MADE = nn.utils.parametrizations


def trained(model):
    """Move every parameter as training would."""
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(0.3 * torch.randn_like(parameter))
    return model


def old(norm, layer):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return norm(layer)


class Gated(nn.Linear):
    """Redraws its parent's parameters alone."""

    def __init__(self, width, gates):
        super().__init__(width, width)
        self.gates = nn.Parameter(torch.ones(gates))


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Embedding(6, 4), nn.Linear(4, 6, bias=False)
        self.last.weight = self.first.weight

    def forward(self, rows):
        return self.last(self.first(rows))


class Halved(nn.Module):
    """A parametrization that cannot be turned round."""

    def forward(self, weight):
        return weight / 2


def halved(layer):
    nn.utils.parametrize.register_parametrization(layer, "weight", Halved())
    return layer


REDRAWN = {
    "plain": lambda: nn.Linear(4, 4),
    "normalised": lambda: nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4), nn.BatchNorm1d(4)),
    "weight norm": lambda: MADE.weight_norm(nn.Linear(4, 4)),
    "spectral norm": lambda: MADE.spectral_norm(nn.Linear(4, 4)),
    "orthogonal": lambda: MADE.orthogonal(nn.Linear(4, 4)),
    "one way": lambda: halved(nn.Linear(4, 4)),
    "older weight norm": lambda: old(nn.utils.weight_norm, nn.Linear(4, 4)),
    "older spectral norm": lambda: old(nn.utils.spectral_norm, nn.Linear(4, 4)),
    "recurrent": lambda: nn.GRU(4, 4),
    "attention": lambda: nn.TransformerEncoderLayer(4, 2),
    "tied": Tied,
}


def shown_to(name):
    return torch.arange(6) if name == "tied" else torch.randn(6, 4, generator=torch.Generator().manual_seed(0))


def answer(model, name):
    found = model.eval()(shown_to(name))
    return (found[0] if isinstance(found, tuple) else found).detach()


@pytest.mark.parametrize("name", REDRAWN)
def test_nothing_learned_is_left_and_the_network_stays_as_it_was(name):
    model = trained(REDRAWN[name]())
    before, kept = answer(model, name), weights_hash(model)
    state = state_of_all(model)
    found = untrained_copy(model, 0)
    assert (found.reason, found.unchanged, found.how) == (None, (), "reset")
    assert "what the network's constructor did on top is not known" in found.said
    assert not unchanged_in(found.model, model).names
    after = answer(found.model, name)
    assert after.isfinite().all()
    assert abs(np.corrcoef(after.flatten(), before.flatten())[0, 1]) < 0.9
    assert weights_hash(model) == kept
    assert torch.equal(answer(model, name), before)
    assert state_of_all(model) == state
    assert torch.equal(answer(untrained_copy(model, 0).model, name), after)
    assert not torch.equal(answer(untrained_copy(model, 1).model, name), after)


@pytest.mark.parametrize("name", ["weight norm", "spectral norm", "older weight norm", "older spectral norm"])
def test_a_made_weight_is_drawn_as_one_that_is_not(name):
    layer = nn.Linear(40, 40)
    norm = {"weight norm": MADE.weight_norm, "spectral norm": MADE.spectral_norm}.get(name)
    made = norm(layer) if norm else old(getattr(nn.utils, name.removeprefix("older ").replace(" ", "_")), layer)
    weight = untrained_copy(trained(made), 0).model.eval()
    weight(torch.zeros(1, 40))
    drawn = weight.weight.detach()
    if "spectral" in name:
        assert torch.linalg.matrix_norm(drawn, 2) == pytest.approx(1.0, abs=0.05)
    else:
        assert drawn.abs().max() <= 40**-0.5
        assert drawn.std() == pytest.approx((3 * 40) ** -0.5, rel=0.1)


def test_running_statistics_and_constants_do_not_pass_for_learned():
    model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.LayerNorm(4), nn.PReLU(4))
    assert untrained_copy(model, 0).unchanged == ()  # ones, zeros, quarters: as any initialisation leaves them
    model[1].running_mean += torch.randn(4)
    assert untrained_copy(model, 0).unchanged == ()
    model.register_buffer("table", torch.linspace(2, 3, 5))
    found = untrained_copy(model, 0)
    assert found.model is None
    assert "(table)" in found.reason
    model.table = torch.zeros(2, 5)
    assert untrained_copy(model, 0).reason is None


def test_parameters_of_a_subclass_are_named_and_many_of_them_leave_no_control():
    few = untrained_copy(trained(Gated(20, 10)), 0)
    assert few.model is not None
    assert few.unchanged == ("gates",)
    assert "left as in the trained network: gates" in few.said
    many = untrained_copy(trained(Gated(20, 100)), 0)
    assert many.model is None
    assert many.reason.startswith("19 % of the numbers would still be those of the trained network (gates)")
    assert untrained_copy(Gated(20, 100), 0).unchanged == ()  # ones still


def quantised():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.ao.quantization.quantize_dynamic(
            nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 2), nn.LSTM(2, 3)), {nn.Linear, nn.LSTM}
        )


def test_packed_weights_are_seen_and_leave_no_control():
    model = quantised()
    found = tensors_of(model)
    assert sum(tensor.numel() for name, tensor in found.items() if "packed" in name) >= 4 * 6 + 6 * 2 + 4 * 3 * 5
    for made in (untrained_copy(model, 0), shuffled_copy(model, 0)):
        assert made.model is None
        assert made.reason.startswith("100 % of the numbers would still be those of the trained network")
    assert weights_hash(model) != weights_hash(quantised())


def test_a_network_without_numbers_has_no_control():
    assert "no numbers" in untrained_copy(nn.Sequential(nn.Tanh()), 0).reason
    assert "torch modules" in untrained_copy(np.tanh, 0).reason


def test_a_factory_makes_the_copy_unless_it_returns_what_was_trained():
    model = trained(nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 2)))

    def make():
        fresh = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 2))
        with torch.no_grad():
            fresh[0].weight.mul_(10)  # as a constructor may do
        return fresh

    found = untrained_copy(model, 3, make)
    assert (found.how, found.unchanged) == ("factory", ())
    assert found.model[0].weight.abs().max() > 2
    assert torch.equal(found.model[0].weight, untrained_copy(model, 3, make).model[0].weight)
    for wrong in (lambda: model, lambda: copy.deepcopy(model), lambda: nn.Sequential(copy.deepcopy(model))):
        assert "100 % of the numbers" in untrained_copy(model, 0, wrong).reason
    assert "expected a torch module" in untrained_copy(model, 0, lambda: 3).reason
    assert "ZeroDivisionError" in untrained_copy(model, 0, lambda: 1 / 0).reason
    assert untrained_copy(np.tanh, 0, lambda: np.sinh).model is np.sinh


def as_of_transformers(monkeypatch):
    """Stand-ins of the class that the library calls so; what it itself does is tested where it is installed."""
    module = types.ModuleType("transformers.modeling_utils")

    class PreTrainedModel(nn.Module):
        pass

    PreTrainedModel.__module__ = module.__name__
    monkeypatch.setitem(sys.modules, module.__name__, module)

    class Network(PreTrainedModel):
        def __init__(self, config):
            super().__init__()
            self.config, self.inner = config, nn.Linear(4, 4)
            self.table = nn.Parameter(torch.linspace(2, 3, 12), requires_grad=False)
            nn.init.normal_(self.inner.weight, std=config["std"])

        def forward(self, rows):
            return self.inner(rows)

    return Network


def test_a_network_with_a_configuration_is_constructed_alone_and_inside_others(monkeypatch):
    network = as_of_transformers(monkeypatch)
    model = trained(network({"std": 1e-3}))
    table = model.table.clone()
    found = untrained_copy(model, 0)
    assert (found.how, found.unchanged) == ("constructor", ("table",))  # 12 of 32 numbers, of which training moves none
    assert found.model.inner.weight.std() < 2e-3
    inside = untrained_copy(nn.Sequential(model, nn.Linear(40, 40)), 0)
    assert inside.how == "reset"
    assert inside.model[0].inner.weight.std() < 2e-3
    assert torch.equal(model.table, table)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["Bert", "GPT2", "Llama", "ViT"])
def test_real_networks_of_hugging_face_are_made_as_their_class_makes_them(kind):
    transformers = pytest.importorskip("transformers")
    sizes = {
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "vocab_size": 50,
    }
    sizes |= {"n_embd": 16, "n_layer": 2, "n_head": 2, "image_size": 8, "patch_size": 4, "num_key_value_heads": 2}
    config = getattr(transformers, f"{kind}Config")(**sizes)
    model = trained(getattr(transformers, f"{kind}Model")(config)).bfloat16().eval()
    found = untrained_copy(model, 0)
    assert (found.reason, found.how) == (None, "constructor")
    for name, fresh in found.model.named_parameters():
        assert fresh.dtype == torch.bfloat16
        if name.endswith("weight") and fresh.ndim == 2 and "c_proj" not in name:  # which GPT-2 draws smaller
            assert float(fresh.detach().float().std()) == pytest.approx(config.initializer_range, rel=0.35), name
    assert shuffled_copy(model, 0).reason is None


@pytest.mark.parametrize("name", REDRAWN)
def test_shuffled_weights_keep_their_norms(name):
    model = trained(REDRAWN[name]())
    before, kept = answer(model, name), weights_hash(model)
    copied = shuffled_copy(model, 0)
    assert copied.reason is None
    assert copied.how == "shuffled"
    assert not torch.equal(answer(copied.model, name), before)
    assert weights_hash(model) == kept
    if not any(word in name for word in ("norm", "orthogonal", "one way")) or name == "normalised":
        for own, other in zip(model.parameters(), copied.model.parameters(), strict=True):
            assert torch.equal(own.flatten().sort().values, other.flatten().sort().values)
    assert torch.equal(answer(shuffled_copy(model, 0).model, name), answer(copied.model, name))
