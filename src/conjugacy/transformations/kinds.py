"""The kinds of transformations by name, and maps as named arrays: what a saved map is rebuilt from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from conjugacy.errors import FormatError, InputError, UnknownNameError
from conjugacy.results.digits import per_cent

if TYPE_CHECKING:
    from conjugacy.transformations.transformation import Transformation

T = TypeVar("T", bound="Transformation")
_KINDS: dict[str, type[Transformation]] = {}


def register(cls: type[T]) -> type[T]:
    """Make a kind of transformation known to `Transformation.load`."""
    _KINDS[cls.kind] = cls
    type.__setattr__(cls, "__repr__", _words)  # the one that dataclasses make prints all arrays
    return cls


def _words(found: Transformation) -> str:
    """Return what `repr` says of a map."""
    left = "" if found.held_out is None else f", {per_cent(found.held_out[0].unexplained)} unexplained on held-out rows"
    return f"<{found.kind} map, {found.n_in} to {found.n_out} units{left}; next: this(x), .inverse, .save(path)>"


def rebuild(kind: str, arrays: Mapping[str, np.ndarray], where: str) -> Transformation:
    """Return the transformation of that kind from its arrays."""
    if kind not in _KINDS:
        raise UnknownNameError.of(f"kind of transformation in {where}", kind, _KINDS)
    try:
        return _KINDS[kind].from_arrays(arrays)
    except (KeyError, ValueError, IndexError, TypeError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise FormatError(f"{where}: the {kind} map in it is incomplete or damaged ({error})") from None


def prefixed(prefix: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the arrays under names that start with `prefix/`."""
    return {f"{prefix}/{key}": value for key, value in arrays.items()}


def below(prefix: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the arrays whose names start with `prefix/`, without it."""
    start = prefix + "/"
    return {key[len(start) :]: value for key, value in arrays.items() if key.startswith(start)}
