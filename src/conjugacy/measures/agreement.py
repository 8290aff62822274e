"""Agreement after relabelling: how far two networks sort the stimuli into the same groups, whatever the groups are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.optimize import linear_sum_assignment

from conjugacy.measure import Traits
from conjugacy.measures._outputs import DecisionMeasure, PreparedDecisions, matched_decisions
from conjugacy.results import Score, Status


@dataclass(frozen=True)
class RelabelledAgreement(DecisionMeasure):
    """Agreement after relabelling: max over one-to-one maps s of classes of 1/m sum [s(argmax x_i) = argmax y_i].

    Of outputs, not of hidden units; numbers of classes may differ. `distance()` is 1 - value, the partition distance, a metric;
    `similarity()` is the value. It is positive for unrelated networks: read it beside its null.

    Attributes
    ----------
    kind : {"logits", "probabilities", "labels"}
        What the outputs are: a score per class, a probability per class, or one column of class numbers.

    Examples
    --------
    >>> RelabelledAgreement(kind="labels")([[0], [0], [1], [2]], [[5], [5], [3], [3]]).value
    0.75
    """

    references: ClassVar[tuple[str, ...]] = (
        "D. Gusfield: Partition-distance: a problem and class of perfect graphs arising in clustering. Inf. Process. Lett. 82 "
        "(2002)",
    )

    @property
    def traits(self) -> Traits:  # pyright: ignore[reportIncompatibleVariableOverride] - depends on the kind of outputs
        """What this measure promises: with labels, any change of their numbers that keeps them whole and apart."""
        more = frozenset({"unit_scaling", "translation"}) if self.kind == "labels" else frozenset[str]()
        return Traits(True, True, True, 1.0, frozenset({"permutation", "isotropic_scaling"}) | more, "outputs")

    def compare(self, a: PreparedDecisions, b: PreparedDecisions) -> Score:
        """Compare two prepared networks."""
        decisions = matched_decisions(a, b, same_classes=False)
        if decisions is None:
            return Score.missing(self.id, Status.DEGENERATE)
        x, y = (np.unique(v, return_inverse=True)[1].ravel() for v in decisions)
        together = np.zeros((int(x.max()) + 1, int(y.max()) + 1))
        np.add.at(together, (x, y), 1.0)
        i, j = linear_sum_assignment(together, maximize=True)
        value = float(together[i, j].sum() / len(x))
        return Score(self.id, value, 1.0 - value, value)
