"""Mutual nearest neighbours: which share of every stimulus' neighbours two networks agree on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from conjugacy.data import aligned_rows
from conjugacy.measure import Measure, Traits, check_choices
from conjugacy.measures._neighbourhoods import PreparedNeighbours, check_k, prepare_neighbours, shared
from conjugacy.results import Score

BLIND_TO = {
    "cosine": frozenset({"permutation", "orthogonal", "isotropic_scaling"}),
    "euclidean": frozenset({"permutation", "orthogonal", "isotropic_scaling", "translation"}),
}


@dataclass(frozen=True)
class MutualKNN(Measure):
    """Mutual nearest neighbours: mean over stimuli i of |N_x(i) and N_y(i)| / k, N being the k nearest other stimuli.

    Unrelated networks share k / (m - 1) on average. `similarity()` is the value, `distance()` is 1 - value.

    Rows tied for the last places count with the share of places left, so that the value is the mean over all ways to break
    ties in both networks independently. With ties, a network and itself has less than 1 (k / t if t equal rows share k places).
    `details["ceiling"]` is the geometric mean of both networks' values with themselves: the most that the two can have.

    Attributes
    ----------
    k : int
        Number of neighbours.
    distance_by : {"cosine", "euclidean"}
        Cosine of the rows as they are, as published, which an offset of the units changes; or Euclidean distance.

    Examples
    --------
    >>> import numpy as np
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
        if a.near is None or b.near is None:
            return Score.missing(self.id, a.status if a.near is None else b.status)
        x, y = a.near.take(rows_a), b.near.take(rows_b)
        value = shared(x, y)
        details = {"ceiling": math.sqrt(shared(x, x) * shared(y, y))} if x.tied or y.tied else {}
        return Score(self.id, value, 1.0 - value, value, details=details)
