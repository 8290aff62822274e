"""What a network has to offer to be recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from conjugacy.errors import InputError

Batch = Any
"""What one call is given: an array or tensor with one row for each stimulus, or a mapping of names to such."""


class NoControlError(InputError):
    """A network has no untrained copy; the message says why, and what to do."""


@dataclass(frozen=True)
class LayerInfo:
    """One place of a network where its state can be read.

    Attributes
    ----------
    kind : str
        What computes it: the type of a module, an operator.
    axes : str or None
        What its axes are, a letter each: b stimuli, t time or tokens, u units, c channels, y and x places; as `btu`, `tbu`,
        `bcyx`, `byxc`, `bct`. None where its kind does not tell.
    calls : int or None
        How often it runs in one pass; None where that shows only in running.
    """

    kind: str
    axes: str | None = None
    calls: int | None = None


@dataclass(frozen=True, eq=False)
class Look:
    """A sample of what a layer gives: its shape, some values, and likewise of what it was given where that has its shape."""

    shape: tuple[int, ...]
    values: Any
    given: Any = None


@runtime_checkable
class Network(Protocol):
    """Anything that can be recorded.

    `run` leaves the network as it was, whatever happens. A network whose pass draws at random draws from a state of its own.
    """

    def layers(self) -> Mapping[str, LayerInfo]:
        """Return every layer that can be recorded, in the order in which they run, as far as that is known."""
        ...

    def run(self, batch: Batch, layers: Sequence[str]) -> Mapping[str, Any]:
        """Return what some layers answer to a batch, with all their axes, and what the network returns.

        Its only output is called `outputs`, several `outputs.NAME` or `outputs[1]`. A layer that did not run is missing.

        Raises
        ------
        ModelError
            Where the network itself raises.
        """
        ...

    def untrained(self, seed: int) -> Network:
        """Return the same network as before any training.

        Raises
        ------
        NoControlError
            Where there is none: why, and what to do.
        """
        ...

    def described(self) -> Mapping[str, Any]:
        """Return what is to be known of where a recording comes from: `model`, `parameters`, `weights_sha256`, versions."""
        ...
