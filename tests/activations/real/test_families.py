"""Eight real architectures, recorded without an option, against the library by hand."""

from copy import deepcopy

import numpy as np
import pytest

import conjugacy as cj

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from tiny_families import FAMILIES, by_hand, images, made, mean_of_real, sounds, words  # noqa: E402

CLOSE = {"rtol": 1e-4, "atol": 1e-5}
BLOCKS = {
    "gpt2": ("transformer.h.0", 1),
    "llama": ("model.layers.0", 1),
    "bert": ("encoder.layer.0", 1),
    "vit": ("vit.layers.0", 1),
    "whisper": ("layers.0", 1),
    "convnext": ("convnext.encoder.stages.0", 1),
    "resnet": ("resnet.encoder.stages.0", 1),
}  # and which of the hidden states that the library returns it is
OUTPUTS = {"gpt2": "logits", "llama": "logits", "bert": "pooler_output", "vit": "logits", "whisper": "last_hidden_state",
           "swin": "logits", "convnext": "logits", "resnet": "logits"}  # fmt: skip
CHANNELS_LAST = ("stages.0.layers.0.pwconv", "stages.0.layers.0.act", "stages.1.layers.0.pwconv", "stages.1.layers.0.act",
                 "layers.0.layernorm")  # fmt: skip


@pytest.fixture(scope="module", params=FAMILIES)
def family(request):
    build, show = FAMILIES[request.param]
    model, shown = made(build), show()
    return request.param, model, shown, cj.record(model, shown, batch_size=5)


def expected(name, layer, values, shown):
    """What stands for a layer's values: tokens averaged where they are there, maps one number after the other."""
    if values.ndim == 2:
        return values
    if values.ndim == 4:  # channels first, each with its places
        last = name == "convnext" and any(part in layer for part in CHANNELS_LAST)
        return (np.moveaxis(values, 3, 1) if last else values).reshape(len(values), -1)
    if layer in ("conv1", "conv2") or layer == "swin.pooler":  # channels and time
        return values.mean(axis=2)
    return mean_of_real(values, shown["attention_mask"]) if isinstance(shown, dict) else values.mean(axis=1)


def test_every_layer_is_what_its_module_gives(family):
    name, model, shown, recording = family
    layers = [layer for layer in recording.layers if layer != "outputs"]
    answer, values = by_hand(model, shown, layers)
    assert len(layers) > 12
    for layer in layers:
        np.testing.assert_allclose(
            recording.layer(layer).values, expected(name, layer, values[layer], shown), err_msg=layer, **CLOSE
        )
    out = answer[OUTPUTS[name]].numpy()
    np.testing.assert_allclose(recording.outputs.values, expected(name, "outputs", out, shown), **CLOSE)


def test_what_is_left_out_is_said_and_nothing_else_is_missing(family):
    _, model, _, recording = family
    left_out = recording.provenance["left_out"]
    inner = {name for name, module in model.named_modules() if name and not list(module.children())}
    assert inner <= set(recording.layers) | set(left_out)
    assert not set(recording.layers) & set(left_out)
    assert all(left_out.values())
    assert "passes" not in recording.provenance  # nothing drawn at random, no rows that influence each other


@pytest.mark.parametrize("name", BLOCKS)
def test_blocks_are_the_hidden_states_that_the_library_returns(name):
    build, show = FAMILIES[name]
    model, shown, (block, at) = made(build), show(), BLOCKS[name]
    block = (
        block if block in dict(model.named_modules()) else "vit.encoder.layer.0"
    )  # as it is called in transformers 4
    recording = cj.record(model, shown, block)
    state = by_hand(model, shown, output_hidden_states=True)[0].hidden_states[at].numpy()
    np.testing.assert_allclose(recording.layer(block).values, expected(name, block, state, shown), **CLOSE)


