"""Disagreement: the share of stimuli for which two networks choose different classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from conjugacy.measure import Traits
from conjugacy.measures._outputs import DecisionMeasure, PreparedDecisions, matched_decisions
from conjugacy.results import Score, Status


@dataclass(frozen=True)
class Disagreement(DecisionMeasure):
    """Disagreement: share of stimuli whose chosen classes differ, 1/m sum [argmax x_i != argmax y_i].

    Of outputs, not of hidden units; a metric. `similarity()` is the share of equal choices. Read it beside its null: networks
    that prefer one class agree by chance.

    Attributes
    ----------
    kind : {"logits", "probabilities", "labels"}
        What the outputs are: a score per class, a probability per class, or one column of class numbers.

    Examples
    --------
    >>> Disagreement()([[2.0, 1.0], [0.0, 3.0]], [[1.0, 0.0], [1.0, 0.0]]).status.name
    'DEGENERATE'
    >>> Disagreement()([[2.0, 1.0], [0.0, 3.0]], [[1.0, 0.0], [2.0, 0.0]]).value
    0.5
    """

    references: ClassVar[tuple[str, ...]] = (
        "O. Madani, D. Pennock, G. Flake: Co-validation: using model disagreement on unlabeled data to validate classification "
        "algorithms. NeurIPS 2004",
    )

    @property
    def traits(self) -> Traits:  # pyright: ignore[reportIncompatibleVariableOverride] - depends on the kind of outputs
        """What this measure promises: the largest score stays the largest, a class number does not."""
        blind_to = frozenset[str]() if self.kind == "labels" else frozenset({"isotropic_scaling"})
        return Traits(True, True, False, 0.0, blind_to, "outputs")

    def compare(self, a: PreparedDecisions, b: PreparedDecisions) -> Score:
        """Compare two prepared networks."""
        decisions = matched_decisions(a, b, same_classes=True)
        if decisions is None:
            return Score.missing(self.id, Status.DEGENERATE)
        first, second = decisions
        value = float((first != second).mean())
        return Score(self.id, value, value, 1.0 - value)
