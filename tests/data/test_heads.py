"""Several outputs of one recording: which they are, of what kind, whose the targets are; and outputs with masks."""

import pickle

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.data import Recording, as_activations, heads_among
from conjugacy.data.depth import deepest_among
from conjugacy.errors import InputError, NotFiniteError, UnknownNameError


@pytest.fixture
def layers(rng):
    return {
        "h": rng.standard_normal((40, 6)),
        "outputs.boxes": rng.standard_normal((40, 4)),
        "outputs[1]": rng.standard_normal((40, 9)),
    }


def test_heads_are_found_by_name_and_one_can_be_said(layers):
    r = Recording.from_arrays(layers)
    assert r.heads == ("outputs.boxes", "outputs[1]")
    assert (r.output_name, r.hidden_layers) == ("outputs.boxes", ("h",))
    said = Recording.from_arrays(layers, output_layer="outputs[1]")
    assert (said.heads, said.hidden_layers) == (("outputs[1]",), ("h",))
    assert heads_among(["h", "out", "outputs"], None) == ("outputs",)
    assert heads_among(["h"], None) == ()


@pytest.mark.parametrize(("asked", "found"), [("boxes", "outputs.boxes"), ("1", "outputs[1]"), (1, "outputs[1]")])
def test_one_output_alone(layers, asked, found):
    kinds = {"boxes": "regression", "outputs[1]": "logits"}
    r = Recording.from_arrays(layers, output_kind=kinds, targets=np.arange(40) % 9)
    one = r.only_output(asked)
    assert (one.heads, one.output_kind) == ((found,), kinds.get(str(asked), kinds.get(found)))
    assert (one.targets is not None) == (found == "outputs[1]")
    with pytest.raises(UnknownNameError, match=r"known: 'outputs.boxes', 'outputs\[1\]'"):
        r.only_output("scores")


def test_kinds_of_all_or_of_each(layers):
    assert Recording.from_arrays(layers, output_kind="logits").kind_of("outputs[1]") == "logits"
    r = pickle.loads(pickle.dumps(Recording.from_arrays(layers, output_kind={"boxes": "regression"})))
    assert (r.kind_of("outputs.boxes"), r.kind_of("outputs[1]")) == ("regression", None)
    with pytest.raises(UnknownNameError, match="output kind 'box'"):
        Recording.from_arrays(layers, output_kind={"boxes": "box"})
    with pytest.raises(UnknownNameError, match="output 'scores'"):
        Recording.from_arrays(layers, output_kind={"scores": "logits"})


@pytest.mark.parametrize(
    ("targets", "owner"),
    [
        (np.arange(40) % 4, "outputs.boxes"),  # fits both: the first
        (np.arange(40) % 9, "outputs[1]"),
        (np.arange(40), "outputs.boxes"),  # fits neither
        (np.ones((40, 9)), "outputs[1]"),
        (np.full(40, 0.5), "outputs.boxes"),
    ],
)
def test_whose_the_targets_are(layers, targets, owner):
    r = Recording.from_arrays(layers, targets=targets)
    assert [head for head in r.heads if r.targets_of(head) is not None] == [owner]


def test_a_layer_that_is_any_output_once_more_is_not_the_deepest(layers):
    layers["fc"] = layers["outputs[1]"] - 3.0
    order = {name: layers[name] for name in ("h", "fc", "outputs.boxes", "outputs[1]")}
    r = Recording.from_arrays(order)
    assert (r.deepest.name, r.deepest.repeats) == ("h", ("fc",))


def test_a_refusal_of_nan_in_outputs_says_that_masks_may_stay(rng):
    values = rng.normal(size=(20, 3))
    masked = np.where(np.arange(20)[:, None] == 3, -np.inf, values)
    broken = masked.copy()
    broken[5, 1] = np.nan
    cj.Recording.from_arrays({"outputs": masked})
    with pytest.raises(InputError, match=r"1 of 60 values are NaN or infinite.*-inf alone may stay") as told:
        cj.Recording.from_arrays({"outputs": broken})
    assert "masked=True" not in str(told.value)  # it is an output already
    with pytest.raises(InputError) as told:
        cj.Recording.from_arrays({"hidden": broken, "outputs": values})
    assert "-inf" not in str(told.value)


def test_minus_infinity_is_a_mask_in_outputs_alone(rng):
    values = rng.standard_normal((40, 5))
    masked = np.where(rng.random((40, 5)) < 0.3, -np.inf, values)
    masked[:, 4] = -np.inf
    r = Recording.from_arrays({"h": values @ rng.standard_normal((5, 3)), "fc": values, "outputs": masked})
    assert r.outputs.masked
    np.testing.assert_array_equal(r.outputs.values, masked)
    kept = np.isfinite(masked)
    assert np.isfinite(r.outputs.finite).all()
    np.testing.assert_array_equal(r.outputs.finite[kept], masked[kept])
    assert r.outputs.finite.min() == masked[kept].min()
    assert not r.layer("h").masked
    assert deepest_among(r, r.hidden_layers).repeats == ("fc",)  # as far as it is not masked
    assert r.outputs.take([0, 1]).masked is bool(np.isinf(masked[:2]).any())
    shifted = Recording.from_arrays({"h": values[:, :3], "fc": values + values[:, :1], "outputs": masked})
    assert shifted.deepest.repeats == ("fc",)
    other = Recording.from_arrays({"fc": np.tanh(values), "outputs": masked})
    assert other.deepest.repeats == ()
    for layers in ({"h": masked, "outputs": values}, {"outputs": np.where(kept, masked, np.nan)}):
        with pytest.raises(NotFiniteError):
            Recording.from_arrays(layers)
    with pytest.raises(InputError, match="masked=True"):
        cj.Activations(masked)
    with pytest.raises(NotFiniteError, match="layer 'h' holds -inf"):
        Recording({"h": cj.Activations(masked, masked=True), "outputs": cj.Activations(values)})


def test_measures_of_activations_see_no_masks_and_those_of_outputs_do(rng):
    values = rng.standard_normal((60, 4))
    masked = cj.Activations(np.where(rng.random((60, 4)) < 0.2, -np.inf, values), masked=True)
    assert np.isfinite(as_activations(masked).values).all()
    assert cj.get_measure("cka")(masked, masked).value == pytest.approx(1.0)
    assert cj.get_measure("agreement")(masked, masked).value == 1.0
    both = cj.get_measure("jensen_shannon")(masked, cj.Activations(values))
    assert 0 < both.value < 1
