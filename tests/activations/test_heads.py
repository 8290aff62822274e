"""What networks of real shapes return: every output under its name, and everything else said to be left out."""

import collections
import dataclasses
import types

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.activations import head_outputs
from conjugacy.errors import InputError, ShapeError, UnknownNameError

torch = pytest.importorskip("torch")
Scored = collections.namedtuple("Scored", "scores boxes")


@dataclasses.dataclass
class Answer:
    """A record of tensors, some of them missing."""

    logits: object = None
    hidden_states: object = None
    past_key_values: object = None
    attentions: object = None
    loss: object = None


class ModelOutput(collections.OrderedDict):
    """As the library of that name has it: a mapping that knows its keys as attributes."""

    def __getattr__(self, name):
        if name not in self:
            raise AttributeError(name)
        return self[name]


class Net(torch.nn.Module):
    """A trunk with heads; `answer` says what is returned."""

    def __init__(self, answer):
        super().__init__()
        torch.manual_seed(0)
        self.trunk, self.deep = torch.nn.Linear(4, 8), torch.nn.Linear(8, 8)
        self.score, self.box = torch.nn.Linear(8, 5), torch.nn.Linear(8, 4)
        self.answer = answer

    def forward(self, rows):
        return self.answer(self, torch.tanh(self.trunk(rows)))


def detection(net, h):
    return {"logits": net.score(h), "boxes": net.box(h), "loss": h.mean(), "version": "1.2"}


def auxiliary(net, h):
    return net.score(torch.tanh(net.deep(h))), net.box(h)


def inside_first(net, h):
    inside = net.deep(h)
    return inside, net.score(torch.tanh(inside))


def record_of_tensors(net, h):
    return Answer(net.score(h), (h, h), [(h, h)], (h,), h.mean())


def as_mapping(net, h):
    return ModelOutput(loss=h.mean(), logits=net.score(h), past_key_values=types.SimpleNamespace(keys=h))


def last_state_beside(net, h):
    return {"last_hidden_state": h, "pooled": net.box(h)}


def autoencoder(net, h):
    mean, spread = net.deep(h), net.box(h)
    return net.score(mean + spread.mean(dim=1, keepdim=True) * torch.randn_like(mean)), mean, spread


def nested(net, h):
    return {"boxes": [net.box(h), net.score(h)]}


SHAPES = {
    detection: (
        ("outputs.logits", "outputs.boxes"),
        {"outputs.loss": "one number", "outputs.version": "str, no tensor"},
    ),
    auxiliary: (("outputs[0]", "outputs[1]"), {}),
    inside_first: (("outputs",), {"outputs[0]": "a hidden layer: what 'deep' gives, and 'score' works on"}),
    record_of_tensors: (
        ("outputs",),
        {
            "outputs.hidden_states": "hidden states",
            "outputs.past_key_values": "a cache",
            "outputs.attentions": "attention weights",
            "outputs.loss": "one number",
        },
    ),
    as_mapping: (("outputs",), {"outputs.loss": "one number", "outputs.past_key_values": "a cache"}),
    last_state_beside: (("outputs",), {"outputs.last_hidden_state": "hidden states"}),
    autoencoder: (
        ("outputs",),
        {"outputs[1]": "a hidden layer: what 'deep'", "outputs[2]": "a hidden layer: what 'box'"},
    ),
    nested: (("outputs.boxes[0]", "outputs.boxes[1]"), {}),
    lambda net, h: Scored(net.score(h), net.box(h)): (("outputs.scores", "outputs.boxes"), {}),
    lambda net, h: {"last_hidden_state": h}: (("outputs",), {}),
    lambda net, h: types.SimpleNamespace(logits=net.score(h)): (("outputs",), {}),
}


@pytest.mark.parametrize("answer", SHAPES, ids=lambda f: f.__name__)
def test_outputs_by_name_and_what_is_left_out(answer, rng):
    heads, left_out = SHAPES[answer]
    x = rng.standard_normal((30, 4)).astype(np.float32)
    net = Net(answer)
    r = cj.record(net, x, batch_size=11)
    assert r.heads == heads
    assert r.output_layer == (heads[0] if len(heads) == 1 else None)
    said = {k: why for k, why in r.provenance.get("left_out", {}).items() if k.startswith("outputs")}
    assert said.keys() == left_out.keys()
    assert all(said[name].startswith(why) for name, why in left_out.items())
    assert all(not m._forward_hooks for m in net.modules())


