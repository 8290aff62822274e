"""Networks of equinox, run on one stimulus at a time in inference mode: modules by path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Self, cast

from conjugacy.activations.networks.jax.form import Call, parameters_of
from conjugacy.activations.networks.jax.kinds import Kind, equinox_kind
from conjugacy.activations.networks.jax.marked import marked
from conjugacy.activations.networks.jax.rebuilt import rebuilt
from conjugacy.activations.networks.origin import comes_from

PATH = "conjugacy_layer"


@dataclass(frozen=True, eq=False)
class EquinoxForm:
    """An equinox module: its arrays, and all else.

    Attributes
    ----------
    state : pytree
        The module with its arrays alone.
    rest : pytree
        The module without its arrays.
    """

    state: Any
    rest: Any
    libraries = ("equinox",)
    by_row = True

    @property
    def structure(self) -> Any:
        """What the module holds besides arrays."""
        import jax

        leaves, form = jax.tree.flatten(self.rest)
        return (*leaves, form)

    @staticmethod
    def of(thing: Any) -> EquinoxForm | None:
        """Return a module as a form; None of anything else."""
        return EquinoxForm._of_module(thing) if comes_from(thing, "equinox", "Module") and callable(thing) else None

    @staticmethod
    def _of_module(model: Any) -> EquinoxForm:
        import equinox as eqx

        return EquinoxForm(*cast("Any", eqx.partition(eqx.nn.inference_mode(model), eqx.is_array)))

    def answer(self, state: Any, key: Any, batch: Any, seen: dict[str, Kind]) -> Any:
        """Call the module on one stimulus, and mark what every submodule's call gives."""
        model = _watched(self._whole(state), "", seen)
        call = Call.of(model.__call__, batch)
        drawing = {"key": key} if "key" in parameters_of(model.__call__) and "key" not in call.named else {}
        return model(*call.args, **call.named, **drawing)

    def met(self, batch: Any) -> Self:
        """Return the network: its state is there."""
        return self

    def drawn(self, seed: int) -> EquinoxForm:
        """Return the network with every module of equinox's own made again; what others hold stays."""
        return EquinoxForm._of_module(_drawn(self._whole(self.state), _Keys(seed)))

    def with_state(self, state: Any) -> EquinoxForm:
        """Return the network with other arrays."""
        return EquinoxForm(state, self.rest)

    def described(self) -> Mapping[str, Any]:
        """Return the module's type."""
        return {"model": type(self.rest).__name__, "kind": "equinox"}

    def modes(self, batch: Any) -> dict[str, bool]:
        """Return what the call says of training."""
        return Call.of(self.rest.__call__, batch).modes

    def _whole(self, state: Any) -> Any:
        import equinox as eqx

        return eqx.combine(state, self.rest)


def _is_module(thing: Any) -> bool:
    import equinox as eqx

    return isinstance(thing, eqx.Module)


def _over_parts(thing: Any, change: Callable[[Any, str], Any], path: str) -> Any:
    """Return a list, tuple or mapping with each of its parts changed; anything else through `change`."""
    if isinstance(thing, (list, tuple)) and not hasattr(cast("Any", thing), "_fields"):
        parts = cast("list[Any]", thing)
        return type(parts)(_over_parts(part, change, _joined(path, i)) for i, part in enumerate(parts))
    if isinstance(thing, dict):
        whole = cast("dict[Any, Any]", thing)
        return {name: _over_parts(part, change, _joined(path, name)) for name, part in whole.items()}
    return change(thing, path)


def _joined(path: str, name: object) -> str:
    return f"{path}.{name}" if path else str(name)


def _with_parts(module: Any, kind: type, change: Callable[[Any, str], Any], path: str) -> Any:
    """Return a copy of a module, of a kind, with each of its parts changed."""
    copy = object.__new__(kind)
    for field in fields(module):
        if hasattr(module, field.name):
            part = _over_parts(getattr(module, field.name), change, _joined(path, field.name))
            object.__setattr__(copy, field.name, part)
    return copy


def _watched(thing: Any, path: str, seen: dict[str, Kind]) -> Any:
    """Return a module all of whose submodules mark what they give."""
    if not _is_module(thing):
        return thing
    layer = bool(path) and "__call__" in dir(type(thing))
    copy = _with_parts(
        thing, _marking(type(thing)) if layer else type(thing), lambda x, at: _watched(x, at, seen), path
    )
    if layer:
        seen[path] = equinox_kind(thing)
        object.__setattr__(copy, PATH, path)
    return copy


@cache
def _marking(kind: type) -> type:
    """Return a type derived from a module's, whose call marks what it gives under a path that goes along into transformations."""
    import equinox as eqx

    def call(self: Any, *args: Any, **named: Any) -> Any:
        return marked(kind.__call__(self, *args, **named), getattr(self, PATH))

    body = {
        "__module__": kind.__module__, "__qualname__": kind.__qualname__, "__call__": call,
        "__annotations__": {PATH: str}, PATH: eqx.field(static=True, default=""),
    }  # fmt: skip
    return type(kind)(kind.__name__, (kind,), body)


class _Keys:
    """Keys, one after the other."""

    def __init__(self, seed: int) -> None:
        self.seed, self.given = seed, 0

    def next(self) -> Any:
        import jax

        self.given += 1
        return jax.random.fold_in(jax.random.key(self.seed), self.given)


def _drawn(thing: Any, keys: _Keys) -> Any:
    if not _is_module(thing):
        return thing
    copy = _with_parts(thing, type(thing), lambda x, _: _drawn(x, keys), "")
    own = [f.name for f in fields(thing) if hasattr(getattr(thing, f.name, None), "shape")]
    fresh = rebuilt(thing, {"key": keys.next()}) if own and type(thing).__module__.startswith("equinox.nn.") else None
    for name in own:
        new, old = getattr(fresh, name, None), getattr(thing, name)
        if new is not None and new.shape == old.shape:
            object.__setattr__(copy, name, new.astype(old.dtype))
    return copy
