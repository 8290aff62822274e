"""What a kind of JAX network has to offer so that its layers can be marked, and how its call is made up."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

from conjugacy.activations.networks.jax.kinds import Kind

MODES = {"train": False, "training": False, "is_training": False, "deterministic": True, "inference": True}
"""Arguments of a call that say whether the network is being trained, and what they are in a recording."""


class Form(Protocol):
    """One kind of JAX network.

    Attributes
    ----------
    state : pytree of arrays
        All that it holds; handed to `answer`, so that nothing is built into the traced program.
    structure : hashable
        All else: two networks of one structure differ in their state alone.
    by_row : bool
        Whether it takes one stimulus at a time, as networks of equinox do.
    libraries : tuple of str
        Packages whose versions are told, besides jax.
    """

    @property
    def libraries(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def structure(self) -> Any: ...  # noqa: D102

    @property
    def state(self) -> Any: ...  # noqa: D102

    @property
    def by_row(self) -> bool: ...  # noqa: D102

    def answer(self, state: Any, key: Any, batch: Any, seen: dict[str, Kind]) -> Any:
        """Call the network with its state, mark what layers give, and note what they are."""
        ...

    def met(self, batch: Any) -> Form:
        """Return the same network ready to be run on such a batch."""
        ...

    def drawn(self, seed: int) -> Form:
        """Return the network as before any training, or raise NoControlError."""
        ...

    def with_state(self, state: Any) -> Form:
        """Return the same network with other numbers in its state."""
        ...

    def modes(self, batch: Any) -> dict[str, bool]:
        """Return which arguments of the call say that the network is not in training."""
        ...

    def described(self) -> Mapping[str, Any]:
        """Return what a recording says of the network besides its size and its weights."""
        ...


@dataclass(frozen=True)
class Call:
    """How a network is called.

    Attributes
    ----------
    args : tuple
    named : dict of str to Any
    modes : dict of str to bool
        What was added so that the network is not in training.
    """

    args: tuple[Any, ...]
    named: dict[str, Any]
    modes: dict[str, bool]

    @staticmethod
    def of(function: Callable[..., Any], batch: Any) -> Call:
        """Return how a function is called with a batch: with one array, or with several by name.

        Examples
        --------
        >>> Call.of(lambda x, train: x, 3)
        Call(args=(3,), named={'train': False}, modes={'train': False})
        """
        named = dict(cast("Mapping[str, Any]", batch)) if isinstance(batch, Mapping) else {}
        modes = {name: value for name, value in MODES.items() if name in parameters_of(function) and name not in named}
        return Call(() if isinstance(batch, Mapping) else (batch,), {**named, **modes}, modes)


def parameters_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of a function's parameters; none where it does not say."""
    try:
        return tuple(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return ()
