"""Quantised torch modules as networks, against the numbers that torch itself takes out of their tensors."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.ao import quantization as tq

import conjugacy as cj
from conjugacy.activations.networks.choose import network_of
from conjugacy.activations.untrained import untrained_copy

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*torch.ao.quantization is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Please use quant_min and quant_max:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*reduce_range will be deprecated"),
    pytest.mark.filterwarnings("ignore:.*TypedStorage is deprecated"),
    pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor"),
]


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.quant, self.dequant = tq.QuantStub(), tq.DeQuantStub()
        self.conv, self.act, self.fc = nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Linear(144, 3)

    def forward(self, x):
        return self.dequant(self.fc(self.act(self.conv(self.quant(x))).flatten(1)))


def calibrated():
    torch.manual_seed(0)
    module, x = Small().eval(), torch.randn(60, 1, 8, 8)
    module.qconfig = tq.get_default_qconfig("fbgemm")
    prepared = tq.prepare(module)
    prepared(x)
    return module, tq.convert(prepared), x


def by_hooks(module, x, *names):
    """What modules give, taken out of quantised tensors by torch's own `dequantize`."""
    found = {}
    parts = dict(module.named_modules())
    handles = [
        parts[name].register_forward_hook(
            lambda _m, _g, answer, name=name: found.__setitem__(name, answer.dequantize())
        )
        for name in names
    ]
    with torch.no_grad():
        found["outputs"] = module(x)
    for handle in handles:
        handle.remove()
    return {name: values.reshape(len(x), -1).numpy() for name, values in found.items()}


def test_quantised_tensors_are_the_numbers_that_they_stand_for():
    plain, module, x = calibrated()
    before = {key: str(value) for key, value in module.state_dict().items()}
    found = cj.record(module, x)
    truth = by_hooks(module, x, "conv", "act")
    assert list(found.layers) == ["conv", "act", "outputs"]
    for layer, values in truth.items():
        assert np.array_equal(found.layers[layer].values, values), layer
    assert list(found.layers) == list(cj.record(plain, x).layers)  # the same places as before it was quantised
    assert found.provenance["passes"] == [
        "'quant', 'conv', 'act', 'fc': quantised (quint8), recorded as the numbers that they stand for"
    ]
    assert found.provenance["parameters"] == 4 * 9 + 4 + 144 * 3 + 3
    assert found.provenance["reduced"]["conv"] == "4x6x6 flattened"
    steps = np.diff(np.unique(found.layers["conv"].values.astype(np.float32)))
    assert len(np.unique(found.layers["conv"].values)) <= 256
    assert np.allclose(steps / module.conv.scale, np.round(steps / module.conv.scale), atol=1e-3)
    assert {key: str(value) for key, value in module.state_dict().items()} == before


def test_an_answer_that_is_quantised_itself():
    _, module, x = calibrated()

    class Without(nn.Module):
        def __init__(self):
            super().__init__()
            self.quant, self.conv, self.act = module.quant, module.conv, module.act

        def forward(self, given):
            return self.act(self.conv(self.quant(given))).flatten(1)

    found = cj.record(Without(), x)
    assert np.array_equal(found.outputs.values, by_hooks(module, x, "act")["act"])
    assert "'outputs'" in found.provenance["passes"][0]


def test_dynamic_quantisation_tells_that_rows_depend_on_each_other():
    torch.manual_seed(0)
    plain = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    module, x = tq.quantize_dynamic(plain, {nn.Linear}), torch.randn(50, 4)
    found, truth = cj.record(module, x), by_hooks(module, x, "0", "1")
    for layer, values in truth.items():
        assert np.array_equal(found.layers[layer].values, values)
    assert any("ranges of quantised activations" in note for note in found.provenance["passes"])
    assert found.provenance["parameters"] == 4 * 8 + 8 + 8 * 2 + 2


