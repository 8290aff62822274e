"""What each network brings to a pair, and how the pair is to be judged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conjugacy.data import row_labels
from conjugacy.transformations import RUNGS, Layer
from conjugacy.verdict.inputs import GivesInputs
from conjugacy.verdict.kinds import Told
from conjugacy.verdict.outputs import YES
from conjugacy.verdict.rows_seen import RowsSeen


@dataclass(frozen=True, eq=False)
class Ready:
    """What was computed of one network before it met the other.

    Attributes
    ----------
    layer : Layer or None
        Taken in place of the values where these are the same.
    clusters : int array, (m,)
        The rows that depended on each other then.
    gives_inputs : mapping of str to (Estimate, str), or None
        What the outputs leave unexplained of the inputs by maps up to a rung, and whether they determine them.
    look : RowsSeen or None
        What the rows show of how they depend on each other.
    """

    layer: Layer | None
    clusters: np.ndarray
    gives_inputs: GivesInputs | None = None
    look: RowsSeen | None = None


@dataclass(frozen=True, eq=False)
class Side:
    """What one network brings to a pair, on the matched rows.

    Attributes
    ----------
    values : array, (m, n)
        A layer, or the outputs as they were recorded.
    kind : str or None
        What the outputs are said to be; None where it is to be guessed.
    name, hint : str or None, (str, str) or None
        The layer's name, and what the module that made it suggests, for the guess.
    targets : array, (m, ...), or None
        What the network was to answer.
    shown, rows : array, (M, ...), or None, and int array, (m,)
        What the network was shown on all its rows, and which of these are matched: it is large, and seldom asked for.
    ready : Ready or None
        What was computed before.
    states : int array, (m,), or None
        Numbers that equal rows share, where `ready` is there; None where all rows differ.
    """

    values: np.ndarray
    kind: str | None = None
    targets: np.ndarray | None = None
    shown: np.ndarray | None = None
    rows: np.ndarray | None = None
    ready: Ready | None = None
    states: np.ndarray | None = None
    name: str | None = None
    hint: tuple[str, str] | None = None

    def told(self, targets: np.ndarray | None) -> Told:
        """Return what is known of it as outputs."""
        return Told(self.kind, targets, self.name, self.hint)

    @property
    def inputs(self) -> np.ndarray | None:
        """What the network was shown on the matched rows."""
        return self.shown if self.shown is None or self.rows is None else self.shown[self.rows]

    def layer(self, values: np.ndarray, seed: int) -> Layer:
        """Return values in the form in which they are compared as a layer; what is ready is not made again."""
        known = None if self.ready is None else self.ready.layer
        return Layer(values, seed) if known is None or not is_of(known, values) else known

    @property
    def equal_rows(self) -> np.ndarray | None:
        """Numbers that equal rows share; None where all rows differ."""
        if self.ready is not None:
            return self.states
        states = row_labels(self.values)
        return None if states.max() + 1 == len(states) else states


def is_of(layer: Layer, values: np.ndarray) -> bool:
    """Whether a layer was computed of these values."""
    return layer.values is values or np.array_equal(layer.values, values)


@dataclass(frozen=True, eq=False)
class Asked:
    """How a pair is to be judged: tolerance, seed, the last family of maps that counts, from where a sigmoid says yes, `Rows`.

    With `first_alone` maps are told by their first fits alone, which deny none.
    """

    tolerance: float
    seed: int
    up_to: str = RUNGS[-1]
    threshold: float = YES
    rows: str | None = None
    first_alone: bool = False
