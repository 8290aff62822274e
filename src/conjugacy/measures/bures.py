"""Normalised Bures similarity of two networks' kernels: how far they overlap as if they were densities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from conjugacy.measure import Measure, Traits
from conjugacy.measures._shapes import PreparedShape, matched_shapes, prepare_shape, rotation_status
from conjugacy.numerics.procrustes import shape_angle
from conjugacy.results import Score, Status


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

    def prepare(self, data: Any) -> PreparedShape:
        """Centre and scale."""
        return prepare_shape(data)

    def compare(self, a: PreparedShape, b: PreparedShape) -> Score:
        """Compare two prepared networks."""
        both = matched_shapes(a, b)
        if both is None:
            return Score.missing(self.id, Status.DEGENERATE)
        cosine, angle = shape_angle(*both)
        # the chord of the angle, which keeps its digits near zero
        return Score(self.id, cosine, 2.0 * float(np.sin(angle / 2)), cosine, rotation_status(*both))
