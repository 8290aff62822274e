"""A Keras model as a network whose layers can be read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np

from conjugacy.activations.calling import count_of, is_one_number
from conjugacy.activations.heads import Heads
from conjugacy.activations.networks.called import heads_of_answer
from conjugacy.activations.networks.keras.files import opened
from conjugacy.activations.networks.keras.fresh import OF_DATA, made_anew
from conjugacy.activations.networks.keras.kinds import ELEMENTWISE, PASSING, WHOLE, axes_of, hinted, own_type
from conjugacy.activations.networks.keras.reading import as_it_was, collecting, first_array, is_traced, layers_of
from conjugacy.activations.networks.origin import comes_from
from conjugacy.activations.networks.protocol import Batch, LayerInfo
from conjugacy.activations.networks.redrawn import require_redrawn
from conjugacy.activations.networks.weights import hash_of
from conjugacy.activations.random_pass import own_seed
from conjugacy.activations.randomness import own_randomness
from conjugacy.activations.untrained import HOW, Made
from conjugacy.data import is_head
from conjugacy.errors import InputError, ModelError, UnknownNameError

PART = "a part of a recurrent or attention layer; name it to record it"
KEPT_NAME = "that name is kept for what the network returns"
LOOPED = "runs inside a loop of JAX, which shows no values"


def adapt(thing: Any, output: str | int | None = None) -> KerasNetwork | None:
    """Return a network for a Keras model, or for the path of a `.keras` file; None of anything else.

    Nothing is imported or opened to find out.

    Examples
    --------
    >>> adapt("network.pt") is None
    True
    """
    path = isinstance(thing, (str, os.PathLike)) and os.fspath(thing).lower().endswith(".keras")
    return KerasNetwork(thing, output) if path or comes_from(thing, "keras", "Layer") else None


class KerasNetwork:
    """A Keras model, run as in inference; every layer is a layer, named as in Keras, those inside of others `block/dense`.

    Nothing in the model changes: variables, generators and layers are as before. A layer that runs more than once in a pass gives
    a layer for every call: `dense`, `dense#2`.
    """

    def __init__(self, thing: Any, output: str | int | None = None, how: Made = "constructor") -> None:
        self.thing, self.output = thing, output
        self.how: Made = how
        self.heads: Heads | None = None
        self._trained: Mapping[str, np.ndarray] | None = None
        self._seed = (0, 0)
        self._passes = 0
        self._looped: set[str] = set()

    @cached_property
    def model(self) -> Any:
        """The model, opened where it lies in a file."""
        if isinstance(self.thing, (str, os.PathLike)):
            return opened(Path(self.thing))
        return self.thing

    @cached_property
    def _layers(self) -> dict[str, Any]:
        return layers_of(self.model)

    def layers(self) -> Mapping[str, LayerInfo]:
        """Return all layers; their axes follow from what they give."""
        return {name: LayerInfo(type(layer).__name__) for name, layer in self._layers.items() if not is_head(name)}

    def axes_of(self, layer: str, ndim: int) -> str | None:
        """Return what a layer's type tells of its axes, of which it gives so many."""
        found = self._layers.get(layer.partition("#")[0])
        return None if found is None else axes_of(found, ndim)

    def keeps_axes(self, layer: str) -> bool:
        """Whether a layer works on each number by itself, and moves none of its axes."""
        return ELEMENTWISE.fullmatch(own_type(self._layers[layer.partition("#")[0]])) is not None

    def default_layers(self, ran: Iterable[str]) -> tuple[list[str], dict[str, str]]:
        """Return the layers recorded where none are named, and why others are not: layers of which no part ran by itself."""
        names, layers = list(ran), self._layers
        kinds = {name: own_type(layer) for name, layer in layers.items()}
        whole = [name for name in layers if WHOLE.fullmatch(kinds[name])]
        left_out = dict.fromkeys(sorted(self._looped), LOOPED)
        parts = {name for name in names if any(name.startswith(f"{outer}/") for outer in whole)}
        rest = [name for name in names if name not in parts]
        plain = {name.partition("#")[0] for name in rest}
        inner = [n for n in rest if not any(other.startswith(f"{n.partition('#')[0]}/") for other in plain)]
        passing = {name for name in inner if PASSING.fullmatch(kinds[name.partition("#")[0]])}
        left_out |= dict.fromkeys(sorted(parts), PART) | dict.fromkeys(sorted(passing), "only passes on")
        left_out |= {name: KEPT_NAME for name in layers if is_head(name)}
        return [name for name in inner if name not in passing], left_out

    def meet(self, batch: Batch) -> None:
        """Give a copy that was made again its weights, which some models draw when they first run."""
        if self._trained is None:
            self._require_built()
            return
        if not self.model.built:
            with own_randomness(seed=self._seed):
                self._called(batch)
        require_redrawn(self._trained, self._weights_of(self._drawn_variables()), self.how)
        self._trained = None

    @property
    def drawn_by(self) -> str:
        """How the network came about, where it is a copy that learned nothing."""
        return HOW[self.how]

    def reseed(self, seed: int) -> None:
        """Let what the pass draws at random start over."""
        self._seed, self._passes = (seed, 0), 0

    def begin(self, seed: int) -> None:
        """Let the pass draw from a random state that no network with other weights has."""
        self._seed, self._passes = own_seed(seed, hash_of(self._weights)), 0

    def run(self, batch: Batch, layers: Sequence[str]) -> Mapping[str, Any]:
        """Return what layers gave, in the order in which they ran, and the outputs.

        Raises
        ------
        UnknownNameError
            Where the model has no input of a name.
        ModelError
            Where it raises.
        """
        self._require_built()
        found: dict[str, Any] = {}
        last: dict[str, Any] = {}  # what layers gave, for whose activations the outputs went through
        calls: dict[str, int] = {}
        wanted = {name.partition("#")[0] for name in layers}

        def keep(name: str, values: Any) -> None:
            array = first_array(values)
            if array is None or is_traced(array):
                self._looped |= set() if array is None else {name}
                return
            calls[name] = calls.get(name, 0) + 1
            called = name if calls[name] == 1 else f"{name}#{calls[name]}"
            last[name] = array
            if called in layers or (name in wanted and name in layers):
                found[called] = array

        watched = (
            self._layers
            if self.heads is None
            else {name: self._layers[name] for name in wanted if name in self._layers}
        )
        self._passes += 1
        with (
            own_randomness(seed=(*self._seed, self._passes)),
            collecting(watched, keep),
            as_it_was(self.model, self._drawn()),
        ):
            answer = self._named(self._called(batch))
        if self.heads is None:
            self.heads = self._with_hints(heads_of_answer(answer, count_of(batch), self.output), answer, last)
        return found | self.heads.of(answer)

    def _drawn(self) -> Iterator[int]:
        rng = np.random.default_rng((*self._seed, self._passes))
        while True:
            yield int(rng.integers(2**31 - 1))

    def _called(self, batch: Batch) -> Any:
        model = self.model
        try:
            if not isinstance(batch, Mapping):
                return model(_plain(batch), training=False)
            parts = cast("Mapping[str, Any]", batch)
            numbers = {name: part for name, part in parts.items() if is_one_number(part)}
            arrays = {name: _plain(part) for name, part in parts.items() if name not in numbers}
            self._require_inputs(arrays)
            by_name = set(arrays) <= set(model._call_signature.parameters)
            how = {"training": False, **numbers}
            return model(**arrays, **how) if by_name else model(arrays, **how)
        except InputError:
            raise
        except Exception as error:
            said = (str(error).strip().splitlines() or [""])[0]
            raise ModelError(f"{type(error).__name__}: {said}") from error

    def _require_inputs(self, arrays: Mapping[str, Any]) -> None:
        taken = [tensor.name for tensor in getattr(self.model, "inputs", None) or ()]
        for name in arrays if taken else ():
            if name not in taken:
                raise UnknownNameError.of("input", name, taken, where="in the model")

    def _named(self, answer: Any) -> Any:
        """Return several outputs by the names that Keras gives them."""
        names = list(getattr(self.model, "output_names", None) or ())
        several = isinstance(answer, (list, tuple)) and len(cast("list[Any]", answer)) == len(set(names)) > 1
        return dict(zip(names, cast("list[Any]", answer), strict=True)) if several else answer

    def _with_hints(self, heads: Heads, answer: Any, last: Mapping[str, Any]) -> Heads:
        """Return the outputs with what the activations behind them say of their kinds."""
        outputs = heads.of(answer)
        hints = dict(heads.hints)
        for head, values in outputs.items():
            makers = [name for name, given in last.items() if given is values]
            told = [hint for name in makers if (hint := hinted(self._layers[name])) is not None]
            hints |= {head: told[-1]} if told else {}
        return replace(heads, hints=hints)

    def _require_built(self) -> None:
        if not self.model.built:
            raise InputError(
                f"model: {type(self.model).__name__} has no weights yet; build it, or run it once, before it is recorded"
            )

    @property
    def _weights(self) -> dict[str, np.ndarray]:
        return self._weights_of(self.model.variables)

    def _drawn_variables(self) -> list[Any]:
        """Return the variables that no layer took from the data."""
        layers = [layer for layer in self._layers.values() if type(layer).__name__ in OF_DATA]
        of_data = {id(variable) for layer in layers for variable in layer.variables}
        return [variable for variable in self.model.variables if id(variable) not in of_data]

    def _weights_of(self, variables: Sequence[Any]) -> dict[str, np.ndarray]:
        """Return weights by their place and their name in Keras; those of two copies are called alike."""
        import keras

        own = [variable for variable in variables if not variable.path.endswith("seed_generator_state")]
        named = [(f"{i} {variable.path.rpartition('/')[2]}", variable.value) for i, variable in enumerate(own)]
        return {name: np.asarray(keras.ops.convert_to_numpy(value)) for name, value in named}

    def untrained(self, seed: int) -> KerasNetwork:
        """Return the same model made again from its configuration.

        Raises
        ------
        NoControlError
            Where its configuration does not make it, or more than 5 % of the numbers would stay as trained.
        """
        copy = KerasNetwork(made_anew(self.model, seed), self.output)
        copy._trained, copy._seed = self._weights_of(self._drawn_variables()), (seed, 1)
        if copy.model.built:
            copy.meet(None)
        return copy

    def described(self) -> Mapping[str, Any]:
        """Return its type, size, hash, version and backend, and which parts of its answer are outputs."""
        import keras

        weights = self._weights
        name = os.fspath(self.thing) if isinstance(self.thing, (str, os.PathLike)) else type(self.model).__name__
        return {
            "model": name,
            "kind": "Keras",
            "parameters": int(self.model.count_params()),
            "weights_sha256": hash_of(weights),
            "keras": str(keras.__version__),
            "backend": keras.backend.backend(),
            **({} if self.heads is None else self.heads.described()),
        }


def _plain(part: Any) -> Any:
    return np.asarray(part.detach().cpu()) if hasattr(part, "detach") else part
