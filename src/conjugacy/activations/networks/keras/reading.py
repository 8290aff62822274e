"""The layers of a Keras model by name, and what they give while it runs."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

Keep = Callable[[str, Any], None]


def layers_of(model: Any) -> dict[str, Any]:
    """Return every layer by its name, those of a model inside as `block/dense`; a name that comes twice is told apart.

    Each layer stands once, however often it is called.
    """
    found: dict[str, Any] = {}
    seen: set[int] = {id(model)}

    def walk(outer: Any, path: str) -> None:
        for layer in outer._flatten_layers(include_self=False, recursive=False):
            if id(layer) in seen:
                continue
            seen.add(id(layer))
            name = f"{path}{layer.name}"
            twice = sum(other == name or other.startswith(f"{name} (") for other in found)
            found[f"{name} ({twice + 1})" if twice else name] = layer
            walk(layer, f"{name}/")

    walk(model, "")
    return found


@contextmanager
def collecting(layers: Mapping[str, Any], keep: Keep) -> Generator[None]:
    """Hand on what every call of these layers gives; afterwards the layers are as before."""

    def watched(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def calls(*args: Any, **named: Any) -> Any:
            found = call(*args, **named)
            keep(name, found)
            return found

        return calls

    before = {name: vars(layer).get("call") for name, layer in layers.items()}
    try:
        for name, layer in layers.items():
            object.__setattr__(layer, "call", watched(name, layer.call))  # past Keras' own list of what a layer holds
        yield
    finally:
        for name, layer in layers.items():
            if before[name] is None:
                object.__delattr__(layer, "call")
            else:
                object.__setattr__(layer, "call", before[name])


@contextmanager
def as_it_was(model: Any, drawn: Iterator[int]) -> Generator[None]:
    """Let a model run without changing any of its variables; what it draws begins at numbers of ours.

    Parameters
    ----------
    model : keras.Layer
    drawn : iterator of int
        Two numbers for every generator.
    """
    import keras

    own = [variable for variable in model.variables if variable.path.endswith("seed_generator_state")]
    with keras.StatelessScope() as scope:
        for variable in (*own, *_of_all()):
            state = keras.ops.convert_to_tensor([next(drawn), next(drawn)], dtype=variable.dtype)
            scope.add_update((variable, state))
        with _without_gradients(keras.backend.backend()):
            yield


def _of_all() -> list[Any]:
    """Return the state of the generator that draws where a network names none."""
    try:
        from keras.src.random.seed_generator import global_seed_generator
    except ImportError:  # no part of Keras' public names
        return []
    return [global_seed_generator().state]


@contextmanager
def _without_gradients(backend: str) -> Generator[None]:
    if backend != "torch":
        yield
        return
    import torch

    with torch.no_grad():
        yield


def first_array(values: Any) -> Any:
    """Return the array that a layer hands on: itself, or the first of several; None where it is being traced, or is none."""
    import keras

    leaves: list[Any] = list(keras.tree.flatten(values))
    arrays = [leaf for leaf in leaves if hasattr(leaf, "shape") and hasattr(leaf, "dtype")]
    return arrays[0] if arrays else None


def is_traced(values: Any) -> bool:
    """Whether an array stands for one in a loop of JAX, and holds no numbers."""
    return any(kind.__name__ == "Tracer" for kind in type(values).__mro__)
