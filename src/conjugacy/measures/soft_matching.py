"""Soft matching: the best pairing of units by optimal transport, between networks of any widths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from conjugacy.measure import Traits
from conjugacy.measures._units import UNIT_INVARIANCES, UnitMatching
from conjugacy.numerics.alignment.transport import transport_cost
from conjugacy.results import Score


@dataclass(frozen=True)
class SoftMatching(UnitMatching):
    """Soft matching: max over P of sum P_ij corr(x_i, y_j), P >= 0 with row sums 1/n and column sums 1/p.

    Units are centred and of norm 1. For equal widths it is the best one-to-one pairing; else a unit's weight may be shared.
    `distance()` is the root of the transport cost, sqrt(2 - 2 value), a metric over all widths; `similarity()` is the value
    clipped to [0, 1]. It is positive for unrelated networks too, and more so with fewer stimuli: read it beside its null.
    Silent units are left out. Exact; widths whose least common multiple is above 600 take a linear program, seconds from some
    200 units on.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(60, 4))
    >>> twice = np.repeat(x, 2, axis=1)
    >>> round(SoftMatching()(x, 3 * twice[:, ::-1] + 1).value, 9)
    1.0
    """

    traits: ClassVar[Traits] = Traits(
        symmetric=True, metric=True, larger_is_more_similar=True, identity_value=1.0, invariances=UNIT_INVARIANCES
    )
    references: ClassVar[tuple[str, ...]] = (
        "M. Khosla, A. H. Williams: Soft matching distance: a metric on neural representations that captures single-neuron "
        "tuning. UniReps 2024",
    )

    def score(self, correlations: np.ndarray) -> Score:
        """Pair the units and return how well they go together."""
        # 1 - correlation as half a squared distance of unit vectors
        cost = np.maximum(1.0 - correlations, 0.0)
        cost[cost < 1e-14] = 0.0  # rounding of a perfect pair, whose root would show as 1e-8
        loss = max(0.0, transport_cost(cost))
        value = 1.0 - loss
        return Score(self.id, value, float(np.sqrt(2.0 * loss)), max(0.0, value))
