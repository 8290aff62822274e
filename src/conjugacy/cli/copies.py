"""Copies of a network that learned nothing, which `record` writes beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conjugacy.activations import shuffled_copy, untrained_copy
from conjugacy.errors import InputError

if TYPE_CHECKING:
    from conjugacy.activations.untrained import Untrained
    from conjugacy.cli.terminal import Progress


def copy_of(network: Any, kind: str, seed: int, tell: Progress) -> Any:
    """Return a copy of a live network, untrained or with its weights shuffled; tell how it came about.

    Raises
    ------
    InputError
        Where there is none; the message says why.
    """
    if not hasattr(network, "named_modules"):
        raise InputError(f"--{kind}: the model is {type(network).__name__}, expected a torch module")
    made: Untrained = {"untrained": untrained_copy, "shuffled": shuffled_copy}[kind](network, (seed, 0))
    if made.model is None:
        raise InputError(f"--{kind}: there is no such copy: {made.reason}")
    tell(f"{kind} copy: {made.said}")
    return made.model
