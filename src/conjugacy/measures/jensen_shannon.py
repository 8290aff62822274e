"""Jensen-Shannon divergence between two networks' class probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from scipy.special import log_softmax, xlogy

from conjugacy.data import Rows, aligned_rows
from conjugacy.measure import Measure, Traits, as_activations, check_choices
from conjugacy.measures._outputs import checked, require_same_classes
from conjugacy.results import Score, Status


@dataclass(frozen=True, eq=False)
class PreparedProbabilities:
    """Class probabilities (m, c) and their negative entropies (m,)."""

    rows: Rows
    p: np.ndarray
    negative_entropy: np.ndarray
    status: Status


@dataclass(frozen=True)
class JensenShannon(Measure):
    """Jensen-Shannon divergence in bits, mean over stimuli of H((p + q) / 2) - (H(p) + H(q)) / 2.

    Of outputs, not of hidden units; from 0 to 1. `similarity()` is 1 - value. `distance()` is the mean over stimuli of its
    root, which is a metric.

    Attributes
    ----------
    kind : {"logits", "probabilities"}
        Scores that go through a softmax, or probabilities.

    Examples
    --------
    >>> JensenShannon(kind="probabilities")([[1.0, 0.0], [0.5, 0.5]], [[0.0, 1.0], [0.5, 0.5]]).value
    0.5
    """

    kind: Literal["logits", "probabilities"] = "logits"

    traits: ClassVar[Traits] = Traits(
        symmetric=True,
        metric=True,
        larger_is_more_similar=False,
        identity_value=0.0,
        invariances=frozenset(),
        data="outputs",
    )
    references: ClassVar[tuple[str, ...]] = (
        "J. Lin: Divergence measures based on the Shannon entropy. IEEE Trans. Inf. Theory 37 (1991)",
        "D. Endres, J. Schindelin: A new metric for probability distributions. IEEE Trans. Inf. Theory 49 (2003)",
    )

    def __post_init__(self) -> None:
        check_choices(self)

    def prepare(self, data: Any) -> PreparedProbabilities:
        """Bring outputs to probabilities and compute their entropies."""
        layer = as_activations(data, masks=True)
        values = checked(layer, self.kind)
        p = np.exp(log_softmax(values, axis=1)) if self.kind == "logits" else np.maximum(values, 0.0)
        p = p / p.sum(axis=1, keepdims=True)
        status = Status.OK if np.ptp(layer.finite, axis=0).any() else Status.DEGENERATE
        return PreparedProbabilities(layer.rows, p, xlogy(p, p).sum(axis=1), status)

    def compare(self, a: PreparedProbabilities, b: PreparedProbabilities) -> Score:
        """Compare two prepared networks."""
        rows_a, rows_b = aligned_rows(a.rows, b.rows)
        require_same_classes(a.p.shape[1], b.p.shape[1])
        if not (a.status.is_ok and b.status.is_ok):
            return Score.missing(self.id, Status.DEGENERATE)
        p, q = a.p[rows_a], b.p[rows_b]
        middle = (p + q) / 2
        own = (a.negative_entropy[rows_a] + b.negative_entropy[rows_b]) / 2
        bits = np.clip((own - xlogy(middle, middle).sum(axis=1)) / np.log(2), 0.0, 1.0)
        bits[bits < 1e-15] = 0.0  # rounding, whose root would show
        value = float(bits.mean())
        return Score(self.id, value, float(np.sqrt(bits).mean()), 1.0 - value)
