"""Two outputs as they stand, row by row, and what is needed to say whether one replaces the other."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from conjugacy.results import Margins


@dataclass(frozen=True, eq=False)
class AsTheyStand:
    """Two outputs on matched rows, as they were recorded.

    Attributes
    ----------
    a, b : array, (m, q), (m, p)
        The outputs; logits may hold -inf where a class is masked.
    kinds : (str, str)
        What each is: regression, logits, probabilities, labels or sigmoids.
    targets : array, (m,) or (m, q), or None
        What A was to answer.
    clusters : int array, (m,)
        Rows with the same number depend on each other.
    stimuli, positions : array, (m,), int array, (m,)
        Ids of the rows, and their places in A's recording.
    margins : Margins
    head : str or None
        Name of the output, where there are several.
    equal_weights : bool
        Whether both recordings say that their weights are the same.
    names : tuple of str
        Of the columns, where they have any.
    level : float
        Of a wrong no: a part of it, where several pairs are judged together.
    """

    a: np.ndarray
    b: np.ndarray
    kinds: tuple[str, str]
    targets: np.ndarray | None
    clusters: np.ndarray
    stimuli: np.ndarray
    positions: np.ndarray
    margins: Margins = field(default_factory=Margins)
    head: str | None = None
    equal_weights: bool = False
    names: tuple[str, ...] = ()
    level: float = 0.025

    @property
    def cluster_of(self) -> np.ndarray:
        """Numbers 0 .. c - 1 of the rows' clusters."""
        return np.unique(self.clusters, return_inverse=True)[1].ravel()

    def column(self, j: int) -> str:
        """Return the name of a column, or its number."""
        return self.names[j] if j < len(self.names) else str(j)
