"""Affine: any linear map with a shift, fitted by ridge regression in both directions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from conjugacy.numerics.regression import ridge_fold_residuals, ridge_matrix, ridge_shrinkage
from conjugacy.transformations.compact import told_in_few
from conjugacy.transformations.kinds import below, prefixed, register
from conjugacy.transformations.linear import LinearMap, embed
from conjugacy.transformations.rung import Rung
from conjugacy.transformations.transformation import Transformation
from conjugacy.transformations.way import Way


@register
@dataclass(frozen=True, eq=False)
class Affine(Transformation):
    """y = shift_out + (x - shift_in) matrix, with the map back beside it.

    Attributes
    ----------
    forward, backward : LinearMap
        The two directions. `backward` is the exact inverse where the matrix is square and its inverse predicts
        the source's rows no worse than the map fitted in the other direction; else it is that fitted map.
    """

    kind: ClassVar[str] = "affine"
    forward: LinearMap
    backward: LinearMap

    @property
    def n_in(self) -> int:
        """Number of units it takes."""
        return self.forward.n_in

    @property
    def n_out(self) -> int:
        """Number of units it gives."""
        return self.forward.n_out

    def invert(self) -> Affine:
        """Return the map back."""
        return Affine(self.backward, self.forward)

    @property
    def maps(self) -> tuple[LinearMap]:
        """The map forward."""
        return (self.forward,)

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Map rows (m, n_in)."""
        return self.forward.apply(x)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return both directions."""
        return prefixed("forward", self.forward.arrays()) | prefixed("backward", self.backward.arrays())

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Affine:
        """Rebuild both directions."""
        return cls(LinearMap.from_arrays(below("forward", arrays)), LinearMap.from_arrays(below("backward", arrays)))


@final
class AffineRung(Rung):
    """Fitted by ridge regression, the strength chosen on held-out rows."""

    name = "affine"
    place = 40
    words = "an affine map"
    invariances = frozenset({"permutation", "isotropic_scaling", "translation"})
    contains = ("permutation", "rotation")
    graded = True

    def least(self, way: Way, enough: float) -> float:
        """Return what least squares leaves."""
        return way.least_linear

    def residuals(self, way: Way) -> np.ndarray:
        """Return the ridge map's residuals, without refitting."""
        source, folds, strength = way.source.ridge, way.folds, way.strength
        return told_in_few(way.target, lambda told: ridge_fold_residuals(source, told, folds, strength))

    def numbers_fitted(self, way: Way) -> float:
        """Return the trace of the ridge map's hat matrix, and 1 for the shift."""
        return float(ridge_shrinkage(way.source.ridge, way.strength).sum()) + 1.0

    def fit(self, there: Way, back: Way) -> Affine:
        """Return the affine map fitted on all rows with its way back."""
        forward, backward = fit_one_way(there), fit_one_way(back)
        exact = _exact_inverse(forward)
        if exact is not None and _error(exact, back) <= 1.05 * _error(backward, back) + 1e-12:
            backward = exact
        return Affine(forward, backward)


def fit_one_way(way: Way) -> LinearMap:
    """Return the ridge map fitted on all rows."""
    source, target = way.source, way.target
    coefficients = ridge_matrix(source.z, source.ridge, target.z, way.strength)
    coefficients = coefficients / source.std[source.live][:, None] * target.std[target.live]
    return LinearMap(embed(coefficients, source.live, target.live), source.mean, target.mean)


def _exact_inverse(forward: LinearMap) -> LinearMap | None:
    if forward.n_in != forward.n_out or np.linalg.cond(forward.matrix) > 1e8:
        return None
    return LinearMap(np.linalg.inv(forward.matrix), forward.shift_out, forward.shift_in)


def _error(found: LinearMap, way: Way) -> float:
    source, target = way.source, way.target
    residual = (target.values - found.apply(source.values))[:, target.live] / target.std[target.live]
    return float((residual**2).mean())
