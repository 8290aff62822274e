"""Procrustes shape distance: the angle between two networks after the best rotation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from conjugacy.measure import Measure, Traits
from conjugacy.measures._shapes import PreparedShape, matched_shapes, prepare_shape, rotation_status
from conjugacy.numerics.procrustes import shape_angle
from conjugacy.results import Score, Status


@dataclass(frozen=True)
class Procrustes(Measure):
    """Angular Procrustes distance: arccos(|X^T Y|_*) with X, Y centred and of Frobenius norm 1.

    A metric on shapes. Networks of different width are compared as if the narrower had silent units. `similarity()` is the
    cosine, the nuclear norm |X^T Y|_*. With at least as many units as stimuli it says little: the status tells.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=(50, 4))
    >>> bool(Procrustes()(x, -2 * x[:, ::-1]).value < 1e-6)
    True
    """

    traits: ClassVar[Traits] = Traits(
        symmetric=True,
        metric=True,
        larger_is_more_similar=False,
        identity_value=0.0,
        invariances=frozenset({"permutation", "orthogonal", "isotropic_scaling", "translation"}),
    )
    references: ClassVar[tuple[str, ...]] = (
        "A. H. Williams, E. Kunz, S. Kornblith, S. Linderman: Generalized shape metrics on neural representations. NeurIPS 2021",
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
        return Score(self.id, angle, angle, cosine, rotation_status(*both))
