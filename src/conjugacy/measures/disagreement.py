"""Disagreement: the share of stimuli for which two networks choose different classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from conjugacy.data import aligned_rows
from conjugacy.measure import Measure, Traits, check_choices
from conjugacy.measures._outputs import PreparedDecisions, prepare_decisions, require_same_classes
from conjugacy.results import Score, Status


@dataclass(frozen=True)
class Disagreement(Measure):
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

    kind: Literal["logits", "probabilities", "labels"] = "logits"

    references: ClassVar[tuple[str, ...]] = (
        "O. Madani, D. Pennock, G. Flake: Co-validation: using model disagreement on unlabeled data to validate classification "
        "algorithms. NeurIPS 2004",
    )

    def __post_init__(self) -> None:
        check_choices(self)

    @property
    def traits(self) -> Traits:  # pyright: ignore[reportIncompatibleVariableOverride] - depends on the kind of outputs
        """What this measure promises: the largest score stays the largest, a class number does not."""
        blind_to = frozenset[str]() if self.kind == "labels" else frozenset({"isotropic_scaling"})
        return Traits(True, True, False, 0.0, blind_to, "outputs")

    @property
    def preparation(self) -> str:
        """Shared by the measures on chosen classes."""
        return f"decisions:kind={self.kind}"

    def prepare(self, data: Any) -> PreparedDecisions:
        """Choose a class for every stimulus."""
        return prepare_decisions(data, self.kind)

    def compare(self, a: PreparedDecisions, b: PreparedDecisions) -> Score:
        """Compare two prepared networks."""
        rows_a, rows_b = aligned_rows(a.rows, b.rows)
        require_same_classes(a.count, b.count)
        if not (a.status.is_ok and b.status.is_ok):
            return Score.missing(self.id, Status.DEGENERATE)
        value = float((a.classes[rows_a] != b.classes[rows_b]).mean())
        return Score(self.id, value, value, 1.0 - value)
