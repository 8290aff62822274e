"""Permutation matching: the best one-to-one pairing of the units of two networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.optimize import linear_sum_assignment

from conjugacy.measure import Traits
from conjugacy.measures._units import UNIT_INVARIANCES, UnitMatching
from conjugacy.results import Score


@dataclass(frozen=True)
class PermutationMatching(UnitMatching):
    """Permutation matching: mean of corr(x_i, y_p(i)) under the assignment p of units that makes it largest.

    With unequal widths, every unit of the narrower network has a partner; `details["unmatched"]` counts the units left over. So a
    network and a part of its units have 1, and this is not a metric (`soft_matching` is one).
    `similarity()` is the value clipped to [0, 1], `distance()` is sqrt(2 - 2 value). It is positive for unrelated networks too:
    read it beside its null. Silent units are left out.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(60, 4))
    >>> round(PermutationMatching()(x, 2 * x[:, [3, 1, 0, 2]] + 1).value, 9)
    1.0
    """

    traits: ClassVar[Traits] = Traits(
        symmetric=True, metric=False, larger_is_more_similar=True, identity_value=1.0, invariances=UNIT_INVARIANCES
    )
    references: ClassVar[tuple[str, ...]] = (
        "Y. Li, J. Yosinski, J. Clune, H. Lipson, J. Hopcroft: Convergent learning: do different neural networks learn the same "
        "representations? ICLR 2016",
    )

    def score(self, correlations: np.ndarray) -> Score:
        """Pair the units and return how well they go together."""
        i, j = linear_sum_assignment(correlations, maximize=True)
        value = float(np.clip(correlations[i, j].mean(), -1.0, 1.0))
        unmatched = abs(correlations.shape[0] - correlations.shape[1])
        return Score(
            self.id, value, float(np.sqrt(2.0 - 2.0 * value)), max(0.0, value), details={"unmatched": unmatched}
        )
