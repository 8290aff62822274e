"""Two recordings that are to be brought together, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from conjugacy.comparison.intrinsic.moved_layers import own_input_note
from conjugacy.data import Recording
from conjugacy.results import IntrinsicMatch

Controls = tuple[tuple[Recording, ...], tuple[Recording, ...]]


@dataclass(frozen=True, eq=False)
class Brought:
    """Both recordings on the same places, controls with them, or the reasons why they cannot be brought together."""

    match: IntrinsicMatch
    a: Recording
    b: Recording
    controls: Controls
    reasons: tuple[str, ...]
    rows: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))  # of A, where B was read

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know of how the layers were moved."""
        return own_input_note(self.a, self.b)


@dataclass(frozen=True, eq=False)
class Apart:
    """Both recordings and their untrained copies as they were given, what is drawn at random, and whom to tell of the work."""

    a: Recording
    b: Recording
    controls: Controls
    seed: int
    progress: Callable[[str], None]

    @property
    def pair(self) -> tuple[Recording, Recording]:
        """Both recordings."""
        return self.a, self.b

    def left(self, match: IntrinsicMatch, *reasons: str) -> Brought:
        """Return both as they were, and why they stay so."""
        return Brought(match, self.a, self.b, self.controls, reasons)
