"""Copies of a network that learned nothing, which `record` writes beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conjugacy.comparison.copies import copy_of_kind
from conjugacy.errors import InputError

if TYPE_CHECKING:
    from conjugacy.cli.terminal import Progress


def copy_of(network: Any, kind: str, seed: int, tell: Progress) -> Any:
    """Return a copy of a live network, untrained or with its weights shuffled; tell how it came about.

    Raises
    ------
    InputError
        Where there is none; the message says why.
    """
    made = copy_of_kind(network, kind, (seed, 0))
    if made.model is None:
        raise InputError(f"--{kind}: there is no such copy: {made.reason}")
    tell(f"{kind} copy: {made.said}")
    return made.model
