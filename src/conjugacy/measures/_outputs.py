"""What measures on outputs share: classes and probabilities out of what a network answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from conjugacy.data import Activations, Rows, aligned_rows
from conjugacy.errors import InputError, ShapeError
from conjugacy.measure import Measure, as_activations, check_choices
from conjugacy.results import Status


@dataclass(frozen=True, eq=False)
class PreparedDecisions:
    """The chosen class of every stimulus (m,), the number of classes where outputs tell it, and why there are none."""

    rows: Rows
    classes: np.ndarray
    count: int | None
    status: Status


def prepare_decisions(data: Any, kind: str) -> PreparedDecisions:
    """Return the class that a network chooses for every stimulus: the largest output, or the label itself."""
    layer = as_activations(data, masks=True)
    values = checked(layer, kind)
    status = Status.OK if np.ptp(layer.finite, axis=0).any() else Status.DEGENERATE
    if kind == "labels":
        return PreparedDecisions(layer.rows, values[:, 0].astype(np.int64), None, status)
    return PreparedDecisions(layer.rows, values.argmax(axis=1), values.shape[1], status)


@dataclass(frozen=True)
class DecisionMeasure(Measure):
    """A measure of the classes that two networks choose."""

    kind: Literal["logits", "probabilities", "labels"] = "logits"

    def __post_init__(self) -> None:
        check_choices(self)

    @property
    def preparation(self) -> str:
        """Shared by the measures on chosen classes."""
        return f"decisions:kind={self.kind}"

    def prepare(self, data: Any) -> PreparedDecisions:
        """Choose a class for every stimulus."""
        return prepare_decisions(data, self.kind)


def matched_decisions(
    a: PreparedDecisions, b: PreparedDecisions, *, same_classes: bool
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return both networks' classes stimulus by stimulus, (m,) each; None where one always answers the same.

    Raises
    ------
    StimuliError, ShapeError
        Where the stimuli differ, or the numbers of classes though these are to be the same.
    """
    rows_a, rows_b = aligned_rows(a.rows, b.rows)
    if same_classes:
        require_same_classes(a.count, b.count)
    if not (a.status.is_ok and b.status.is_ok):
        return None
    return a.classes[rows_a], b.classes[rows_b]


def checked(layer: Activations, kind: str) -> np.ndarray:
    """Return the outputs, which must be what their kind says.

    Raises
    ------
    ShapeError
        Where classes have no column each, or labels more than one.
    InputError
        Where labels are no whole numbers, or rows no probabilities.
    """
    values, (m, n) = layer.values, layer.shape
    if kind == "labels":
        if n != 1:
            raise ShapeError(f"outputs: got shape {(m, n)}, expected one column of class numbers for kind=labels")
        if not np.all(values == np.round(values)):
            raise InputError("outputs: got fractions, expected whole class numbers for kind=labels")
    elif n < 2:
        raise ShapeError(
            f"outputs: got shape {(m, n)}, expected a column per class for kind={kind}; or give kind=labels"
        )
    if kind == "probabilities" and (values.min() < -1e-6 or not np.allclose(values.sum(axis=1), 1.0, atol=1e-2)):
        raise InputError(
            "outputs: rows are not non-negative with sum 1; for scores before the softmax give kind=logits"
        )
    return values


def require_same_classes(a: int | None, b: int | None) -> None:
    """Refuse networks whose classes cannot be the same."""
    if a != b:
        raise ShapeError(f"outputs of {a} and of {b} classes: expected the same classes, in the same order; classes under other "
                         "names can be compared by agreement")  # fmt: skip