@pytest.mark.parametrize("name", ["gpt2", "bert"])
def test_tokens_by_hand(name):
    model, shown = made(FAMILIES[name][0]), words()
    layer = BLOCKS[name][0]
    values = by_hand(model, shown, [layer])[1][layer]
    mask = shown["attention_mask"]
    many = mask.sum(axis=1)
    last = np.stack([values[i, n - 1] for i, n in enumerate(many)])
    each = np.concatenate([values[i, :n] for i, n in enumerate(many)])
    found = {tokens: cj.record(model, shown, layer, tokens=tokens) for tokens in ("last", "first", "each", "time")}
    np.testing.assert_allclose(found["last"].layer(layer).values, last, **CLOSE)
    np.testing.assert_allclose(found["first"].layer(layer).values, values[:, 0], **CLOSE)
    np.testing.assert_allclose(found["each"].layer(layer).values, each, **CLOSE)
    assert found["each"].layer(layer).groups.tolist() == np.repeat(np.arange(len(many)), many).tolist()
    for i, (trial, n) in enumerate(zip(found["time"].layer(layer).values, many, strict=True)):
        np.testing.assert_allclose(trial, values[i, :n], **CLOSE)


@pytest.mark.parametrize("name", ["gpt2", "llama", "bert"])
@pytest.mark.parametrize("in_front", [False, True])
def test_padding_does_not_count_or_it_is_told(name, in_front):
    model, shown = made(FAMILIES[name][0]), words(in_front=in_front)
    sides = [(0, 0), (4, 0) if in_front else (0, 4)]
    longer = {key: np.pad(part, sides) for key, part in shown.items()}
    one, two = cj.record(model, shown), cj.record(model, longer)
    notes = " ".join(one.provenance.get("passes", ()))
    absolute = (
        in_front and name != "llama"
    )  # positions are counted from the first column, padding or not; Llama's are relative
    assert ("padding is not ignored" in notes) == absolute
    apart = max(np.abs(one.layer(n).values - two.layer(n).values).max() / one.layer(n).values.std() for n in one.layers)
    assert apart > 0.02 if absolute else apart < 1e-4


def test_states_of_a_sound_encoder_are_trajectories():
    model, shown = made(FAMILIES["whisper"][0]), sounds()
    recording = cj.record(model, shown, tokens="time")
    values = by_hand(model, shown, ["layers.1.fc1"])[1]["layers.1.fc1"]
    moving = recording.layer("layers.1.fc1")
    assert isinstance(moving, cj.Trajectories)
    np.testing.assert_allclose(np.stack(moving.values), values, **CLOSE)
    assert recording.provenance["left_out"]["conv1"].startswith("holds 20 tokens or time points, and others 10")


@pytest.mark.parametrize("name", ["swin", "convnext", "resnet"])
def test_channels_stay_apart_where_places_are_averaged(name):
    model = made(FAMILIES[name][0])
    shown = images(size=32)
    recording = cj.record(model, shown, reducer="mean")
    modules = dict(model.named_modules())
    for layer in recording.layers:
        module = modules.get(layer)
        width = getattr(module, "out_channels", getattr(module, "out_features", None))
        if width is not None:
            assert recording.layer(layer).shape == (9, width), layer
    norm = {
        "convnext": "convnext.encoder.stages.1.downsampling_layer.0",
        "swin": "swin.encoder.layers.0.downsample.norm",
    }
    if name in norm:  # of channels first, and of patches put together
        values = by_hand(model, shown, [norm[name]])[1][norm[name]]
        np.testing.assert_allclose(
            recording.layer(norm[name]).values, values.mean(axis=(2, 3) if name == "convnext" else 1), **CLOSE
        )


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name == "bert" else pytest.mark.slow) for name in FAMILIES]
)
def test_a_network_is_itself_and_its_controls_are_not(name):
    build, show = FAMILIES[name]
    model, shown = made(build), show(60) if show in (words, sounds) else images(60, size=32 if name == "swin" else 16)
    verdict = cj.compare(model, model, stimuli=shown, controls="none").verdict
    for axis in (verdict.function, verdict.representation):
        assert (axis.answer, axis.rung, axis.deciding.about) == ("equivalent", "identity", "identity")
    near = deepcopy(model)
    with torch.no_grad():
        for weights in near.parameters():
            weights *= 1 + 0.01 * torch.randn_like(weights)
    found = cj.compare(model, near, stimuli=shown).verdict.representation
    assert found.rungs[0].a_to_b.unexplained < 0.05
    controls = {one.name: one for one in found.controls}
    assert set(controls) == {"untrained", "shuffled"}
    assert all(control.rungs[0].a_to_b.unexplained > 0.3 for control in controls.values())
