"""Layers of JAX networks are what the libraries themselves give, in the order of execution; what is given stays as it was."""

from __future__ import annotations

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.activations.networks import Network, NoControlError
from conjugacy.activations.networks.jax import adapt
from conjugacy.activations.networks.weights import arrays_by_path
from conjugacy.errors import InputError, ModelError

jax = pytest.importorskip("jax")
nn = pytest.importorskip("flax.linen")
nnx = pytest.importorskip("flax.nnx")
eqx = pytest.importorskip("equinox")
jnp = jax.numpy

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]  # flax warns of its own sow


class Net(nn.Module):
    """Layers whose alphabetical order is not that of execution, one of them called twice, one under jit, one in a loop."""

    @nn.compact
    def __call__(self, x, train):
        x = nn.jit(nn.Dense)(5, name="z")(x)
        x = nn.Dropout(0.5, deterministic=not train)(x)
        x = nn.BatchNorm(use_running_average=not train, name="m")(nn.relu(x))
        x = nn.RNN(nn.GRUCell(4, name="cell"), name="loop")(jnp.stack([x, 2 * x, 3 * x], 1))
        twice = nn.Dense(4, name="b")
        return nn.Dense(2, name="a")(twice(twice(x[:, -1])))


class Block(nnx.Module):
    def __init__(self, rngs):
        self.one = nnx.Linear(3, 6, rngs=rngs)
        self.drop, self.norm = nnx.Dropout(0.5, rngs=rngs), nnx.BatchNorm(6, rngs=rngs)
        self.more = nnx.List([nnx.Linear(6, 6, rngs=rngs) for _ in range(2)])
        self.out = nnx.Linear(6, 2, rngs=rngs)

    def __call__(self, x):
        x = self.drop(self.norm(self.one(x)))
        self.sow(nnx.Intermediate, "seen", x)
        for layer in self.more:
            x = nnx.tanh(layer(x))
        return self.out(x)


class Attending(eqx.Module):
    """Layers mapped over tokens, whose mapped axis JAX puts last."""

    first: eqx.nn.Linear
    attn: eqx.nn.MultiheadAttention
    drop: eqx.nn.Dropout
    cell: eqx.nn.GRUCell
    last: eqx.nn.Linear

    def __init__(self, key):
        keys = jax.random.split(key, 4)
        self.first, self.attn = eqx.nn.Linear(3, 6, key=keys[0]), eqx.nn.MultiheadAttention(2, 6, key=keys[1])
        self.drop = eqx.nn.Dropout(0.5)
        self.cell, self.last = eqx.nn.GRUCell(6, 5, key=keys[2]), eqx.nn.Linear(5, 2, key=keys[3])

    def __call__(self, x, key=None):
        h = jax.vmap(self.first)(jnp.stack([x, 2 * x, 3 * x, 4 * x]))
        h = self.attn(h, self.drop(h, key=key), h)
        state, _ = jax.lax.scan(lambda c, now: (self.cell(now, c), None), jnp.zeros(5), h)
        return self.last(state)


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def linen(x):
    net = Net()
    return net.bind(net.init(jax.random.key(0), x, train=False))


def test_linen_layers_are_its_own_intermediates_in_the_order_of_execution(linen, x):
    network = adapt(linen)
    assert isinstance(network, Network)
    network.meet(x)
    cell = [f"cell.{gate}" for gate in ("ir", "hr", "iz", "hz", "in", "hn")]
    assert list(network.layers()) == ["z", "Dropout_0", "m", *cell, "cell", "loop", "b", "a"]
    found = network.run(x, ["z", "m", "loop", "b", "a"])
    assert list(found) == ["z", "m", "loop", "b", "b#2", "a", "outputs"]
    module, variables = linen.unbind()
    output, caught = module.apply(variables, x, train=False, capture_intermediates=True, mutable=["intermediates"])
    for name in ("z", "m", "loop", "a"):
        np.testing.assert_allclose(found[name], caught["intermediates"][name]["__call__"][0], atol=1e-6)
    for name, by_hand in zip(("b", "b#2"), caught["intermediates"]["b"]["__call__"], strict=True):
        np.testing.assert_allclose(found[name], by_hand, atol=1e-6)
    np.testing.assert_allclose(found["outputs"], output, atol=1e-6)
    recorded = cj.record(linen, x, ["cell", "loop"], tokens="each")
    np.testing.assert_array_equal(recorded.layers["cell"].values, recorded.layers["loop"].values)
    assert recorded.provenance["called_with"] == {"train": False}


