"""How a network is run over stimuli, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from conjugacy.activations.kept import InMemory, Keeper
from conjugacy.activations.tokens import Reduction


@dataclass(frozen=True, eq=False)
class Passes:
    """How a network is run over stimuli.

    Attributes
    ----------
    batch_size : int or None
    reduction : Reduction
    axes : mapping of str to str
        What the user says of axes, by layer; of all under the empty name.
    progress : callable, optional
    seed : int
        Draws, together with the network's own weights, what the network draws at random: no two share a random state.
    """

    batch_size: int | None = None
    reduction: Reduction = field(default_factory=Reduction)
    axes: Mapping[str, str] = field(default_factory=dict[str, str])
    progress: Callable[[str], None] | None = None
    seed: int = 0


@dataclass(eq=False)
class Ran:
    """What a network gave.

    Attributes
    ----------
    kept : Keeper
        Layers and outputs, batch by batch: (rows, units), or (rows, tokens, units) where tokens stay apart.
    reduced : mapping of str to str
        How further axes were reduced.
    left_out : mapping of str to str
        What was not recorded, and why.
    notes : tuple of str
        What a few rows showed of the network.
    more : str or None
        How many of the layers were taken.
    widened : mapping of str to str
        Layers whose type numpy does not have: `bfloat16 as float32`.
    """

    kept: Keeper
    reduced: dict[str, str] = field(default_factory=dict[str, str])
    left_out: dict[str, str] = field(default_factory=dict[str, str])
    notes: tuple[str, ...] = ()
    more: str | None = None
    widened: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """Layers and outputs, whole, where they were kept in memory."""
        return self.kept.arrays if isinstance(self.kept, InMemory) else {}