def test_values_are_those_of_the_head_that_is_meant(rng):
    x = rng.standard_normal((30, 4)).astype(np.float32)
    net = Net(inside_first)
    r = cj.record(net, x)
    with torch.no_grad():
        inside, out = net(torch.tensor(x))
    np.testing.assert_allclose(r.outputs.values, out, atol=1e-6)
    np.testing.assert_allclose(r.layer("deep").values, inside, atol=1e-6)
    assert r.deepest.name == "deep"
    assert r.provenance["heads"] == {"outputs": "outputs[1]"}
    through = head_outputs(net, x, "deep", inside.numpy())
    np.testing.assert_allclose(through, out, atol=1e-6)
    exact = cj.record(net, x[:5], ["deep"], jacobians=["outputs", "deep"]).jacobians
    steps = (1 - np.tanh(inside.numpy()[:5]) ** 2)[..., None] * exact["deep"]
    np.testing.assert_allclose(net.score.weight.detach().numpy() @ steps, exact["outputs"], atol=1e-5)


def test_one_output_is_asked_for(rng):
    x = rng.standard_normal((30, 4)).astype(np.float32)
    r = cj.record(Net(detection), x, output="boxes", jacobians=["outputs.boxes"])
    assert (r.heads, r.outputs.shape, r.jacobians["outputs.boxes"].shape) == (("outputs.boxes",), (30, 4), (30, 4, 4))
    assert r.provenance["left_out"]["outputs.logits"] == "another output was asked for"
    assert cj.record(Net(inside_first), x, output=0).outputs.shape == (30, 8)  # also what is left out otherwise
    with pytest.raises(UnknownNameError, match=r"'outputs.logits', 'outputs.boxes'"):
        cj.record(Net(detection), x, output="masks")


def test_states_of_recurrent_layers_are_no_outputs(rng):
    x = rng.standard_normal((30, 5, 4)).astype(np.float32)
    lstm = torch.nn.LSTM(4, 6, num_layers=2, batch_first=True)
    r = cj.record(lstm, x, reducer="mean")
    assert r.heads == ("outputs",)
    assert r.provenance["left_out"] == {"outputs[1][0]": "a state", "outputs[1][1]": "a state"}


def test_a_score_and_what_follows_from_it_are_both_kept_and_the_doubt_is_said(rng):
    def both(net, h):
        logits = net.score(h)
        return {"logits": logits, "chosen": logits.argmax(dim=1)}

    r = cj.record(Net(both), rng.standard_normal((30, 4)))
    assert r.heads == ("outputs.logits", "outputs.chosen")
    assert "outputs.chosen follows" in r.provenance["doubtful_outputs"]["outputs.logits"]


class ForSequenceClassification(torch.nn.Linear):
    """Named as a library names its classifiers."""


@pytest.mark.parametrize(
    ("net", "kind"),
    [
        (torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Softmax(dim=1)), "probabilities"),
        (torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.LogSoftmax(dim=1), torch.nn.Identity()), "logits"),
        (torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Sigmoid()), "sigmoids"),
        (torch.nn.Sequential(collections.OrderedDict(h=torch.nn.Linear(4, 3), logits=torch.nn.Linear(3, 3))), "logits"),
        (ForSequenceClassification(4, 3), "logits"),
        (ForSequenceClassification(4, 1), None),
        (torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Sigmoid(), torch.nn.Linear(3, 3)), None),
    ],
)
def test_the_last_module_hints_at_the_kind(net, kind, rng):
    r = cj.record(net, rng.standard_normal((20, 4)))
    hint = r.provenance.get("output_hint", {}).get("outputs")
    assert (hint and hint[0]) == kind
    assert r.output_kind is None


