"""Generalised shape metric: the angle between two networks after partial whitening and the best rotation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from conjugacy.errors import InputError
from conjugacy.measure import Measure, Traits, as_activations
from conjugacy.measures._shapes import PairOfShapes, PreparedShape, pairs_of_shapes
from conjugacy.numerics.alignment.canonical import view_of
from conjugacy.numerics.columns import centred_live, unit_norm
from conjugacy.results import Score, Status

ROTATIONS = frozenset({"permutation", "orthogonal", "isotropic_scaling", "translation"})


@dataclass(frozen=True)
class ShapeMetric(Measure):
    """Shape metric: arccos |X_w^T Y_w|_*, X_w having the singular values alpha s + (1 - alpha) of X, and Frobenius norm 1.

    `alpha` = 1 is the angular Procrustes distance, `alpha` = 0 whitens: the angle whose cosine is the sum of canonical
    correlations over sqrt(rank X rank Y). X is scaled to a mean squared singular value of 1 before, so that units of measurement
    do not decide how much is whitened. A metric at every alpha. `similarity()` is the cosine. With ranks that add up to the
    number of stimuli or more, whitened networks come out near whatever they are: the status tells.

    Attributes
    ----------
    alpha : float
        From 0, blind to any invertible linear map, to 1, blind to rotations only.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(50, 4))
    >>> stretched = x @ np.diag([1.0, 2.0, 3.0, 4.0])
    >>> ShapeMetric(alpha=0.0)(x, stretched).value < 1e-6 < 0.05 < ShapeMetric(alpha=1.0)(x, stretched).value
    True
    """

    alpha: float = 0.5

    references: ClassVar[tuple[str, ...]] = (
        "A. H. Williams, E. Kunz, S. Kornblith, S. Linderman: Generalized shape metrics on neural representations. NeurIPS 2021",
    )

    def __post_init__(self) -> None:
        if not 0 <= self.alpha <= 1:
            raise InputError(f"alpha: got {self.alpha}, expected a number from 0 (whitened) to 1 (as it is)")

    @property
    def traits(self) -> Traits:  # pyright: ignore[reportIncompatibleVariableOverride] - depends on alpha
        """What this measure promises at its alpha."""
        more = frozenset() if self.alpha else frozenset({"unit_scaling", "invertible_linear"})
        return Traits(True, True, False, 0.0, ROTATIONS | more)

    def prepare(self, data: Any) -> PreparedShape:
        """Centre, scale and whiten in part."""
        layer = as_activations(data)
        x = centred_live(layer.values)
        if not x.size:
            return PreparedShape(layer.rows, x)
        view = view_of(x)
        s = view.s / np.sqrt((view.s**2).mean())
        return PreparedShape(layer.rows, unit_norm(view.u * (self.alpha * s + (1.0 - self.alpha))))

    def compare(self, a: PreparedShape, b: PreparedShape) -> Score:
        """Compare two prepared networks."""
        return self.compare_all([a], [b])[0]

    def compare_all(self, a: Sequence[PreparedShape], b: Sequence[PreparedShape]) -> list[Score]:
        """Compare many pairs of prepared networks, a[i] with b[i]."""
        name = self.id
        return [self._score(name, pair) for pair in pairs_of_shapes(a, b)]

    def _score(self, name: str, pair: PairOfShapes | None) -> Score:
        if pair is None:
            return Score.missing(name, Status.DEGENERATE)
        rows = len(pair.x.x)
        few = rows - 1 <= max(pair.widths) if self.alpha == 1 else rows - 1 < sum(pair.widths)
        return Score(name, pair.angle, pair.angle, pair.cosine, Status.TOO_FEW_ROWS if few else Status.OK)
