"""A layer of a library's own made once more by its constructor, from what it keeps of the constructor's arguments."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any


def rebuilt(layer: Any, more: Mapping[str, Any]) -> Any:
    """Return a new layer of the same type and size; None where its constructor needs what the layer does not keep.

    Arguments that it does not keep, as how weights are drawn, are the constructor's own.

    Parameters
    ----------
    layer : object
    more : mapping of str to Any
        Arguments that are given again, as far as the constructor takes them: `rngs`, `key`.

    Examples
    --------
    >>> import equinox as eqx, jax
    >>> layer = eqx.nn.Linear(3, 4, key=jax.random.key(0))
    >>> new = rebuilt(layer, {"key": jax.random.key(1)})
    >>> new.weight.shape, bool((new.weight == layer.weight).any())
    ((4, 3), False)
    """
    given: dict[str, Any] = {}
    for name, parameter in inspect.signature(type(layer).__init__).parameters.items():
        if name == "self" or parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if name in more:
            given[name] = more[name]
        elif hasattr(layer, name) and not hasattr(getattr(layer, name), "shape"):  # an array is what is drawn
            given[name] = getattr(layer, name)
        elif parameter.default is parameter.empty:
            return None
    try:
        return type(layer)(**given)
    except Exception:  # whatever a constructor says to arguments in the form in which the layer keeps them
        return None
