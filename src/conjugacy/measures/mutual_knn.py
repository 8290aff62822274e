"""Mutual nearest neighbours: which share of every stimulus' neighbours two networks agree on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from conjugacy.data import aligned_rows
from conjugacy.measure import Measure, Traits, check_choices
from conjugacy.measures._neighbourhoods import PreparedNeighbours, check_k, membership, prepare_neighbours, reordered
from conjugacy.results import Score

BLIND_TO = {
    "cosine": frozenset({"permutation", "orthogonal", "isotropic_scaling"}),
    "euclidean": frozenset({"permutation", "orthogonal", "isotropic_scaling", "translation"}),
}


@dataclass(frozen=True)
class MutualKNN(Measure):
    """Mutual nearest neighbours: mean over stimuli i of |N_x(i) and N_y(i)| / k, N being the k nearest other stimuli.

    Unrelated networks share k / (m - 1) on average. `similarity()` is the value, `distance()` is 1 - value.

    Attributes
    ----------
    k : int
        Number of neighbours.
    distance_by : {"cosine", "euclidean"}
        Cosine of the rows as they are, as published, which an offset of the units changes; or Euclidean distance.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(60, 4))
    >>> round(MutualKNN(k=5)(x, 3 * x[:, ::-1]).value, 9)
    1.0
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
        return Traits(True, False, True, 1.0, BLIND_TO[self.distance_by])

    @property
    def preparation(self) -> str:
        """Shared by the measures on as many neighbours by the same distance."""
        return f"neighbours:k={self.k},distance_by={self.distance_by}"

    def prepare(self, data: Any) -> PreparedNeighbours:
        """Find every stimulus' neighbours."""
        return prepare_neighbours(data, self.k, self.distance_by)

    def compare(self, a: PreparedNeighbours, b: PreparedNeighbours) -> Score:
        """Compare two prepared networks."""
        rows_a, rows_b = aligned_rows(a.rows, b.rows)
        bad = next((p.status for p in (a, b) if not p.status.is_ok), None)
        if bad is not None:
            return Score.missing(self.id, bad)
        near = reordered(a.near, rows_a)
        shared = np.take_along_axis(membership(reordered(b.near, rows_b)), near, axis=1)
        value = float(shared.mean())
        return Score(self.id, value, 1.0 - value, value)
