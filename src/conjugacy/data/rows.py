"""Which stimuli the rows of a layer are: its labels without its values."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True, eq=False)
class Rows:
    """Labels of a layer's rows, all that is needed to match them with another layer's.

    What `Activations.rows` gives; a prepared network keeps it instead of the layer, whose values it no longer needs.

    Attributes
    ----------
    count : int
        Number of rows m.
    stimuli, groups : array (m,) or None
        Ids, and labels that dependent rows share.
    inputs : array (m, ...) or None
        What the network was shown; equal inputs make rows depend on each other.
    name : str or None
        The network, for messages.

    Examples
    --------
    >>> import conjugacy as cj
    >>> cj.Activations([[1.0], [2.0]], stimuli=["x", "y"]).rows.count
    2
    """

    count: int
    stimuli: np.ndarray | None = None
    groups: np.ndarray | None = None
    inputs: np.ndarray | None = None
    name: str | None = None

    @property
    def rows(self) -> Rows:
        """These labels themselves, so that a layer and its labels can be asked alike."""
        return self

    @cached_property
    def digest(self) -> bytes:
        """Sixteen bytes that two layers share where all labels of their rows are the same."""
        found = hashlib.blake2b(str(self.count).encode(), digest_size=16)
        for labels in (self.stimuli, self.groups, self.inputs):
            found.update(b"none" if labels is None else f"{labels.dtype} {labels.shape}".encode() + labels.tobytes())
        return found.digest()
