"""Networks of flax linen: a module bound to its variables, or a train state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Self

from conjugacy.activations.calling import is_one_number
from conjugacy.activations.networks.jax.form import Call
from conjugacy.activations.networks.jax.kinds import Kind, flax_kind
from conjugacy.activations.networks.jax.marked import marked
from conjugacy.activations.networks.origin import comes_from
from conjugacy.errors import InputError

UNBOUND = "a linen module holds no weights; give module.bind(variables), or the train state"


@dataclass(frozen=True, eq=False)
class LinenForm:
    """A linen module and its variables.

    Attributes
    ----------
    module : flax.linen.Module
        Without variables.
    state : mapping
        Collections of variables: `params`, `batch_stats`.
    seed : int or None
        Draws the variables again, once it is known what the network is shown.
    """

    module: Any
    state: Any
    seed: int | None = None
    libraries = ("flax",)
    by_row = False

    @property
    def structure(self) -> Any:
        """The module: its fields are what it is made of."""
        return self.module

    @staticmethod
    def of(thing: Any) -> LinenForm | None:
        """Return a bound module or a train state as a form; None of anything else.

        Raises
        ------
        InputError
            Where a module has no variables.
        """
        if comes_from(thing, "flax.linen", "Module"):
            if thing.scope is None:
                raise InputError(f"model: got a {type(thing).__name__} without variables: {UNBOUND}")
            return LinenForm(*thing.unbind())
        if comes_from(thing, "flax.training", "TrainState"):
            module = getattr(thing.apply_fn, "__self__", None)
            if module is None:
                raise InputError(
                    "model: a train state whose apply_fn is no module's apply; give module.bind(variables)"
                )
            statistics = getattr(thing, "batch_stats", None)
            return LinenForm(module, {"params": thing.params} | ({"batch_stats": statistics} if statistics else {}))
        return None

    def answer(self, state: Any, key: Any, batch: Any, seen: dict[str, Kind]) -> Any:
        """Apply the module, and mark what every submodule's call gives."""
        import flax.linen as nn

        def mark(function: Any, args: Any, named: Any, context: Any) -> Any:
            found = function(*args, **named)
            path = ".".join(context.module.path)
            if context.method_name != "__call__" or not path:
                return found
            seen[path] = kind = flax_kind(context.module)
            return marked(found, path, last=kind.is_cell)

        call = self._call(batch)
        with nn.intercept_methods(mark):
            return self.module.apply(state, *call.args, rngs={"params": key}, **call.named)

    def met(self, batch: Any) -> Self:
        """Return the network, its variables drawn by its own `init` where they are to be drawn again."""
        if self.seed is None:
            return self
        import jax

        call = self._call(batch)
        numbers = {name: part for name, part in call.named.items() if is_one_number(part)}
        arrays = {name: part for name, part in call.named.items() if name not in numbers}
        drawn = _initialiser(self.module, tuple(numbers.items()))(jax.random.key(self.seed), call.args, arrays)
        return replace(self, state={name: drawn[name] for name in self.state if name in drawn}, seed=None)

    def drawn(self, seed: int) -> Self:
        """Return the network with variables that its own `init` draws from another key."""
        return replace(self, seed=seed)

    def with_state(self, state: Any) -> Self:
        """Return the module with other variables."""
        return replace(self, state=state)

    def described(self) -> Mapping[str, Any]:
        """Return the module's type."""
        return {"model": type(self.module).__name__, "kind": "flax linen"}

    def modes(self, batch: Any) -> dict[str, bool]:
        """Return what the call says of training."""
        return self._call(batch).modes

    def _call(self, batch: Any) -> Call:
        return Call.of(self.module.__call__, batch)


@lru_cache(16)
def _initialiser(module: Any, numbers: tuple[tuple[str, Any], ...]) -> Callable[..., Any]:
    """Return a module's `init`, compiled once for all copies."""
    import jax

    def init(key: Any, args: Any, arrays: Any) -> Any:
        return module.init(key, *args, **arrays, **dict(numbers))

    return jax.jit(init)
