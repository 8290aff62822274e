"""Which kind of network something is: the first adapter that takes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, cast

from conjugacy.activations.networks import (
    called,
    hugging_face,
    jax,
    keras,
    onnx,
    scikit_learn,
    torch_exported,
    torch_module,
    torch_script,
)
from conjugacy.activations.networks.protocol import Network
from conjugacy.data.foreign import is_array
from conjugacy.errors import InputError

GROUP = "conjugacy.networks"
Adapter = Callable[[Any, "str | int | None"], "Network | None"]
ELSEWHERE = {
    "jax": "a network of JAX is recorded as a callable from arrays to arrays: lambda x: apply(parameters, x)",
    "tensorflow": "a SavedModel is recorded as a callable: lambda x: model.signatures['serving_default'](tf.constant(x))",
}
"""Libraries without an adapter, and the way out."""


def network_of(thing: Any, output: str | int | None = None) -> Network:
    """Return anything that can be run as a network.

    Parameters
    ----------
    thing : torch.nn.Module, network of flax, equinox or Keras, estimator of scikit-learn, ONNX model, callable, or another
        A package offers one under the entry point `conjugacy.networks`: a callable from the thing, and the output that is wanted,
        to a `Network`, or None where it is of another kind.
    output : str or int, optional
        The only output that is wanted.

    Raises
    ------
    InputError
        Where nothing takes it; of known libraries the way out is told.
    """
    if isinstance(thing, Network):
        return thing
    for adapter in _adapters():
        found = adapter(thing, output)
        if found is not None:
            return found
    library = type(thing).__module__.partition(".")[0]
    way_out = ELSEWHERE.get(library, "give a function from stimuli to outputs, or to a mapping of layers and 'outputs'")
    raise InputError(f"model: got {type(thing).__name__}, expected a torch module or a callable; {way_out}")


def is_live(thing: Any) -> bool:
    """Whether something is a network that can be run: no array, no recording, no path of a recording."""
    if isinstance(thing, Network):
        return True
    if is_array(thing) or isinstance(thing, type):
        return False
    return callable(thing) or is_known(thing)


def is_known(thing: Any) -> bool:
    """Whether something is a network of a known library besides torch, and so no function that makes one."""
    return any(adapter(thing, None) is not None for adapter in _others())


def _adapters() -> Iterator[Adapter]:
    yield keras.adapt  # before torch: on its backend, layers of Keras are torch modules too
    yield hugging_face.adapt
    yield torch_script.adapt
    yield torch_exported.adapt
    yield torch_module.adapt
    yield from _others()
    yield called.adapt


def _others() -> Iterator[Adapter]:
    yield onnx.adapt
    yield keras.adapt
    yield jax.adapt
    yield scikit_learn.adapt
    for point in _offered():
        yield cast("Adapter", point.load())


@cache
def _offered() -> tuple[EntryPoint, ...]:
    """Return what other packages offer; asked once, as all that is installed is gone through."""
    return tuple(entry_points(group=GROUP))
