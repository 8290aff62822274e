"""Which layers are a network's outputs, by their names: `outputs`, `outputs.boxes`, `outputs[1]`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, cast

import numpy as np

from conjugacy.errors import UnknownNameError

HEAD = "outputs"
"""The name of what a network returns; of several outputs each has it with its own behind it."""

OUTPUT_NAMES = (HEAD, "out", "logits", "output")
"""Names under which a layer is taken for the network's output, in this order."""

OUTPUT_KINDS = ("regression", "logits", "probabilities", "labels", "sigmoids")


def is_head(name: str) -> bool:
    """Whether a layer of this name is something that the network returned.

    Examples
    --------
    >>> [is_head(name) for name in ("outputs", "outputs.boxes", "outputs[1]", "outputs_2", "fc")]
    [True, True, True, False, False]
    """
    return name == HEAD or name.startswith((f"{HEAD}.", f"{HEAD}["))


def heads_among(names: Iterable[str], output_layer: str | None) -> tuple[str, ...]:
    """Return the output layers: the one that is said, else all that are named so, else the first of `OUTPUT_NAMES`.

    Examples
    --------
    >>> heads_among(["h", "outputs.boxes", "outputs.scores"], None), heads_among(["h", "logits", "out"], None)
    (('outputs.boxes', 'outputs.scores'), ('out',))
    """
    known = list(names)
    if output_layer is not None:
        return (output_layer,)
    return tuple(name for name in known if is_head(name)) or tuple(n for n in OUTPUT_NAMES if n in known)[:1]


def head_named(asked: str | int, heads: Iterable[str], where: str = "") -> str:
    """Return the output that is meant by its name, or by what stands behind `outputs`.

    Raises
    ------
    UnknownNameError
        Where there is none; the message lists them.

    Examples
    --------
    >>> heads = ("outputs.boxes", "outputs[1]")
    >>> head_named("boxes", heads), head_named(1, heads), head_named("outputs[1]", heads)
    ('outputs.boxes', 'outputs[1]', 'outputs[1]')
    """
    known, text = tuple(heads), str(asked)
    for name in (text, f"{HEAD}.{text}", f"{HEAD}[{text}]", f"{HEAD}{text}"):
        if name in known:
            return name
    raise UnknownNameError.of("output", text, known, where=where)


def frozen_kinds(kinds: Any, heads: tuple[str, ...], who: str) -> str | Mapping[str, str] | None:
    """Check what outputs are said to be: one kind for all, or a mapping of outputs to kinds.

    Raises
    ------
    UnknownNameError
        Where there is no such kind or output.
    """
    if kinds is None:
        return None
    for kind in cast("Mapping[Any, Any]", kinds).values() if isinstance(kinds, Mapping) else (kinds,):
        if not isinstance(kind, str) or kind not in OUTPUT_KINDS:
            raise UnknownNameError.of("output kind", str(kind), OUTPUT_KINDS)
    if not isinstance(kinds, Mapping):
        return str(kinds)
    given = cast("Mapping[Any, str]", kinds)
    return MappingProxyType({head_named(head, heads, f"in {who}"): kind for head, kind in given.items()})


def fits_targets(width: int, whole: bool, targets: np.ndarray) -> bool:
    """Whether an output of so many columns could be an answer to these targets: class numbers below them, or values.

    `whole` says that all values of the output are whole numbers: of one column only these are class numbers themselves.
    """
    if targets.ndim == 2:
        return targets.shape[1] == width
    if targets.dtype.kind not in "iu":
        return width == 1
    lowest, highest = int(targets.min()), int(targets.max())
    if width == 1:
        return whole or (lowest >= 0 and highest <= 1)
    return lowest >= 0 and highest < width


def head_of_targets(widths: dict[str, tuple[int, bool]], targets: Any) -> str | None:
    """Return the output that targets belong to: the first, unless they fit exactly one other and not the first.

    Parameters
    ----------
    widths : mapping of str to (int, bool)
        Of every output the number of columns, and whether all its values are whole numbers.
    targets : array, (m,) or (m, q)
    """
    first = next(iter(widths), None)
    fitting = [name for name, (width, whole) in widths.items() if fits_targets(width, whole, np.asarray(targets))]
    return fitting[0] if first not in fitting and len(fitting) == 1 else first
