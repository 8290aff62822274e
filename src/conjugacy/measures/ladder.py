"""The ladder as a measure: which maps carry one network onto the other, graded into one number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from conjugacy.data import Rows, match_rows
from conjugacy.errors import InputError
from conjugacy.measure import Measure, Traits
from conjugacy.measures._by_ids import in_order_of_ids, matched_by_ids
from conjugacy.results import Score, Status
from conjugacy.transformations import Layer, judge, prepare

_POINTS = {"holds": 2, "undecided": 1, "fails": 0}


@dataclass(frozen=True, eq=False)
class PreparedLayer:
    """A layer with its rows sorted by stimulus id, and what the ladder needs of it."""

    rows: Rows
    network: Layer


@dataclass(frozen=True)
class LadderMeasure(Measure):
    """Similarity by what holds: maps both ways above one way above none, graded within by how simple the map is.

    Each direction counts 2 where some rung holds, 1 where that is undecided and 0 where the smooth rung fails; with k
    the sum of both and s = 1 - mean over {rotation, affine, smooth} of min(1, max(u_ab, u_ba)), the value is (k + s) / 5.
    So every pair that is equivalent lies in [.8, 1], every pair with one way only in [.4, .6), unrelated ones below .2.
    Folds follow the stimulus ids; without ids they follow the order of the rows, and a pair near the tolerance may then change
    its band when the rows are reordered.

    Attributes
    ----------
    tolerance : float
        Largest unexplained fraction of variance that counts as the same.
    seed : int
        Seeds folds and bootstrap.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=(100, 3))
    >>> round(LadderMeasure()(x, x).value, 3)
    1.0
    """

    tolerance: float = 0.05
    seed: int = 0

    traits: ClassVar[Traits] = Traits(
        symmetric=True,
        metric=False,
        larger_is_more_similar=True,
        identity_value=1.0,
        invariances=frozenset({"permutation", "isotropic_scaling", "translation"}),
    )
    references: ClassVar[tuple[str, ...]] = (
        "T. Bertalan, F. Dietrich, I. G. Kevrekidis: Transformations establishing equivalence across neural networks: "
        "When have two networks learned the same task? Chaos 34 (2024), doi:10.1063/5.0206406",
    )
    has_own_interval: ClassVar[bool] = True  # of every direction, in the states that it grades

    def __post_init__(self) -> None:
        if not 0 < self.tolerance < 1:
            raise InputError(f"tolerance: got {self.tolerance}, expected a fraction of variance between 0 and 1")

    def prepare(self, data: Any) -> PreparedLayer:
        """Sort the rows by stimulus id and do the factorisations that need one network only."""
        layer = in_order_of_ids(data)
        network = Layer(layer.values, self.seed)
        return PreparedLayer(layer.rows, prepare(network, match_rows(layer, layer).clusters, seed=self.seed))

    def compare(self, a: PreparedLayer, b: PreparedLayer) -> Score:
        """Judge the whole ladder and grade the pair."""
        matching = matched_by_ids(a.rows, b.rows)
        clusters = np.empty_like(matching.clusters)
        clusters[matching.rows_a] = matching.clusters  # back in the order of the prepared rows
        ladder = judge(a.network, b.network, clusters, tolerance=self.tolerance, seed=self.seed)
        states = [ladder.determines(direction) for direction in ladder.directions]
        value = (sum(_POINTS[state] for state in states) + ladder.grade) / 5.0
        return Score(
            measure=self.id,
            value=value,
            distance_value=1.0 - value,
            similarity_value=value,
            status=Status.UNDECIDED if "undecided" in states else Status.OK,
            details={"rung": ladder.rung, "exact_rung": ladder.exact_rung, "a_to_b": states[0], "b_to_a": states[1]},
        )
