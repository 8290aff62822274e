"""What the axes of a layer are, a letter each: b stimuli, t tokens or time, u units, c channels, z, y and x places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from conjugacy.errors import InputError

LETTERS = "btuczyx"
CHANNELS_LAST, TOKENS = {4: "byxu", 5: "bzyxu"}, "btu"


@dataclass(frozen=True)
class Settled:
    """The axes of one layer, found on a few rows.

    Attributes
    ----------
    axes : str or None
        None where it is not known which axis is which.
    why_not : str or None
        Why the layer cannot be recorded.
    masked : bool
        Whether the mask of what is shown can say something of its tokens: not where it holds as many however long the input is.
    """

    axes: str | None = None
    why_not: str | None = None
    masked: bool = True


def of_last_units(ndim: int) -> str | None:
    """Return the axes of what holds its units last, as after a linear layer."""
    return {2: "bu", 3: TOKENS, **CHANNELS_LAST}.get(ndim)


def of_channels(ndim: int) -> str | None:
    """Return the axes of what holds channels behind the stimuli, as after a convolution."""
    return {2: "bu", 3: "bct", 4: "bcyx", 5: "bczyx"}.get(ndim)


def settled(
    shapes: tuple[tuple[int, ...], tuple[int, ...] | None],
    rows: tuple[int, int],
    known: str | None,
) -> Settled:
    """Return the axes of a layer from its shapes in two passes of different numbers of rows.

    Parameters
    ----------
    shapes : tuples of int
        In either pass; the second is None where there was one pass.
    rows : (int, int)
    known : str or None
        What its kind, or its user, says.

    Examples
    --------
    >>> settled(((7, 5, 3), (4, 5, 3)), (7, 4), "btu"), settled(((5, 7, 3), (5, 4, 3)), (7, 4), "tbu").axes
    (Settled(axes='btu', why_not=None, masked=True), 'tbu')
    >>> settled(((28, 5, 3), (16, 5, 3)), (7, 4), "btu").why_not
    'holds 4 entries for each stimulus along its first axis, shape (28, 5, 3)'
    """
    shape, other = shapes
    if not shape:
        return Settled(why_not="gives one number, not one for each stimulus")
    places = _following(shape, other, rows)
    if other is not None and len(places) > 1:
        return Settled(
            why_not=f"holds an entry for every two stimuli, shape {shape}: what it gives depends on the batch"
        )
    if known is not None and len(known) == len(shape) and known.index("b") in places:
        return Settled(known)
    if 0 in places and known is not None and known[0] == "t" and len(known) == len(shape):
        return Settled(why_not=f"takes the stimuli for time points (batch_first=False): they come first, shape {shape}")
    if 0 in places:
        fits = known is not None and known[0] == "b" and len(known) == len(shape)
        return Settled({1: "b", 2: "bu"}.get(len(shape), known if fits else None))
    if len(places) == 1 and len(shape) == 3:
        return Settled("tbu") if places[0] == 1 else Settled(why_not=f"holds the stimuli last, shape {shape}")
    times = shape[0] / rows[0]
    if other is not None and times == other[0] / rows[1] and times == int(times) and times > 0:
        return Settled(why_not=f"holds {int(times)} entries for each stimulus along its first axis, shape {shape}")
    return Settled(why_not=f"returned shape {shape}, expected one row of units for each of {rows[0]} stimuli")


def _following(shape: tuple[int, ...], other: tuple[int, ...] | None, rows: tuple[int, int]) -> list[int]:
    """Return which axes are as long as there are stimuli, in both passes."""
    found = [i for i, n in enumerate(shape) if n == rows[0]]
    if other is None or len(other) != len(shape):
        return found
    return [i for i in found if other[i] == rows[1]]


def require_axes(given: str | Mapping[str, str] | None) -> dict[str, str]:
    """Return what the user says of axes, by layer; of all layers under the empty name.

    Raises
    ------
    InputError
        Where letters are not known.
    """
    if given is None:
        return {}
    found = {"": given} if isinstance(given, str) else {str(k): str(v) for k, v in given.items()}
    for layer, axes in found.items():
        if "b" not in axes or len(set(axes)) != len(axes) or set(axes) - set(LETTERS) or not set(axes) & set("uc"):
            of = f" of layer {layer!r}" if layer else ""
            raise InputError(
                f"axes{of}: got {axes!r}, expected a letter for each axis: b stimuli, t tokens or time, u units (or c channels), "
                "y and x places; as 'btu', 'tbu', 'bcyx', 'byxc' or 'bct'"
            )
    return found


def said_of(given: Mapping[str, str], layer: str, ndim: int) -> str | None:
    """Return what the user says of a layer's axes; what is said of all counts for those with as many."""
    found = given.get(layer, given.get(""))
    if layer in given and len(given[layer]) != ndim:
        raise InputError(f"axes of layer {layer!r}: got {given[layer]!r}, and the layer has {ndim} axes")
    return found if found is not None and len(found) == ndim else None


def inherited(
    order: Sequence[tuple[str, np.ndarray]],
    known: Mapping[str, str],
    layer: str,
    values: np.ndarray,
    *,
    keeps: bool = False,
) -> str | None:
    """Return the axes of a layer whose kind does not tell: those of the same values before it, else of the same shape.

    Parameters
    ----------
    order : sequence of (str, array)
        Layers and what they gave, in the order in which they ran.
    known : mapping of str to str
        Axes of those whose kind tells.
    layer : str
    values : array
    keeps : bool
        Whether the layer moves no axes.
    """
    before = [(name, given) for name, given in order[: [name for name, _ in order].index(layer)]]
    alike = [(name, given) for name, given in before if given.shape == values.shape and name in known]
    for name, given in reversed(alike):
        if np.array_equal(given, values, equal_nan=given.dtype.kind == "f"):
            return known[name]
    if not keeps and len(set(values.shape[1:])) < 2 <= values.ndim - 1:
        return None  # whatever was moved in between, the shape is the same
    told = {known[name] for name, _ in alike}
    return told.pop() if len(told) == 1 else None


def in_order(values: Any, axes: str) -> tuple[Any, str]:
    """Return values with the stimuli first, then time, then units, then places; and their axes, channels called units.

    Examples
    --------
    >>> in_order(np.zeros((2, 3, 5)), "bct")[0].shape, in_order(np.zeros((2, 4, 6, 3)), "byxu")[1]
    ((2, 5, 3), 'buyx')
    """
    plain = axes.replace("c", "u")
    order = [letter for letter in "btuzyx" if letter in plain]
    moved = [plain.index(letter) for letter in order]
    if moved == list(range(len(moved))):
        return values, plain
    return values.permute(moved) if hasattr(values, "permute") else np.transpose(values, moved), "".join(order)
