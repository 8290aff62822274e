"""The axes of what no kind of layer tells of: what the user says, or asks for, counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conjugacy.errors import ShapeError


@dataclass(frozen=True)
class Unsaid:
    """What is known where a layer's kind does not tell its axes.

    Attributes
    ----------
    said : mapping of str to str
        What the user says of axes, by layer; of all under the empty name.
    asked : bool
        Whether the user says what becomes of tokens, or how axes are reduced.
    probed : bool
        Whether a few rows were looked at.
    by_default : bool
        Whether nobody named the layer.
    """

    said: Mapping[str, str]
    asked: bool = False
    probed: bool = False
    by_default: bool = False


def assumed(name: str, values: Any, unsaid: Unsaid) -> str:
    """Return axes: two are stimuli and units; of more, what the user says, or asks for, counts.

    Raises
    ------
    ShapeError
        Where nothing says which axis holds what.

    Examples
    --------
    >>> import numpy as np
    >>> assumed("h", np.zeros((5, 3)), Unsaid({})), assumed("h", np.zeros((5, 4, 3)), Unsaid({"": "but"}))
    ('bu', 'but')
    """
    ndim = values.ndim
    if ndim == 0:
        raise ShapeError(f"layer {name!r}: got shape {values.shape}, expected one row of units for each stimulus")
    if ndim <= 2:
        return ("b", "bu")[ndim - 1]
    told = unsaid.said.get(name, unsaid.said.get(""))
    if told is not None and len(told) == ndim:
        return told
    if ndim == 3 and unsaid.asked and not (unsaid.probed and unsaid.by_default):
        return "btu"
    if ndim == 4 and not unsaid.probed:
        return "bcyx"  # what a callable answers, as in files
    if ndim == 3 and not (unsaid.probed and unsaid.by_default):
        raise ShapeError(
            f"layer {name!r}: got shape {tuple(values.shape)} (stimuli, tokens, units?); say what becomes of the tokens: "
            "reducer='mean' averages them, reducer='flatten' keeps every one; or say what its axes are, as axes='btu'"
        )
    raise ShapeError(
        f"layer {name!r}: which of its axes holds what is not known, shape {tuple(values.shape)}; say so with axes="
    )
