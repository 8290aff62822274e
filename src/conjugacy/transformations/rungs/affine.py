"""Affine: any linear map with a shift, fitted by ridge regression in both directions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from conjugacy.numerics.regression import ridge_choose, ridge_fold_residuals, ridge_matrix, ridge_shrinkage
from conjugacy.transformations.kinds import below, prefixed, register
from conjugacy.transformations.layer import Layer
from conjugacy.transformations.linear import LinearMap, embed
from conjugacy.transformations.transformation import Transformation


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


def residuals(source: Layer, target: Layer, folds: np.ndarray) -> np.ndarray:
    """Return held-out residuals in units of the target's standard deviations, (m, p)."""
    strength = ridge_choose(source.ridge, target.sketch, folds)
    return ridge_fold_residuals(source.ridge, target.z, folds, strength)


def effective_dimensions(source: Layer, target: Layer, folds: np.ndarray) -> float:
    """Return how many numbers per target unit the ridge map fits, the trace of its hat matrix and the shift."""
    strength = ridge_choose(source.ridge, target.sketch, folds)
    return float(ridge_shrinkage(source.ridge, strength).sum()) + 1.0


def fit_one_way(source: Layer, target: Layer, folds: np.ndarray) -> LinearMap:
    """Return the ridge map fitted on all rows."""
    strength = ridge_choose(source.ridge, target.sketch, folds)
    coefficients = ridge_matrix(source.ridge, target.z, strength)
    coefficients = coefficients / source.std[source.live][:, None] * target.std[target.live]
    return LinearMap(embed(coefficients, source.live, target.live), source.mean, target.mean)


def fit(source: Layer, target: Layer, folds: np.ndarray) -> Affine:
    """Return the affine map fitted on all rows with its way back."""
    forward, backward = fit_one_way(source, target, folds), fit_one_way(target, source, folds)
    exact = _exact_inverse(forward)
    if exact is not None and _error(exact, target, source) <= 1.05 * _error(backward, target, source) + 1e-12:
        backward = exact
    return Affine(forward, backward)


def _exact_inverse(forward: LinearMap) -> LinearMap | None:
    if forward.n_in != forward.n_out or np.linalg.cond(forward.matrix) > 1e8:
        return None
    return LinearMap(np.linalg.inv(forward.matrix), forward.shift_out, forward.shift_in)


def _error(back: LinearMap, target: Layer, source: Layer) -> float:
    residual = (source.values - back.apply(target.values))[:, source.live] / source.std[source.live]
    return float((residual**2).mean())
