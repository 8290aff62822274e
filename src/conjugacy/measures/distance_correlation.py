"""Distance correlation of two networks' answers: zero, for enough stimuli, only where they are independent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from conjugacy.data import Rows, aligned_rows
from conjugacy.measure import Measure, Traits, as_activations
from conjugacy.numerics.centring import double_centred, u_centred, unit_pairs
from conjugacy.numerics.columns import centred_live, compact, unit_norm
from conjugacy.numerics.neighbours.dissimilarities import euclidean
from conjugacy.results import Score, Status


@dataclass(frozen=True, eq=False)
class PreparedDistances:
    """Centred distances between stimuli of norm 1, (m, m), or why there are none."""

    rows: Rows
    pairs: np.ndarray
    status: Status


@dataclass(frozen=True)
class DistanceCorrelation(Measure):
    """Squared distance correlation: sum A_ij B_ij / sqrt(sum A_ij^2 sum B_ij^2), A and B the centred distances of the rows.

    Debiased, distances are U-centred (Szekely and Rizzo 2014) and independent networks have 0 on average at any width; the value
    may then be slightly negative. `similarity()` is the value clipped to [0, 1], `distance()` is 1 - value.

    Attributes
    ----------
    debiased : bool
        False gives the square of the distance correlation of 2007, which grows with width over number of stimuli.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(50, 4))
    >>> round(DistanceCorrelation()(x, 3 * x + 1).value, 9)
    1.0
    """

    debiased: bool = True

    traits: ClassVar[Traits] = Traits(
        symmetric=True,
        metric=False,
        larger_is_more_similar=True,
        identity_value=1.0,
        invariances=frozenset({"permutation", "orthogonal", "isotropic_scaling", "translation"}),
    )
    references: ClassVar[tuple[str, ...]] = (
        "G. Szekely, M. Rizzo, N. Bakirov: Measuring and testing dependence by correlation of distances. Ann. Statist. 35 (2007)",
        "G. Szekely, M. Rizzo: Partial distance correlation with methods for dissimilarities. Ann. Statist. 42 (2014)",
    )

    def prepare(self, data: Any) -> PreparedDistances:
        """Compute and centre the distances between stimuli."""
        layer = as_activations(data)
        x = centred_live(layer.values)
        if not x.size:
            return PreparedDistances(layer.rows, x, Status.DEGENERATE)
        if self.debiased and len(x) < 4:
            return PreparedDistances(layer.rows, x, Status.TOO_FEW_ROWS)
        distances = euclidean(compact(unit_norm(x)), squared=False)
        centred = u_centred(distances) if self.debiased else double_centred(distances)
        unit = unit_pairs(centred, float(np.linalg.norm(distances)))
        if unit is None:  # all stimuli at equal distances: nothing is left without the diagonal
            return PreparedDistances(layer.rows, x, Status.TOO_FEW_ROWS)
        return PreparedDistances(layer.rows, unit, Status.OK)

    def compare(self, a: PreparedDistances, b: PreparedDistances) -> Score:
        """Compare two prepared networks."""
        rows_a, rows_b = aligned_rows(a.rows, b.rows)
        bad = next((p.status for p in (a, b) if not p.status.is_ok), None)
        if bad is not None:
            return Score.missing(self.id, bad)
        value = float(np.clip(np.vdot(a.pairs[rows_a][:, rows_a], b.pairs[rows_b][:, rows_b]), -1.0, 1.0))
        return Score(self.id, value, 1.0 - value, max(0.0, value))
