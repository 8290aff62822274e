"""Values that are kept as narrow as they came and are float64 for whoever computes with them."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

STORED = "values"  # in the instance's own dictionary, where the descriptor stands before it
_WIDE = "_wide"


class Widened:
    """The field `values` of a frozen dataclass: kept as float32 or float16, read as float64.

    The float64 copy lives as long as somebody holds it, so that one computation makes it once and a recording of many layers
    never has all of them wide.

    Examples
    --------
    >>> class Layer:
    ...     values = Widened()
    >>> layer = Layer()
    >>> layer.values = np.array([0.1], np.float32)
    >>> layer.values.dtype, stored(layer).dtype
    (dtype('float64'), dtype('float32'))
    """

    def __get__(self, owner: Any, kind: Any = None) -> np.ndarray:
        if owner is None:
            raise AttributeError("values are those of an instance")  # so a dataclass takes the field to have no default
        return wide(owner)

    def __set__(self, owner: Any, values: Any) -> None:
        owner.__dict__[STORED] = values
        owner.__dict__.pop(_WIDE, None)


def stored(owner: Any) -> Any:
    """Return the values in the type in which they are kept."""
    return owner.__dict__[STORED]


def wide(owner: Any) -> np.ndarray:
    """Return the values as float64."""
    kept = stored(owner)
    if getattr(kept, "dtype", None) not in (np.float16, np.float32):
        return kept
    known = owner.__dict__.get(_WIDE)
    found = None if known is None else known()
    if found is None:
        found = kept.astype(np.float64)
        found.setflags(write=False)
        owner.__dict__[_WIDE] = weakref.ref(found)
    return found


def without_wide(state: dict[str, Any]) -> dict[str, Any]:
    """Return what of an instance's dictionary can be pickled or copied."""
    return {key: value for key, value in state.items() if key != _WIDE}
