"""A torch module: every submodule is a layer, read through hooks that leave no trace."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from functools import cached_property
from typing import Any

import numpy as np

from conjugacy.activations.axes import of_channels, of_last_units
from conjugacy.activations.calling import call, copied
from conjugacy.activations.heads import Heads, heads_of
from conjugacy.activations.networks.protocol import Batch, LayerInfo, NoControlError
from conjugacy.activations.networks.torch_hooks import MOST_CALLS, Taking, full, hooked, plain
from conjugacy.activations.networks.torch_kinds import ELEMENTWISE, axes_of, before_export, declared
from conjugacy.activations.networks.torch_recurrent import beginning_at, in_sequence, lengths_of, whole_state
from conjugacy.activations.networks.watched import Watched
from conjugacy.activations.random_pass import own_seed
from conjugacy.activations.randomness import seed_all
from conjugacy.activations.tensors import as_array, to_tensor
from conjugacy.activations.untouched import evaluating
from conjugacy.activations.weights import parameters_in, weights_hash
from conjugacy.data import is_head
from conjugacy.errors import InputError, MissingExtraError, ModelError

PASSING = {
    "Identity", "Flatten", "Unflatten", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "QuantStub", "Quantize",
    "DeQuantStub", "DeQuantize",
}  # fmt: skip
KEPT_NAME = "that name is kept for what the network returns"


def adapt(thing: Any, output: str | int | None = None) -> TorchNetwork | None:
    """Return a torch module as a network; None of anything else, which is found out without importing torch."""
    torch = sys.modules.get("torch")
    return TorchNetwork(thing, output) if torch is not None and isinstance(thing, torch.nn.Module) else None


class TorchNetwork:
    """A torch module, run in evaluation mode without gradients; flags, buffers, hooks and random state come back.

    A compiled module is run as the module that was compiled. A submodule that runs more than once in a pass gives a layer for
    every call: `cell`, `cell#2`, `cell#3`.

    Examples
    --------
    >>> import numpy as np, torch
    >>> network = TorchNetwork(torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 2)))
    >>> list(network.layers()), {name: tuple(v.shape) for name, v in network.run(np.zeros((5, 3)), ["0"]).items()}
    (['0', '1'], {'0': (5, 4), 'outputs': (5, 2)})
    """

    def __init__(self, model: Any, output: str | int | None = None) -> None:
        try:
            import torch
        except ImportError:
            raise MissingExtraError.of("recording a torch module", "torch") from None
        self.model: Any = getattr(model, "_orig_mod", model)
        self.output = output
        self.heads: Heads | None = None
        self._watched = Watched()
        self._running = self._in_time = False
        self._in_sequence: set[str] = set()
        self._both: set[str] = set()
        lazy = [n for n, p in self.model.named_parameters() if torch.nn.parameter.is_lazy(p)]
        if lazy:
            raise InputError(f"parameter {lazy[0]!r} has no shape yet; run the model once before it is recorded")
        if any(p.is_meta for p in self.model.parameters()):
            raise InputError(
                "the model's parameters are on the meta device and hold no numbers; load its weights first"
            )

    def moved(self, dtype: Any, device: Any) -> TorchNetwork:
        """Return a copy of the network with parameters of another type, or on another device; the network itself stays.

        Raises
        ------
        InputError
            Where there is no such type or device.
        """
        import torch

        kind = getattr(torch, dtype, None) if isinstance(dtype, str) else dtype
        if dtype is not None and (not isinstance(kind, torch.dtype) or not kind.is_floating_point):
            raise InputError(f"dtype: got {dtype!r}, expected a torch float type such as 'bfloat16'")
        try:
            copy = deepcopy(self.model).to(device=device, dtype=kind)
        except Exception as error:
            raise InputError(
                f"a copy of the network could not be put to dtype={dtype!r}, device={device!r}: {type(error).__name__}: {error}"
            ) from error
        if kind is not None and not any(p.dtype == kind for p in copy.parameters()):
            raise InputError(f"dtype: got {dtype!r}, and the network has no floating parameters; quantised ones stay")
        return TorchNetwork(copy, self.output)

    def again(self, model: Any) -> TorchNetwork:
        """Return a network of the same kind around another copy of the model."""
        return type(self)(model, self.output)

    def in_time(self) -> TorchNetwork:
        """Return the network as a system: calls for every time point put together, and of an LSTM both of its states."""
        found = self.again(self.model)
        found._in_time = True
        return found

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done to layers of the network as a system, as sentences."""
        both = sorted(name for name in self._both if "#" not in name)
        parts = [f"{', '.join(map(repr, both))}: both states of an LSTM side by side, h and c"] if both else []
        calls = sorted(self._in_sequence)
        parts += [f"{', '.join(map(repr, calls))}: a call for every time point, put together"] if calls else []
        return (*parts, *self._watched.told_of_quantised())

    def step(self, layer: str, states: np.ndarray, batch: Batch) -> np.ndarray:
        """Return a recurrent layer's states after one more time point, (m, n), from given states and what is shown then.

        Raises
        ------
        InputError
            Where it is no recurrent module of torch's, or carries on more than it gives.
        """
        whole = is_head(layer)  # of a network that is a recurrent module itself
        with beginning_at(self.model if whole else self.modules[layer], layer, states):
            found = as_array(self.run(batch, [] if whole else [layer])[layer])
        return found.reshape(len(states), -1)

    @property
    def modules(self) -> dict[str, Any]:
        """All submodules by name, the network itself under the empty one."""
        return dict(self.model.named_modules())

    def layers(self) -> Mapping[str, LayerInfo]:
        """Return all submodules; their axes as far as their types tell."""
        found = {name: m for name, m in self.modules.items() if name and not is_head(name)}
        return {
            name: LayerInfo(type(before_export(m)).__name__, declared(before_export(m))) for name, m in found.items()
        }

    def keeps_axes(self, layer: str) -> bool:
        """Whether a layer works on each number by itself, or on all of one stimulus, and moves none of its axes."""
        return type(before_export(self.modules[layer.partition("#")[0]])).__module__ in ELEMENTWISE

    def fed_by(self, layer: str) -> str | None:
        """Return the layer whose very answer an elementwise one works on, as far as that was seen."""
        return self._watched.fed_by.get(layer)

    @property
    def ragged(self) -> set[str]:
        """Layers that have given sequences of lengths of their own."""
        return self._watched.ragged

    def axes_of(self, layer: str, ndim: int) -> str | None:
        """Return what a layer's type, and what it was seen to work on, tell of its axes, of which it gives so many."""
        if ndim == 3 and layer in self._in_sequence:
            return "btu"
        if ndim == 3 and layer in self._watched.turned:
            return "but"
        if layer in self._watched.units_last:
            return of_last_units(ndim) if self._watched.units_last[layer] else of_channels(ndim)
        return axes_of(self.modules[layer.partition("#")[0]], ndim)

    @contextmanager
    def session(self) -> Generator[None]:
        """Keep the network ready over several runs, and what it draws at random going on from one to the next."""
        with evaluating(self.model), _eager():
            self._running = True
            try:
                yield
            finally:
                self._running = False

    def run(self, batch: Batch, layers: Sequence[str]) -> Mapping[str, Any]:
        """Run one batch, and return what layers gave, in the order in which they ran, and the outputs."""
        return self._run(batch, layers, plain)

    def look(self, batch: Batch, layers: Sequence[str], sample: Callable[[Any], Any]) -> Mapping[str, Any]:
        """Return samples of what layers give: of all of them at once, whole, they may not fit into memory."""

        def keep(output: Any) -> Any:
            tensor = plain(output)
            return None if tensor is None else sample(tensor)

        self._watched.begin(looking=True)
        try:
            found = self._run(batch, layers, keep)
        finally:
            self._watched.begin(looking=False)
        return {name: sample(value) if hasattr(value, "detach") else value for name, value in found.items()}

    def reseed(self, seed: int) -> None:
        """Let what the pass draws at random begin again, within a session."""
        seed_all(self.model, seed)

    def begin(self, seed: int) -> None:
        """Let the pass draw from a random state that no network with other weights has, within a session."""
        seed_all(self.model, own_seed(seed, self._weights))

    @cached_property
    def _weights(self) -> str:
        return weights_hash(self.model)

    def _run(self, batch: Batch, layers: Sequence[str], keep: Callable[[Any], Any]) -> dict[str, Any]:
        if not self._running:
            with self.session():
                return self._run(batch, layers, keep)
        data = to_tensor(batch, self.model)
        if self.heads is None:
            self.heads = heads_of(self.model, data, self.output)
        wanted = list(dict.fromkeys(name.partition("#")[0] for name in layers))
        lengths = lengths_of(data) if self._in_time else set[int]()
        whole, most = (self._whole, max([MOST_CALLS, *lengths])) if self._in_time else (None, MOST_CALLS)
        taking = Taking(keep, self._watched.see, whole, most)
        try:
            answer = self._pass(data, wanted, taking.take)
        except Exception as error:
            raise ModelError(f"{type(error).__name__}: {error}") from error
        found = {name: value for name, value in taking.seen.items() if value is not None}
        if self._in_time:
            found, self._in_sequence = in_sequence(found, lengths)
        outputs = self.heads.of(answer)
        self._watched.see_outputs(outputs)
        return found | {name: full(part) for name, part in outputs.items()}

    def _pass(self, data: Any, wanted: list[str], take: Callable[[str, Any, Any, Any], None]) -> Any:
        """Run the network, and tell `take` of what the wanted modules give."""
        with hooked(self.modules, wanted, take):
            return call(self.model, copied(data))  # the first layer may work in place

    def _whole(self, name: str, module: Any, args: Any, output: Any) -> Any:
        found = whole_state(module, args, output)
        if found is not output:
            self._both.add(name)
        return found

    def default_layers(self, ran: Iterable[str]) -> tuple[list[str], dict[str, str]]:
        """Return the layers recorded where none are named, and why others are not: modules of which no part ran by itself."""
        modules, names = self.modules, list(ran)
        inner = {name.partition("#")[0] for name in names}
        whole = {name for name in inner if not any(other.startswith(f"{name}.") for other in inner)}
        chosen, left_out = list[str](), dict[str, str]()
        for name in names:
            plain = name.partition("#")[0]
            if plain not in whole:
                continue
            if type(before_export(modules[plain])).__name__ in PASSING:
                left_out[name] = "only passes on"
            else:
                chosen.append(name)
        for name, module in modules.items():
            if is_head(name):
                left_out |= {} if any(True for _ in module.children()) else {name: KEPT_NAME}
            elif (
                name and name not in inner and not any(True for _ in module.children()) and not _is_inside(name, whole)
            ):
                left_out[name] = "did not run"
        return chosen, left_out

    def untrained(self, seed: int) -> TorchNetwork:
        """Return a copy with freshly drawn parameters."""
        from conjugacy.activations.untrained import untrained_copy

        found = untrained_copy(self.model, seed)
        if found.model is None:
            raise NoControlError(str(found.reason))
        return self.again(found.model)

    def described(self) -> Mapping[str, Any]:
        """Return its type, size, hash, and which parts of its answer are outputs."""
        import torch

        return {
            "model": type(self.model).__name__,
            "parameters": parameters_in(self.model),
            "weights_sha256": self._weights,
            "torch": torch.__version__,
            **({} if self.heads is None else self.heads.described()),
        }


def _is_inside(name: str, whole: Iterable[str]) -> bool:
    return any(name.startswith(f"{outer}.") for outer in whole)


@contextmanager
def _eager() -> Generator[None]:
    """Run parts that were compiled as they were written: compiled code passes hooks by."""
    import torch

    stance: Any = getattr(torch.compiler, "set_stance", None)
    if stance is None or "torch._dynamo" not in sys.modules:
        yield
        return
    with stance("force_eager"):
        yield