def test_masked_classes_and_an_output_that_is_not_always_returned(rng):
    x = rng.standard_normal((30, 4)).astype(np.float32)
    masked = Net(lambda net, h: net.score(h).masked_fill(h[:, :5] > 0.3, -torch.inf))
    r = cj.record(masked, x)
    assert r.outputs.masked
    assert np.isfinite(r.layer("score").values).all()
    sometimes = Net(lambda net, h: {"a": net.score(h)} | ({"b": net.box(h)} if len(h) > 4 else {}))
    with pytest.raises(InputError, match=r"returned outputs\.b in 2 of 3 forward passes"):
        cj.record(sometimes, x, batch_size=14)
    with pytest.raises(InputError, match="expected a tensor, or several"):
        cj.record(Net(lambda net, h: {"a": "b"}), x)


def test_modules_with_the_names_of_outputs(rng):
    net = torch.nn.Sequential(collections.OrderedDict(h=torch.nn.Linear(4, 3), outputs=torch.nn.Linear(3, 2)))
    r = cj.record(net, rng.standard_normal((20, 4)))
    assert list(r.layers) == ["h", "outputs"]
    assert "kept for what the network returns" in r.provenance["left_out"]["outputs"]
    with pytest.raises(InputError, match="rename the module"):
        cj.record(net, rng.standard_normal((20, 4)), ["outputs"])


def test_callables_name_their_outputs(rng):
    x = rng.standard_normal((30, 4))
    named = cj.record(lambda rows: {"h": rows, "outputs.a": rows[:, :2], "outputs.b": rows[:, 2:]}, x)
    assert (named.heads, named.hidden_layers) == (("outputs.a", "outputs.b"), ("h",))
    several = cj.record(lambda rows: (rows[:, :2], rows[:, 2:], 3.0), x)
    assert several.heads == ("outputs[0]", "outputs[1]")
    assert several.provenance["left_out"] == {"outputs[2]": "float, no tensor"}
    assert cj.record(lambda rows: Scored(rows[:, :2], rows), x, output="boxes").heads == ("outputs.boxes",)
    assert cj.record(lambda rows: rows.tolist(), x).outputs.shape == (30, 4)
    with pytest.raises(InputError, match=r"'outputs.NAME'"):
        cj.record(lambda rows: {"h": rows}, x)


def test_compare_looks_at_the_output_that_is_asked_for(rng):
    x = rng.standard_normal((60, 4)).astype(np.float32)
    a, b = Net(detection), Net(detection)
    with torch.no_grad():
        b.box.weight.copy_(torch.randn(4, 8))
    same = cj.compare(a, b, stimuli=x, output="logits", controls="none")
    other = cj.compare(cj.record(a, x), cj.record(b, x), output=("boxes", "outputs.boxes"))
    assert same.verdict.function.rung == "identity"
    assert same.verdict.function.layers == ("outputs.logits", "outputs.logits")
    assert other.verdict.function.rung != "identity"
    assert other.settings["output"] == ("boxes", "outputs.boxes")


class Detector(torch.nn.Module):
    """Finds one box in a stimulus, or two."""

    def __init__(self, wrapped):
        super().__init__()
        self.first, self.wrapped = torch.nn.Linear(4, 8), wrapped

    def forward(self, x):
        rows = self.first(x)
        return [self.wrapped(row.reshape(2, 4)[: 1 + int(row[0] > 0)]) for row in rows]


@pytest.mark.parametrize("wrapped", [lambda boxes: boxes, lambda boxes: {"boxes": boxes, "scores": boxes[:, 0]}])
def test_detections_of_varying_number_are_refused_with_what_to_give(wrapped):
    torch.manual_seed(0)
    model, x = Detector(wrapped), np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
    for network in (model, lambda x: model(torch.from_numpy(x)), lambda x: {"outputs": model(torch.from_numpy(x))}):
        with pytest.raises(ShapeError, match=r"one entry for each of \d+ stimuli.*one row of numbers.*backbone"):
            cj.record(network, x)
    one = cj.record(model.first, x)  # the part of the network that does
    assert one.outputs.shape == (30, 8)
    counted = cj.record(lambda x: np.array([[len(found)] for found in Detector(lambda b: b)(torch.from_numpy(x))]), x)
    assert counted.outputs.shape == (30, 1)
