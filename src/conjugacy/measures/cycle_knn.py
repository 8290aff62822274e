"""Cycle nearest neighbours: whether a stimulus' neighbours in one network lead back to it in the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from conjugacy.data import aligned_rows
from conjugacy.measure import Measure, Traits, check_choices
from conjugacy.measures._neighbourhoods import PreparedNeighbours, check_k, prepare_neighbours, reordered
from conjugacy.measures.mutual_knn import BLIND_TO
from conjugacy.results import Score


@dataclass(frozen=True)
class CycleKNN(Measure):
    """Cycle nearest neighbours: share of stimuli i that are among the neighbours, in the first network, of i's in the second.

    i counts where some j in N_y(i) has i in N_x(j). Directional. A network and itself need not have 1: a stimulus that is
    nobody's neighbour is not led back to. `similarity()` is the value, `distance()` is 1 - value.

    Attributes
    ----------
    k, distance_by
        As in `mutual_knn`.

    Examples
    --------
    >>> x = np.arange(10.0)[:, None]
    >>> near = CycleKNN(k=1, distance_by="euclidean")(x, x)
    >>> near.value
    0.2
    """

    k: int = 10
    distance_by: Literal["cosine", "euclidean"] = "cosine"

    references: ClassVar[tuple[str, ...]] = (
        "M. Huh, B. Cheung, T. Wang, P. Isola: The platonic representation hypothesis. ICML 2024",
    )

    def __post_init__(self) -> None:
        check_choices(self)
        check_k(self.k)

    @property
    def traits(self) -> Traits:  # pyright: ignore[reportIncompatibleVariableOverride] - depends on the distance
        """What this measure promises with its distance."""
        return Traits(False, False, True, None, BLIND_TO[self.distance_by])

    @property
    def preparation(self) -> str:
        """Shared by the measures on as many neighbours by the same distance."""
        return f"neighbours:k={self.k},distance_by={self.distance_by}"

    def prepare(self, data: Any) -> PreparedNeighbours:
        """Find every stimulus' neighbours."""
        return prepare_neighbours(data, self.k, self.distance_by)

    def compare(self, a: PreparedNeighbours, b: PreparedNeighbours) -> Score:
        """Compare two prepared networks: out by the second's neighbours, back by the first's."""
        rows_a, rows_b = aligned_rows(a.rows, b.rows)
        bad = next((p.status for p in (a, b) if not p.status.is_ok), None)
        if bad is not None:
            return Score.missing(self.id, bad)
        there, back = reordered(b.near, rows_b), reordered(a.near, rows_a)
        home = (back[there] == np.arange(len(there))[:, None, None]).any(axis=(1, 2))
        value = float(home.mean())
        return Score(self.id, value, 1.0 - value, value)
