"""Normalised Bures similarity of two networks' kernels: how far they overlap as if they were densities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from conjugacy.data import Activations, aligned_rows
from conjugacy.measure import Measure, Traits, as_activations
from conjugacy.numerics.columns import centred_live, compact, unit_norm
from conjugacy.numerics.procrustes import shape_angle
from conjugacy.results import Score, Status


@dataclass(frozen=True, eq=False)
class PreparedRoot:
    """A root X of the centred kernel K = X X^T of trace 1; empty where nothing varies."""

    layer: Activations
    x: np.ndarray


@dataclass(frozen=True)
class Bures(Measure):
    """Normalised Bures similarity: tr((K^1/2 L K^1/2)^1/2) / sqrt(tr K tr L), with K = X X^T and L = Y Y^T centred.

    Computed as the nuclear norm |X^T Y|_* of columns of Frobenius norm 1, which is the same number: the cosine of the angular
    Procrustes distance (`procrustes`). `distance()` is the Bures distance of kernels of trace 1, sqrt(2 - 2 value), a metric.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(50, 4))
    >>> round(Bures()(x, -2 * x[:, ::-1]).value, 9)
    1.0
    """

    traits: ClassVar[Traits] = Traits(
        symmetric=True,
        metric=True,
        larger_is_more_similar=True,
        identity_value=1.0,
        invariances=frozenset({"permutation", "orthogonal", "isotropic_scaling", "translation"}),
    )
    references: ClassVar[tuple[str, ...]] = (
        "S. Tang, W. Maddox, C. Dickens, T. Diethe, A. Damianou: Similarity of neural networks with gradients. "
        "arXiv:2003.11498 (2020)",
        "S. Harvey, B. Larsen, A. H. Williams: Duality of Bures and shape distances with implications for comparing neural "
        "representations. UniReps 2023",
    )

    def prepare(self, data: Any) -> PreparedRoot:
        """Centre and scale."""
        layer = as_activations(data)
        x = centred_live(layer.values)
        return PreparedRoot(layer, compact(unit_norm(x)) if x.size else x)

    def compare(self, a: PreparedRoot, b: PreparedRoot) -> Score:
        """Compare two prepared networks."""
        rows_a, rows_b = aligned_rows(a.layer, b.layer)
        if not a.x.size or not b.x.size:
            return Score.missing(self.id, Status.DEGENERATE)
        x, y = a.x[rows_a], b.x[rows_b]
        cosine, angle = shape_angle(x, y)
        few = len(x) <= max(x.shape[1], y.shape[1])
        # the chord of the angle, which keeps its digits near zero
        return Score(self.id, cosine, 2.0 * float(np.sin(angle / 2)), cosine, Status.TOO_FEW_ROWS if few else Status.OK)
