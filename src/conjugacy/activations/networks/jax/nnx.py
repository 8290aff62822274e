"""Networks of flax nnx, run in evaluation mode on a copy: modules by path."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

from conjugacy.activations.networks.jax.form import Call
from conjugacy.activations.networks.jax.kinds import Kind, flax_kind
from conjugacy.activations.networks.jax.marked import marked
from conjugacy.activations.networks.jax.rebuilt import rebuilt
from conjugacy.activations.networks.origin import comes_from

PATH = "_conjugacy_layer"  # an attribute of modules of our own copy, which goes along into transformed functions
_one_at_a_time = threading.RLock()


@dataclass(frozen=True, eq=False)
class NnxForm:
    """An nnx module, taken apart: its structure, in evaluation mode, and its state.

    Attributes
    ----------
    structure : flax.nnx.GraphDef
    state : flax.nnx.State
        Without what `sow` has piled up.
    name : str
        Of the module's type.
    """

    structure: Any
    state: Any
    name: str
    libraries = ("flax",)
    by_row = False

    @staticmethod
    def of(thing: Any) -> NnxForm | None:
        """Return a module as a form; None of anything else."""
        return NnxForm._of_copy(_copied(thing)) if comes_from(thing, "flax.nnx", "Module") else None

    @staticmethod
    def _of_copy(copy: Any) -> NnxForm:
        from flax import nnx

        copy.eval()
        nnx.pop(copy, nnx.Intermediate)
        return NnxForm(*nnx.split(copy), type(copy).__name__)

    def answer(self, state: Any, key: Any, batch: Any, seen: dict[str, Kind]) -> Any:
        """Put the module together, call it, and mark what every submodule's call gives."""
        from flax import nnx

        model = nnx.merge(self.structure, state)
        kinds: set[type] = set()
        for place, module in _modules(model):
            path = ".".join(map(str, place))
            if path and callable(module):
                setattr(module, PATH, path)
                kinds.add(type(module))
                seen[path] = flax_kind(module)
        call = Call.of(model.__call__, batch)
        with _marking(kinds, seen):
            return model(*call.args, **call.named)

    def met(self, batch: Any) -> Self:
        """Return the network: its state is there."""
        return self

    def drawn(self, seed: int) -> NnxForm:
        """Return the network with every module of flax's own made again; what others hold stays."""
        import numpy as np
        from flax import nnx

        model = _copied(nnx.merge(self.structure, self.state))
        modules = list(_modules(model))
        seeds = np.random.SeedSequence(seed).generate_state(len(modules))
        for (_, module), own_seed in zip(modules, seeds, strict=True):
            own = {name: part for name, part in vars(module).items() if isinstance(part, nnx.Variable)}
            if not own or not type(module).__module__.startswith("flax.nnx.nn."):
                continue
            fresh = rebuilt(module, {"rngs": nnx.Rngs(int(own_seed))})
            for name, part in own.items():
                new = getattr(fresh, name, None)
                if isinstance(new, nnx.Variable) and new.shape == part.shape:
                    part.set_value(new.get_value())
        return NnxForm._of_copy(model)

    def with_state(self, state: Any) -> NnxForm:
        """Return the network with another state."""
        return NnxForm(self.structure, state, self.name)

    def described(self) -> Mapping[str, Any]:
        """Return the module's type."""
        return {"model": self.name, "kind": "flax nnx"}

    def modes(self, batch: Any) -> dict[str, bool]:
        """Return what the call says of training."""
        from flax import nnx

        return Call.of(nnx.merge(self.structure, self.state).__call__, batch).modes


def _copied(model: Any) -> Any:
    """Return a copy with variables of its own; what is merged again shares those that it was split from."""
    from flax import nnx

    return nnx.clone(model)


def _modules(model: Any) -> Iterator[tuple[Any, Any]]:
    from flax import nnx

    yield from nnx.iter_modules(model)


@contextmanager
def _marking(kinds: set[type], seen: Mapping[str, Kind]) -> Generator[None]:
    """Let modules of these types that have a path mark what they give.

    Their `__call__` is replaced while the network is traced; a module of another network goes through it unchanged.
    """

    def marking(call: Callable[..., Any]) -> Callable[..., Any]:
        def marks(self: Any, *args: Any, **named: Any) -> Any:
            found, path = call(self, *args, **named), str(getattr(self, PATH, ""))
            return found if path not in seen else marked(found, path, last=seen[path].is_cell)

        return marks

    with _one_at_a_time:
        own = {kind: kind.__dict__.get("__call__") for kind in kinds}
        try:
            for kind in kinds:
                kind.__call__ = marking(kind.__call__)  # type: ignore[operator]
            yield
        finally:
            for kind, call in own.items():
                if call is None:
                    del kind.__call__  # type: ignore[operator]
                else:
                    kind.__call__ = call  # type: ignore[operator]
