"""Agreement after relabelling: how far two networks sort the stimuli into the same groups, whatever the groups are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from scipy.optimize import linear_sum_assignment

from conjugacy.data import aligned_rows
from conjugacy.measure import Measure, Traits, check_choices
from conjugacy.measures._outputs import PreparedDecisions, prepare_decisions
from conjugacy.results import Score, Status


@dataclass(frozen=True)
class RelabelledAgreement(Measure):
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

    kind: Literal["logits", "probabilities", "labels"] = "logits"

    references: ClassVar[tuple[str, ...]] = (
        "D. Gusfield: Partition-distance: a problem and class of perfect graphs arising in clustering. Inf. Process. Lett. 82 "
        "(2002)",
    )

    def __post_init__(self) -> None:
        check_choices(self)

    @property
    def traits(self) -> Traits:  # pyright: ignore[reportIncompatibleVariableOverride] - depends on the kind of outputs
        """What this measure promises: with labels, any change of their numbers that keeps them whole and apart."""
        more = frozenset({"unit_scaling", "translation"}) if self.kind == "labels" else frozenset[str]()
        return Traits(True, True, True, 1.0, frozenset({"permutation", "isotropic_scaling"}) | more, "outputs")

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
        if not (a.status.is_ok and b.status.is_ok):
            return Score.missing(self.id, Status.DEGENERATE)
        x, y = (np.unique(v, return_inverse=True)[1].ravel() for v in (a.classes[rows_a], b.classes[rows_b]))
        together = np.zeros((int(x.max()) + 1, int(y.max()) + 1))
        np.add.at(together, (x, y), 1.0)
        i, j = linear_sum_assignment(together, maximize=True)
        value = float(together[i, j].sum() / len(x))
        return Score(self.id, value, 1.0 - value, value)
