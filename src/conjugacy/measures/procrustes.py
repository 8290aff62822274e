"""Procrustes shape distance: the angle between two networks after the best rotation."""

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
class PreparedShape:
    """Centred columns of Frobenius norm 1; empty where nothing varies."""

    layer: Activations
    x: np.ndarray


@dataclass(frozen=True)
class Procrustes(Measure):
    """Angular Procrustes distance: arccos(|X^T Y|_*) with X, Y centred and of Frobenius norm 1.

    A metric on shapes. Networks of different width are compared as if the narrower had silent units. `similarity()` is the
    cosine, the nuclear norm |X^T Y|_*. With at least as many units as stimuli it says little: the status tells.

    Examples
    --------
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
        layer = as_activations(data)
        x = centred_live(layer.values)
        return PreparedShape(layer, compact(unit_norm(x)) if x.size else x)

    def compare(self, a: PreparedShape, b: PreparedShape) -> Score:
        """Compare two prepared networks."""
        rows_a, rows_b = aligned_rows(a.layer, b.layer)
        if not a.x.size or not b.x.size:
            return Score.missing(self.id, Status.DEGENERATE)
        x, y = a.x[rows_a], b.x[rows_b]
        cosine, angle = shape_angle(x, y)
        few = len(x) <= max(x.shape[1], y.shape[1])
        return Score(self.id, angle, angle, cosine, Status.TOO_FEW_ROWS if few else Status.OK)
