"""How layers are named on the command line: `--layer NAME`, or `--layer A:B` for the layer of A and the layer of B."""

from __future__ import annotations

import re
from collections.abc import Sequence

from conjugacy.cli.terminal import note
from conjugacy.errors import InputError

Named = str | tuple[str, str]


def layers_named(texts: Sequence[str] | None) -> list[Named] | None:
    """Return the layers that were named, None where none was.

    Raises
    ------
    InputError
        Where a text is neither a name nor two names with a colon between them.
    """
    return [_named(text) for text in texts] if texts else None


def one_layer_named(texts: Sequence[str] | None, old: tuple[str, str] | None) -> Named | None:
    """Return the one layer, or pair of layers, of a comparison; `old` is what `--layers` gave.

    Raises
    ------
    InputError
        Where there are several.
    """
    named = layers_named(texts) or []
    if old is not None:
        note(f"--layers is deprecated: write --layer {old[0]}:{old[1]}")
        named.append(old)
    if len(named) > 1:
        raise InputError(
            f"--layer: got {len(named)}, and one comparison looks at one pair: --layer NAME, or --layer A:B"
        )
    return named[0] if named else None


def layers_recorded(texts: Sequence[str] | None, old: str | None) -> list[str] | None:
    """Return the names of modules to record; `old` is what `--layers` gave, names separated by commas."""
    if old is None:
        return list(texts) if texts else None
    note("--layers is deprecated: write --layer NAME for every layer")
    return [*(texts or ()), *(part.strip() for part in old.split(",") if part.strip())]


def _named(text: str) -> Named:
    a, *rest = (part.replace("\\:", ":") for part in re.split(r"(?<!\\):", text))
    if len(rest) > 1 or not a or rest == [""]:
        raise InputError(
            f"--layer {text}: expected NAME, or A:B for the layer of A and the layer of B; a colon in a name is written \\:"
        )
    return (a, rest[0]) if rest else a


def axes_named(texts: Sequence[str] | None) -> dict[str, str] | None:
    """Return what is said of the axes of layers, `btu` of all or `LAYER=bcyx`; None where nothing is.

    Examples
    --------
    >>> axes_named(["btu", "stem.0=bcyx"])
    {'': 'btu', 'stem.0': 'bcyx'}
    """
    parts = [text.rpartition("=") for text in texts or ()]
    return {layer.strip(): axes.strip() for layer, _, axes in parts} if parts else None