@pytest.mark.slow
def test_graph_mode_quantisation_and_a_traced_quantised_network():
    from torch.ao.quantization.quantize_fx import convert_fx, prepare_fx

    torch.manual_seed(0)
    plain = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 3)).eval()
    x = torch.randn(60, 1, 8, 8)
    prepared = prepare_fx(plain, tq.get_default_qconfig_mapping("fbgemm"), (x,))
    prepared(x)
    module = convert_fx(prepared)
    found, truth = cj.record(module, x), by_hooks(module, x, "0", "3")
    assert np.array_equal(found.layers["0"].values, truth["0"])
    assert np.array_equal(found.outputs.values, truth["outputs"])
    assert found.provenance["left_out"]["3"] == "equal to outputs"
    drop_in = cj.compare(plain, module, stimuli=x, controls="none").drop_in
    assert drop_in.answer != "no"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::torch.jit.TracerWarning", "ignore::UserWarning")
def test_a_traced_quantised_network():
    _, module, x = calibrated()
    traced = torch.jit.trace(module, x[:5], check_trace=False)
    found, truth = cj.record(traced, x), by_hooks(module, x, "conv", "act")
    for layer, values in truth.items():
        assert np.array_equal(found.layers[layer].values, values), layer


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
@pytest.mark.parametrize("config", ["Int8WeightOnlyConfig", "Int8DynamicActivationInt8WeightConfig"])
def test_weights_of_torchao(config):
    torchao = pytest.importorskip("torchao.quantization")
    torch.manual_seed(0)
    plain = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 8))
    x = torch.randn(300, 64)
    module = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 8))
    module.load_state_dict(plain.state_dict())
    torchao.quantize_(module, getattr(torchao, config)())
    found, truth = cj.record(module, x, batch_size=300), by_hooks(module, x, "0", "1")
    for layer, values in truth.items():
        assert np.array_equal(found.layers[layer].values, values)
    if config == "Int8WeightOnlyConfig":  # the same as a plain product with the weights that are stood for
        weight = module[0].weight.dequantize().numpy()
        by_hand = x.numpy() @ weight.T + module[0].bias.detach().numpy()
        np.testing.assert_allclose(found.layers["0"].values, by_hand, atol=1e-4)
    assert found.provenance["weights_sha256"] != cj.record(plain, x).provenance["weights_sha256"]
    assert found.provenance["parameters"] == 64 * 96 + 96 + 96 * 8 + 8
    assert "quantised, and cannot be drawn again" in untrained_copy(module, 0).reason
    compared = cj.compare(plain, module, stimuli=x)
    assert compared.verdict.representation.rung == "identity"
    assert compared.drop_in.answer != "no"
    assert cj.compare(module, plain, stimuli=x, controls="none").verdict.function.answer == "equivalent"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
def test_a_program_quantised_by_torchao_hands_on_rounded_numbers():
    pt2e = pytest.importorskip("torchao.quantization.pt2e.quantize_pt2e")
    from torchao.quantization.pt2e.quantizer import x86_inductor_quantizer as x86

    torch.manual_seed(0)
    plain = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 3)).eval()
    x = torch.randn(60, 1, 8, 8)
    program = torch.export.export(plain, (x,), dynamic_shapes=({0: torch.export.Dim("batch")},)).module()
    quantizer = x86.X86InductorQuantizer()
    quantizer.set_global(x86.get_default_x86_inductor_quantization_config())
    prepared = pt2e.prepare_pt2e(program, quantizer)
    prepared(x)
    module = pt2e.convert_pt2e(prepared)
    values = {}

    class Each(torch.fx.Interpreter):
        def run_node(self, n):
            values[n.name] = super().run_node(n)
            return values[n.name]

    with torch.no_grad():
        Each(module).run(x)
    found = cj.record(module, x)
    rounded = values["dequantize_per_tensor_default_1"]
    assert not torch.equal(rounded, values["relu"])
    assert np.array_equal(found.layers["1"].values, rounded.reshape(60, -1).numpy())
    assert np.array_equal(found.layers["0"].values, values["conv2d"].reshape(60, -1).numpy())
    assert network_of(module).layers()["0"].kind == "Conv2d"
