"""Which layers are meant: one name in both networks, a pair of names, or a list of these; read here and nowhere else."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TypeAlias, cast

from conjugacy.errors import InputError

Layers: TypeAlias = "str | tuple[str, str] | Sequence[str | tuple[str, str]] | None"
"""A name is the layer of that name in both networks, a tuple the layer of A and the layer of B, a list holds either."""

EXPECTED = "expected a name, a pair (layer of A, layer of B), or a list of names and pairs"


def layer_pairs(given: Layers) -> tuple[tuple[str, str], ...] | None:
    """Return the pairs of layers that are meant, each once; None where none was named.

    Raises
    ------
    InputError
        Where something given is neither a name nor a pair of names.

    Examples
    --------
    >>> layer_pairs("h"), layer_pairs(("h1", "h2")), layer_pairs(["h", ("h1", "h2")])
    ((('h', 'h'),), (('h1', 'h2'),), (('h', 'h'), ('h1', 'h2')))
    """
    if given is None:
        return None
    if isinstance(given, (str, tuple)):
        return (_pair(given),)
    if not isinstance(given, Sequence) or not given:  # pyright: ignore[reportUnnecessaryIsInstance] - from outside
        raise InputError(f"layers: got {given!r}, {EXPECTED}")
    return tuple(dict.fromkeys(_pair(one) for one in given))


def one_layer_pair(given: Layers) -> tuple[str, str] | None:
    """Return the one pair of layers that a comparison looks at; None where none was named.

    Raises
    ------
    InputError
        As `layer_pairs`; also where there are several.
    """
    if isinstance(given, list) and len(given) == 2 and all(isinstance(name, str) for name in given):
        names = cast("list[str]", given)
        warnings.warn(
            f"layers: the list {given!r} is taken for (layer of A, layer of B), as it used to be; from the next release on a "
            f"list names layers of both: give the tuple ({names[0]!r}, {names[1]!r})",
            FutureWarning,
            stacklevel=4,  # where `compare` is called
        )
        return names[0], names[1]
    pairs = layer_pairs(given)
    if pairs is not None and len(pairs) > 1:
        raise InputError(
            f"layers: got {len(pairs)} pairs, and one comparison looks at one: give a name, or a pair (layer of A, layer of B); "
            "pairwise compares several"
        )
    return pairs[0] if pairs else None


def several_layer_pairs(given: Layers) -> tuple[tuple[str, str], ...] | None:
    """Return the pairs of layers that a study looks at; a bare tuple, which used to name two layers, is told of.

    Raises
    ------
    InputError
        As `layer_pairs`.
    """
    if isinstance(given, tuple):
        warnings.warn(
            f"layers: the tuple {given!r} is one pair, (layer of the rows' networks, layer of the columns'); for layers of both "
            "networks, as it used to be read, give a list",
            FutureWarning,
            stacklevel=5,  # where `pairwise` is called
        )
    return layer_pairs(given)


def layer_names(given: Layers) -> list[str] | None:
    """Return all names that are mentioned, each once: what is recorded of one network.

    Raises
    ------
    InputError
        As `layer_pairs`.
    """
    # of one network a tuple of any length is a list of names
    pairs = layer_pairs(list(given) if isinstance(given, tuple) else given)
    return None if pairs is None else list(dict.fromkeys(name for pair in pairs for name in pair))


def _pair(given: object) -> tuple[str, str]:
    if isinstance(given, str):
        return given, given
    parts = list(cast("Sequence[object]", given)) if isinstance(given, (tuple, list)) else []
    if len(parts) != 2 or not all(isinstance(part, str) for part in parts):
        raise InputError(f"layers: got {given!r}, {EXPECTED}")
    return cast("str", parts[0]), cast("str", parts[1])
