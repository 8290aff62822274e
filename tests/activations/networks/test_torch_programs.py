"""TorchScript and exported programs as networks, against the modules that they were made from, read by plain hooks."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import conjugacy as cj
from conjugacy.activations import is_live
from conjugacy.activations.networks.choose import network_of
from conjugacy.activations.networks.protocol import Network, NoControlError
from conjugacy.errors import InputError, ModelError, UnknownNameError

pytestmark = [
    pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:`isinstance.treespec:FutureWarning"),  # of torch.export itself
    pytest.mark.filterwarnings("ignore:The tensor attributes self.rnn:UserWarning"),
    pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning"),
]


class Block(nn.Module):
    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.lin = nn.Linear(before, after)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.act(self.lin(x)) + 1


class Deep(nn.Module):
    """Two blocks of one type, one of them run twice, and a part that is never run."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([Block(4, 6), Block(6, 6)])
        self.once = Block(6, 6)
        self.drop = nn.Dropout()
        self.head = nn.Linear(6, 3)
        self.idle = nn.Linear(2, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = block(x)
        x = self.once(self.once(x))
        return self.head(self.drop(x))


class Images(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm, self.act = nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True)
        self.fc = nn.Linear(144, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(self.act(self.norm(self.conv(x))).flatten(1))


class Reader(nn.Module):
    """Gives a tuple inside, and two outputs."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(3, 5, batch_first=True)
        self.head = nn.Linear(5, 2)
        self.other = nn.Linear(5, 2)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        states, last = self.rnn(x)
        return self.head(states[:, -1]), self.other(last[0])


def by_hooks(module, x):
    """What every call of every submodule gives, by torch's own hooks."""
    found = {}

    def told(name):
        def hook(_module, _given, answer):
            first = answer[0] if isinstance(answer, tuple) else answer
            count = sum(key.partition("#")[0] == name for key in found)
            found[name if not count else f"{name}#{count + 1}"] = first.detach().clone().numpy()

        return hook

    handles = [part.register_forward_hook(told(name)) for name, part in module.named_modules() if name]
    with torch.no_grad():
        module(x)
    for handle in handles:
        handle.remove()
    return found


def made(kind, seed=0, rows=None):
    torch.manual_seed(seed)
    module = {"deep": Deep, "images": Images, "reader": Reader}[kind]()
    shape = {"deep": (4,), "images": (1, 8, 8), "reader": (6, 3)}[kind]
    x = torch.randn(rows or 40, *shape)
    if kind == "images":
        module(x * 2 + 1)  # a batch norm with statistics of its own
    return module.eval(), x


def exported(module, x, *, rows=None):
    dims = None if rows else ({0: torch.export.Dim("batch")},)
    return torch.export.export(module, (x[: rows or 5],), dynamic_shapes=dims)


FORMS = {
    "traced": lambda module, x: torch.jit.trace(module, x[:5]),
    "scripted": lambda module, x: torch.jit.script(module),
    "exported": exported,
    "flat": lambda module, x: exported(module, x).module(),
    "unflattened": lambda module, x: torch.export.unflatten(exported(module, x)),
}


@pytest.mark.parametrize("kind", ["deep", "images", "reader"])
@pytest.mark.parametrize(
    "form", ["traced", "scripted", *(pytest.param(f, marks=pytest.mark.slow) for f in list(FORMS)[2:])]
)
def test_layers_have_the_names_and_values_that_hooks_see_in_the_module(form, kind):
    module, x = made(kind)
    program = FORMS[form](module, x)
    found, plain = cj.record(program, x), cj.record(module, x)
    assert list(found.layers) == list(plain.layers)
    truth = by_hooks(module, x)
    for layer in found.layers:
        if not layer.startswith("outputs"):
            wide = truth[layer].mean(axis=1) if kind == "reader" else truth[layer].reshape(len(x), -1)
            np.testing.assert_allclose(found.layers[layer].values, wide, atol=2e-6, err_msg=layer)
    for head in plain.heads:
        np.testing.assert_allclose(found.layers[head].values, plain.layers[head].values, atol=2e-6)
    assert found.provenance.get("reduced") == plain.provenance.get("reduced")  # axes are known as of the module
    assert (
        found.provenance["left_out"].items() <= {**plain.provenance["left_out"], **found.provenance["left_out"]}.items()
    )


@pytest.mark.parametrize("form", ["traced", "scripted"])
def test_whole_blocks_and_single_calls_by_name_and_nothing_is_left_behind(form):
    module, x = made("deep")
    program = FORMS[form](module, x)
    before, graph = {k: v.clone() for k, v in program.state_dict().items()}, str(program.graph)
    found = cj.record(program, x, ["blocks.1", "once#2", "once.act#1"])
    truth = by_hooks(module, x)
    np.testing.assert_allclose(found.layers["blocks.1"].values, truth["blocks.1"], atol=2e-6)
    np.testing.assert_allclose(found.layers["once#2"].values, truth["once#2"], atol=2e-6)
    np.testing.assert_allclose(found.layers["once.act#1"].values, truth["once.act"], atol=2e-6)
    assert str(program.graph) == graph
    assert all(torch.equal(program.state_dict()[key], value) for key, value in before.items())
    with pytest.raises(UnknownNameError, match="block"):
        cj.record(program, x, ["block.1"])
    with pytest.raises(InputError, match="runs 2 times"):
        cj.record(program, x, ["once"])
    assert isinstance(network_of(program), Network)
    assert is_live(program)


@pytest.mark.parametrize("form", ["traced", "scripted"])
def test_what_raises_in_a_part_does_not_mix_up_names_afterwards(form):
    module, x = made("deep")
    program = FORMS[form](module, x)
    network = network_of(program)
    first = network.run(x, ["once.lin"])["once.lin"]
    with pytest.raises(ModelError):
        network.run(x[:, :3], ["once.lin"])
    assert torch.equal(network.run(x, ["once.lin"])["once.lin"], first)


def test_without_modules_the_outputs_are_recorded_and_one_sentence_says_so():
    module, x = made("images")
    with torch.no_grad():
        truth = module(x).numpy()
    frozen = torch.jit.freeze(torch.jit.script(module))
    module.requires_grad_(False)
    whole = torch.jit.trace(lambda given: module(given), x[:5])
    for program in (frozen, whole):
        found = cj.record(program, x)
        np.testing.assert_allclose(found.outputs.values, truth, atol=2e-6)
        assert list(found.layers) == ["outputs"]
        assert found.provenance["passes"] == [
            "this TorchScript network holds no modules (a function, or frozen): its outputs alone are recorded"
        ]
        assert "weights_sha256" not in found.provenance  # two frozen networks would seem to have equal weights


class Own(nn.Module):
    """Runs code that stays in Python: such a network cannot be copied."""

    def __init__(self) -> None:
        super().__init__()
        self.lin = nn.Linear(4, 2)

    @torch.jit.ignore
    def plus(self, x):
        return x + 1

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.plus(self.lin(x))


def test_a_network_that_cannot_be_copied_gives_its_outputs_and_says_why():
    module, x = Own().eval(), torch.randn(20, 4)
    found = cj.record(torch.jit.script(module), x)
    assert list(found.layers) == ["outputs"]
    assert "its outputs alone are recorded" in found.provenance["passes"][0]
    np.testing.assert_allclose(found.outputs.values, module(x).detach().numpy(), atol=2e-6)


def test_controls_of_programs(rng):
    module, x = made("deep")
    network = network_of(torch.jit.script(module))
    with pytest.raises(NoControlError, match="untrained="):
        network.untrained(0)
    copy = network.shuffled(3)
    before, after = (dict(one.model.named_parameters()) for one in (network, copy))
    for name, tensor in before.items():
        assert torch.equal(tensor.flatten().sort()[0], after[name].flatten().sort()[0])
    assert any(not torch.equal(before[name], after[name]) for name in before)
    one, two = (found.run(x, ["once.lin#2"])["once.lin#2"] for found in (network, copy))
    assert one.shape == two.shape
    assert not torch.equal(one, two)
    with pytest.raises(InputError, match="dtype and device"):
        cj.record(torch.jit.script(module), x, dtype="float64")


def test_tokens_in_a_scripted_network():
    module, x = made("reader")
    program = torch.jit.script(module)
    truth = by_hooks(module, x)["rnn"]
    each = cj.record(program, x, ["rnn"], tokens="each")
    np.testing.assert_allclose(each.layers["rnn"].values, truth.reshape(-1, 5), atol=2e-6)
    moving = cj.record(program, x, ["rnn"], tokens="time")
    np.testing.assert_allclose(np.stack(moving.layers["rnn"].values), truth, atol=2e-6)
    assert "hidden layer cannot be tried in TorchScript" in cj.record(program, x).provenance["passes"][-1]


@pytest.mark.slow
@pytest.mark.parametrize("form", ["exported", "flat", "unflattened"])
def test_tokens_in_an_exported_network(form):
    module, x = made("reader")
    truth = by_hooks(module, x)["rnn"]
    each = cj.record(FORMS[form](module, x), x, ["rnn"], tokens="each")
    np.testing.assert_allclose(each.layers["rnn"].values, truth.reshape(-1, 5), atol=2e-6)


class Named(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed, self.lin = nn.Embedding(9, 4), nn.Linear(4, 2)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return self.lin((self.embed(input_ids) * attention_mask[..., None]).sum(1))


@pytest.mark.parametrize("form", ["traced", "scripted", pytest.param("exported", marks=pytest.mark.slow)])
def test_several_inputs_go_in_by_their_names(form):
    torch.manual_seed(0)
    module, ids = Named().eval(), torch.randint(0, 9, (30, 5))
    there = (torch.arange(5) < torch.randint(1, 6, (30, 1))).long()
    batch = {0: torch.export.Dim("batch")}
    program = {
        "traced": lambda: torch.jit.trace(module, (ids, there)),
        "scripted": lambda: torch.jit.script(module),
        "exported": lambda: torch.export.export(module, (ids, there), dynamic_shapes=(batch, batch)),
    }[form]()
    shown = {"attention_mask": there, "input_ids": ids}
    found, plain = cj.record(program, shown), cj.record(module, shown)
    assert (
        found.provenance["reduced"]
        == plain.provenance["reduced"]
        == {"embed": "5x4 averaged over tokens, padding left out"}
    )
    for layer in ("embed", "outputs"):
        np.testing.assert_allclose(found.layers[layer].values, plain.layers[layer].values, atol=2e-6)


class Moving(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn, self.head = nn.GRU(3, 4, batch_first=True), nn.Linear(4, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.rnn(x)[0])


@pytest.mark.slow
def test_states_of_a_scripted_recurrent_network_are_compared_without_live_steps():
    torch.manual_seed(0)
    module, x = Moving().eval(), torch.randn(25, 20, 3)
    found = cj.compare(module, torch.jit.script(module), stimuli=x, tokens="time", controls="none")
    assert found.verdict.representation.rung == "identity"
    assert any(
        "b: its steps are not taken live" in note and "TorchScript takes no states" in note for note in found.notes
    )
    assert not any("a: its steps are not taken live" in note for note in found.notes)


@pytest.mark.slow
@pytest.mark.parametrize("rows", [1, 6])
def test_a_program_for_a_fixed_number_of_rows_is_filled_up(rows):
    module, x = made("images", rows=40)
    program = exported(module, x, rows=rows)
    with pytest.raises(AssertionError):
        program.module()(x[:7])  # torch itself takes no others
    found, truth = cj.record(program, x, batch_size=13), by_hooks(module, x)
    assert len(found.outputs.values) == 40
    for layer in ("conv", "norm", "act"):
        np.testing.assert_allclose(found.layers[layer].values, truth[layer].reshape(40, -1), atol=2e-6)
    assert f"exported for {rows} rows" in found.provenance["passes"][-1]


class TimeFirst(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.turned, self.head = nn.Linear(3, 2), nn.Linear(2, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.turned(x.transpose(0, 1)).mean(0))


@pytest.mark.slow
@pytest.mark.parametrize("rows", [5, 6])  # as many as time points, and one more
def test_rows_that_are_not_first_are_never_cut_off_elsewhere(rows):
    torch.manual_seed(0)
    module, x = TimeFirst().eval(), torch.randn(22, 5, 3)
    found = cj.record(exported(module, x, rows=rows), x)
    np.testing.assert_allclose(found.outputs.values, module(x).detach().numpy(), atol=2e-6)
    assert "turned" not in found.layers
    assert any(note.startswith("'turned': shape") for note in found.provenance["passes"])


@pytest.mark.slow
def test_a_last_batch_of_one_row_and_what_cannot_be_moved(tmp_path):
    module, x = made("deep", rows=9)
    program = exported(module, x)
    found = cj.load(cj.record(program, x, batch_size=8, to=tmp_path / "p.zarr"))
    np.testing.assert_allclose(found.layers["blocks.0.lin"].values, by_hooks(module, x)["blocks.0.lin"], atol=2e-6)
    with pytest.raises(NoControlError, match="an exported program does not say"):
        network_of(program).untrained(0)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_a_program_is_a_drop_in_for_its_module_and_another_network_is_none(form):
    module, x = made("deep", rows=300)
    program = FORMS[form](module, x)
    found = cj.compare(module, program, stimuli=x, untrained_b=lambda: Deep())
    assert found.drop_in.answer == "yes"
    assert found.verdict.representation.rung == "identity"
    assert found.verdict.representation.layers == ("once.act#2", "once.act#2")
    other, _ = made("deep", seed=1)
    assert cj.compare(module, FORMS[form](other, x), stimuli=x, controls="none").drop_in.answer == "no"


@pytest.mark.slow
def test_a_trained_scripted_network_from_a_file():
    spec = find_spec("silero_vad")
    if spec is None or spec.origin is None:
        pytest.skip("silero-vad is not installed")
    script = torch.jit.load(str(Path(spec.origin).parent / "data" / "silero_vad.jit")).eval()
    x = np.random.default_rng(0).normal(size=(60, 512)).astype(np.float32) / 10
    found = cj.record(script, {"x": x, "sr": 16000})
    with torch.no_grad():
        truth = script(torch.from_numpy(x), 16000).numpy()  # its first call: nothing is left in its states
    assert np.array_equal(found.outputs.values, truth)
    layers = {name.removeprefix("_model."): part.values for name, part in found.layers.items()}
    np.testing.assert_allclose(1 / (1 + np.exp(-layers["decoder.decoder.2"])), truth, atol=1e-6)
    # the cell gives a pair of states, and the activation works on the first
    assert np.array_equal(layers["decoder.decoder.1"], np.maximum(layers["decoder.rnn"], 0))
    assert found.provenance["left_out"]["_model_8k.decoder.rnn"] == "did not run"