def test_nnx_in_training_mode_is_the_same_as_itself_and_stays_as_it_was(x):
    block = Block(nnx.Rngs(0))
    block.train()
    block(x)  # piles up what it sows, and moves the statistics
    before = {name: array.copy() for name, array in arrays_by_path(nnx.state(block)).items()}
    found = cj.compare(block, block, stimuli=x, controls="none")
    assert found.drop_in.answer == "yes"
    assert found.verdict.representation.rung == "identity"
    recorded = cj.record(block, x)
    assert list(recorded.layers) == ["one", "norm", "more.0", "more.1", "outputs"]
    after = arrays_by_path(nnx.state(block))
    assert all(np.array_equal(array, after[name]) for name, array in before.items())
    assert block.drop.deterministic is False
    assert nnx.state(block, nnx.Intermediate)
    assert "__call__" in vars(nnx.Linear)
    copy = nnx.clone(block)
    copy.eval()
    h = copy.norm(copy.one(x))
    np.testing.assert_allclose(recorded.layers["norm"].values, h, atol=1e-5)
    np.testing.assert_allclose(recorded.layers["more.0"].values, copy.more[0](h), atol=1e-5)


def test_equinox_layers_inside_mapped_functions_and_loops(x):
    net = Attending(jax.random.key(0))
    found = cj.record(net, x, ["first", "attn", "cell", "attn.query_proj"], tokens="each")
    plain = eqx.nn.inference_mode(net)
    h = jax.vmap(lambda row: jax.vmap(plain.first)(jnp.stack([row, 2 * row, 3 * row, 4 * row])))(x)
    np.testing.assert_allclose(found.layers["first"].values.reshape(40, 4, 6), h, atol=1e-6)
    by_hand = jax.vmap(jax.vmap(plain.attn.query_proj))(h)
    np.testing.assert_allclose(found.layers["attn.query_proj"].values.reshape(40, 4, 6), by_hand, atol=1e-6)
    attended = jax.vmap(lambda one: plain.attn(one, one, one))(h)
    np.testing.assert_allclose(found.layers["attn"].values.reshape(40, 4, 6), attended, atol=1e-5)
    state = jnp.zeros((40, 5))
    for t in range(4):
        state = jax.vmap(plain.cell)(attended[:, t], state)
        np.testing.assert_allclose(found.layers["cell"].values.reshape(40, 4, 5)[:, t], state, atol=1e-5)


@pytest.mark.parametrize("kind", ["linen", "nnx", "equinox"])
def test_copies_that_learned_nothing_differ_and_the_network_does_not(kind, linen, x):
    thing = {"linen": linen, "nnx": Block(nnx.Rngs(0)), "equinox": Attending(jax.random.key(0))}[kind]
    network = adapt(thing)
    own = network.run(x, [])["outputs"]
    made = [network.untrained(1), network.untrained(1), network.untrained(2), network.shuffled(1)]
    answers = [np.asarray(one.run(x, [])["outputs"]) for one in made]
    np.testing.assert_array_equal(answers[0], answers[1])
    for one in (answers[2], answers[3], own):
        assert np.abs(answers[0] - one).max() > 1e-2
    np.testing.assert_array_equal(adapt(thing).run(x, [])["outputs"], own)


def test_a_copy_that_would_stay_as_trained_is_refused(x):
    class Own(eqx.Module):
        weight: jax.Array

        def __call__(self, x):
            return x @ self.weight

    with pytest.raises(NoControlError, match="100 % of the numbers would still be those of the trained network"):
        adapt(Own(jax.random.normal(jax.random.key(0), (3, 2)))).untrained(0)


def test_a_pass_that_draws_draws_from_a_state_of_its_own(x):
    class Noisy(nn.Module):
        @nn.compact
        def __call__(self, x):
            h = nn.Dense(4)(x)
            return h + jax.random.normal(self.make_rng("z"), h.shape)

    net = Noisy()
    one, two = (net.bind(net.init(jax.random.key(i), x)) for i in (0, 1))
    told = [cj.record(net, x).provenance["passes"][0] for net in (one, two)]
    assert all("draws at random" in said for said in told)
    found = [cj.record(net, x) for net in (one, two)]
    drawn = [each.outputs.values - each.layers["Dense_0"].values for each in found]
    assert np.abs(np.corrcoef(drawn[0].ravel(), drawn[1].ravel())[0, 1]) < 0.3
    np.testing.assert_array_equal(cj.record(one, x).outputs.values, cj.record(one, x).outputs.values)


