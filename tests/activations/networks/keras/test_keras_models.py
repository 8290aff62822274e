"""Layers of Keras models are what sub-models of Keras give, on both backends; nothing in a model changes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.activations.networks import NoControlError
from conjugacy.activations.networks.keras import adapt
from conjugacy.activations.networks.keras.files import require_plain
from conjugacy.errors import FormatError, InputError, UnknownNameError

os.environ.setdefault("KERAS_BACKEND", "jax")
keras = pytest.importorskip("keras")
layers = keras.layers
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:__array__ implementation")]  # Keras' own variables


def as_array(tensor):
    return np.asarray(keras.ops.convert_to_numpy(getattr(tensor, "value", tensor)))


@pytest.fixture(scope="module")
def model():
    image, more = keras.Input((8, 9, 3), name="image"), keras.Input((5,), name="more")
    h = layers.BatchNormalization(name="norm")(layers.Conv2D(4, 3, activation="relu", name="conv")(image))
    h = layers.GaussianNoise(0.5)(layers.Dropout(0.5)(h))
    h = layers.Concatenate(name="both")([layers.GlobalAveragePooling2D(name="pool")(h), more])
    block = keras.Sequential([layers.Dense(6, name="inner"), layers.ReLU(name="relu")], name="block")
    shared = layers.Dense(6, name="shared")
    h = shared(block(shared(layers.Dense(6, name="first")(h))))
    ends = [layers.Dense(3, activation="softmax", name="classes")(h), layers.Dense(1, name="value")(h)]
    return keras.Model([image, more], ends)


@pytest.fixture(scope="module")
def x():
    rng = np.random.default_rng(0)
    return {"image": rng.normal(size=(60, 8, 9, 3)).astype("f"), "more": rng.normal(size=(60, 5)).astype("f")}


def test_layers_are_what_sub_models_give_and_nothing_changes(model, x):
    before, held = [as_array(v) for v in model.variables], {id(one): set(vars(one)) for one in model.layers}
    found = cj.record(model, x, ["conv", "norm", "first", "shared#1", "shared#2", "block/inner", "block/relu"])
    given = [x["image"], x["more"]]
    for name in ("conv", "norm"):
        by_hand = as_array(keras.Model(model.inputs, model.get_layer(name).output)(given, training=False))
        np.testing.assert_allclose(found.layers[name].values, by_hand.transpose(0, 3, 1, 2).reshape(60, -1), atol=1e-5)
    first = as_array(keras.Model(model.inputs, model.get_layer("first").output)(given, training=False))
    np.testing.assert_allclose(found.layers["first"].values, first, atol=1e-6)
    shared, block = model.get_layer("shared"), model.get_layer("block")
    np.testing.assert_allclose(found.layers["shared#1"].values, as_array(shared(first)), atol=1e-5)
    inner = block.get_layer("inner")(shared(first))
    np.testing.assert_allclose(found.layers["block/inner"].values, as_array(inner), atol=1e-5)
    np.testing.assert_allclose(found.layers["shared#2"].values, as_array(shared(block(shared(first)))), atol=1e-5)
    for head, by_hand in zip(("outputs.classes", "outputs.value"), model(given, training=False), strict=True):
        np.testing.assert_allclose(found.layers[head].values, as_array(by_hand), atol=1e-5)
    assert found.provenance["output_hint"]["outputs.classes"][0] == "probabilities"
    assert all(np.array_equal(a, as_array(v)) for a, v in zip(before, model.variables, strict=True))
    assert all(set(vars(one)) == held[id(one)] for one in model.layers)
    assert cj.record(model, x, "conv", reducer="mean").layers["conv"].shape == (60, 4), "channels last"
    with pytest.raises(UnknownNameError, match="image"):
        cj.record(model, {"imag": x["image"], "more": x["more"]})


def test_untrained_copies_come_from_the_configuration_and_do_not_begin_where_the_network_began(x):
    seeded = layers.Dense(4, kernel_initializer=keras.initializers.GlorotUniform(seed=3), name="a")
    scale = layers.Normalization(name="scale")
    scale.adapt(x["more"] * 3 + 1)
    model = keras.Sequential([keras.Input((5,)), scale, seeded, layers.Dense(2, name="b")])
    start = as_array(seeded.kernel).copy()
    seeded.kernel.assign(start + 0.1)
    one, again, two = (adapt(model).untrained(seed).model for seed in (1, 1, 2))
    kernels = [as_array(copy.get_layer("a").kernel) for copy in (one, again, two)]
    np.testing.assert_array_equal(kernels[0], kernels[1])
    assert all(np.abs(kernels[0] - other).max() > 1e-2 for other in (kernels[2], start, start + 0.1))
    np.testing.assert_allclose(as_array(one.get_layer("scale")(x["more"])), as_array(scale(x["more"])), atol=1e-6)

    class Asks(keras.Model):
        def __init__(self, width):
            super().__init__()
            self.dense = layers.Dense(width.pop())

        def call(self, x):
            return self.dense(x)

    model = Asks([3])
    with pytest.raises(InputError, match="has no weights yet"):
        cj.record(model, x["more"])
    model(x["more"])
    with pytest.raises(NoControlError, match="from_config of Asks raised"):
        adapt(model).untrained(0)


def test_a_subclassed_model_that_draws_keeps_its_generator_and_gets_copies(x):
    class Drawing(keras.Model):
        def __init__(self, **settings):  # without them Keras does not make it from its configuration
            super().__init__(**settings)
            self.one, self.more = layers.Dense(4), [layers.Dense(4, activation="tanh") for _ in range(2)]
            self.seeds = keras.random.SeedGenerator(3)

        def call(self, x):
            for layer in (self.one, *self.more):
                x = layer(x)
            return x + 0.1 * keras.random.normal((4,), seed=self.seeds)

    model = Drawing()
    model(x["more"])
    state = as_array(model.seeds.state)
    found = cj.record(model, x["more"])
    assert "draws at random" in found.provenance["passes"][0]
    np.testing.assert_array_equal(as_array(model.seeds.state), state)
    copy = adapt(model).untrained(1)
    copy.meet(x["more"])
    assert np.abs(as_array(copy.model.one.kernel) - as_array(model.one.kernel)).max() > 1e-2


def test_a_saved_file_is_the_model_and_one_that_names_code_is_not_opened(model, x, tmp_path):
    model.save(tmp_path / "net.keras")
    found = cj.compare(model, tmp_path / "net.keras", stimuli=x, controls="none", output="classes")
    assert found.drop_in.answer == "yes"
    lambdas = keras.Sequential([keras.Input((5,)), layers.Lambda(lambda x: 2 * x)])
    lambdas.save(tmp_path / "code.keras")
    with pytest.raises(FormatError, match="names code, Lambda, which is not run"):
        cj.record(tmp_path / "code.keras", x["more"])
    with zipfile.ZipFile(tmp_path / "net.keras") as archive:
        config = json.loads(archive.read("config.json"))
    config["config"]["layers"][1] |= {"module": "os", "class_name": "system"}
    with zipfile.ZipFile(tmp_path / "os.keras", "w") as archive:
        archive.writestr("config.json", json.dumps(config))
    with pytest.raises(FormatError, match=r"names code, os\.system"):
        require_plain(tmp_path / "os.keras")
    (tmp_path / "text.keras").write_text("hello")
    for name, said in (("text", "not a Keras model"), ("none", "there is no such file")):
        with pytest.raises(FormatError, match=said):
            cj.record(tmp_path / f"{name}.keras", x["more"])


ON_TORCH = """
import keras, numpy as np, conjugacy as cj
from keras import layers
net = keras.Sequential([keras.Input((6, 3)), layers.LSTM(5, return_sequences=True, name="rnn"), layers.Dense(2, name="out")])
x = np.random.default_rng(0).normal(size=(30, 6, 3)).astype("f")
found = cj.record(net, x, tokens="each")
by_hand = keras.Model(net.inputs, net.get_layer("rnn").output)(x, training=False).detach().numpy()
assert np.allclose(found.layers["rnn"].values.reshape(30, 6, 5), by_hand, atol=1e-6)
assert found.provenance["backend"] == "torch" and list(found.layers) == ["rnn", "outputs"]
same = cj.compare(net, net, stimuli=x)
assert same.drop_in.answer == "yes"
assert np.abs(cj.record(net, x, tokens="each").outputs.values - found.outputs.values).max() == 0
"""


def test_on_torch_a_keras_model_is_none_of_torchs_own():
    pytest.importorskip("torch")
    environment = {**os.environ, "KERAS_BACKEND": "torch"}
    ran = subprocess.run([sys.executable, "-c", ON_TORCH], env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