def test_bfloat16_several_inputs_and_outputs_and_convolutions(x):
    class Two(nn.Module):
        @nn.compact
        def __call__(self, image, more, deterministic=False):
            h = nn.Conv(4, (3, 3), dtype=jnp.bfloat16, name="conv")(image).mean((1, 2))
            h = jnp.concatenate([h, more], -1)
            return {"left": nn.Dense(2, name="left")(h), "right": nn.Dense(3, name="right")(h)}

    images = np.random.default_rng(1).normal(size=(40, 5, 6, 2)).astype(np.float32)
    net = Two()
    variables = net.init(jax.random.key(0), images, x)
    found = cj.record(net.bind(variables), {"image": images, "more": x}, reducer="mean")
    assert found.heads == ("outputs.left", "outputs.right")
    assert found.provenance["widened"] == {"conv": "bfloat16 as float32"}
    assert found.provenance["called_with"] == {"deterministic": True}
    by_hand = net.apply(variables, images, x)["right"]
    np.testing.assert_allclose(found.layers["outputs.right"].values, by_hand, atol=1e-5)
    assert found.layers["conv"].values.shape == (40, 4), "channels last: the mean is over places"


def test_plain_functions_and_their_bfloat16(x):
    weights = jax.random.normal(jax.random.key(0), (3, 2), jnp.bfloat16)
    found = cj.record(
        jax.jit(lambda x: {"hidden": x @ weights, "outputs": jnp.tanh(x @ weights).astype(jnp.bfloat16)}), x
    )
    assert list(found.layers) == ["hidden", "outputs"]
    np.testing.assert_array_equal(
        found.outputs.values, np.asarray(jnp.tanh(x @ weights).astype(jnp.bfloat16), np.float32)
    )


def test_what_cannot_be_run_is_refused_with_the_way_out(x):
    with pytest.raises(InputError, match=r"give module\.bind\(variables\)"):
        cj.record(nn.Dense(3), x)

    class Looks(eqx.Module):
        def __call__(self, x):
            return x if x.sum() > 0 else -x

    with pytest.raises(ModelError, match="give a function of arrays instead"):
        cj.record(Looks(), x)


def test_a_flax_network_against_its_torch_twin_is_the_identity_on_every_layer(x):
    torch = pytest.importorskip("torch")

    class Relu(nn.Module):
        def __call__(self, x):
            return nn.relu(x)

    net = nn.Sequential([nn.Dense(16), Relu(), nn.Dense(12), Relu(), nn.Dense(3)])
    x = np.random.default_rng(2).normal(size=(300, 3)).astype(np.float32)
    right = np.stack([x[:, 0] * x[:, 1], np.sin(x[:, 2]), x.sum(1)], 1)
    variables = net.init(jax.random.key(0), x)

    def loss(v):
        return ((net.apply(v, x) - right) ** 2).mean()

    step = jax.jit(lambda v: jax.tree.map(lambda w, g: w - 0.1 * g, v, jax.grad(loss)(v)))
    for _ in range(200):
        variables = step(variables)
    parts = [variables["params"][f"layers_{i}"] for i in (0, 2, 4)]
    twin = torch.nn.Sequential(
        torch.nn.Linear(3, 16), torch.nn.ReLU(), torch.nn.Linear(16, 12), torch.nn.ReLU(), torch.nn.Linear(12, 3)
    )
    for layer, part in zip((twin[0], twin[2], twin[4]), parts, strict=True):
        layer.weight.data = torch.tensor(np.array(part["kernel"]).T)
        layer.bias.data = torch.tensor(np.array(part["bias"]))
    for ours, theirs in ((None, None), ("layers_0", "0"), ("layers_1", "1"), ("layers_2", "2")):
        layers = None if ours is None else (ours, theirs)
        found = cj.compare(net.bind(variables), twin, stimuli=x, layers=layers, controls="none")
        assert found.drop_in.answer == "yes"
        assert found.verdict.representation.rung == "identity"
        assert found.verdict.function.answer == "equivalent"
    twin[4].weight.data *= -1
    assert cj.compare(net.bind(variables), twin, stimuli=x, controls="none").drop_in.answer == "no"
