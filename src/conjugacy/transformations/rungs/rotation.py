"""Rotation: an orthogonal map (a partial isometry between different widths), a shift and one scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from conjugacy.numerics.device import product as multiplied
from conjugacy.numerics.device import thin_svd
from conjugacy.numerics.held_out import without_each_fold
from conjugacy.numerics.scratch import scratch
from conjugacy.transformations.compact import WIDE, compact_pair, per_unit
from conjugacy.transformations.kinds import register
from conjugacy.transformations.linear import LinearMap, embed
from conjugacy.transformations.rung import Rung
from conjugacy.transformations.transformation import Transformation
from conjugacy.transformations.way import Way

TINY = 1e-150  # against division by zero
NOTHING = 1e-10  # singular values under this share of the largest are rounding


@register
@dataclass(frozen=True, eq=False)
class Rotation(Transformation):
    """y = shift_out + scale (x - shift_in) q, with q an isometry; the inverse is q^T with the reciprocal scale.

    The inverse is exact for equal widths without constant units; else it is the least-squares way back,
    which is also what is fitted in the other direction.
    """

    kind: ClassVar[str] = "rotation"
    q: np.ndarray
    scale: float
    shift_in: np.ndarray
    shift_out: np.ndarray

    @property
    def n_in(self) -> int:
        """Number of units it takes."""
        return self.q.shape[0]

    @property
    def n_out(self) -> int:
        """Number of units it gives."""
        return self.q.shape[1]

    def invert(self) -> Rotation:
        """Return the rotation back."""
        return Rotation(self.q.T, 1.0 / self.scale, self.shift_out, self.shift_in)

    @property
    def maps(self) -> tuple[LinearMap]:
        """The isometry times the scale."""
        return (LinearMap(self.scale * self.q, self.shift_in, self.shift_out),)

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Map rows (m, n_in)."""
        return self.shift_out + self.scale * ((x - self.shift_in) @ self.q)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return isometry, scale and shifts."""
        return {"q": self.q, "scale": np.array([self.scale]), "shift_in": self.shift_in, "shift_out": self.shift_out}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Rotation:
        """Rebuild from isometry, scale and shifts."""
        return cls(arrays["q"], float(arrays["scale"][0]), arrays["shift_in"], arrays["shift_out"])


@final
class RotationRung(Rung):
    """Fitted by Procrustes on units with one common scale."""

    name = "rotation"
    place = 30
    words = "a rotation with one scale"
    invariances = frozenset({"permutation", "isotropic_scaling", "translation"})
    contains = ("identity",)
    graded = True
    side = 1

    def least(self, way: Way, enough: float) -> float:
        """Return what least squares leaves, or, where that is not enough, the rotation fitted to the rows that are judged.

        The latter is no strict bound: it is fitted with the units as loud as they are.
        """
        linear = way.least_linear
        if linear >= enough or way.weights is not None:
            return linear
        a, b = way.source, way.target
        (x, _), (y, basis) = compact_pair(a, b)
        q, scale = _procrustes(multiplied(x.T, y), (x**2).sum(), (y**2).sum())
        left = per_unit(multiplied(scale * x, q), basis, b, scaled=False)[:, b.judged]
        return max(linear, float((left**2).sum() / way.totals.sum()))

    def residuals(self, way: Way) -> np.ndarray:
        """Return the residuals, refitted for every fold."""
        return _both_ways(way)[0]

    def residuals_both_ways(self, way: Way) -> tuple[np.ndarray, np.ndarray]:
        """Return both: one isometry is fitted for both directions."""
        return _both_ways(way)

    def graded_residuals(self, way: Way) -> np.ndarray:
        """Return those between units of equal variance, which is not the rung itself but grades alike layers."""
        return _both_ways(way, scaled=True)[0]

    def numbers_fitted(self, way: Way) -> float:
        """Count an isometry between as many dimensions as the layers span, a shift and a scale."""
        p, q = sorted((len(way.source.ridge.s), len(way.target.ridge.s)))
        return 1.0 + (p * q - p * (p + 1) / 2 + 1) / len(way.target.ridge.s)

    def fit(self, there: Way, back: Way) -> Rotation:
        """Return the rotation fitted on all rows; with more units than rows an isometry of what the rows span."""
        source, target = there.source, there.target
        (x, basis_x), (y, basis_y) = compact_pair(source, target)
        q, scale = _procrustes(multiplied(x.T, y), (x**2).sum(), (y**2).sum(), complete=True)
        q = q if basis_x is None else multiplied(basis_x, q)
        q = q if basis_y is None else multiplied(q, basis_y.T)
        scale = scale * target.scale / source.scale
        return Rotation(embed(q, source.live, target.live), scale, source.mean, target.mean)


def _both_ways(way: Way, *, scaled: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return the residuals of b from a, (m, q), and of a from b, (m, p): the way back is the isometry's transpose.

    With `scaled` both networks enter with unit variance per unit.
    """
    a, b = way.source, way.target
    (x, basis_x), (y, basis_y) = compact_pair(a, b, scaled=scaled)
    told_x, told_y = scratch(x.shape), scratch(y.shape)
    width = min(x.shape[1], y.shape[1])
    for rest in without_each_fold(x, y, way.folds_for(width), single=width > WIDE):
        q, scale = _procrustes(rest.product, rest.squares_x.sum(), rest.squares_y.sum())
        out_x, out_y = x[rest.test] - rest.mean_x, y[rest.test] - rest.mean_y
        told_y[rest.test] = rest.mean_y + multiplied(scale * out_x, q)
        told_x[rest.test] = rest.mean_x + multiplied(out_y, q.T) / max(scale, TINY)
    del x, y
    of_y = per_unit(told_y, basis_y, b, scaled=scaled)
    del told_y  # before as much is taken for the other
    return of_y, per_unit(told_x, basis_x, a, scaled=scaled)


def _procrustes(
    product: np.ndarray, squares_x: float, squares_y: float, *, complete: bool = False
) -> tuple[np.ndarray, float]:
    """Return the isometry q maximising tr(q^T x^T y), and the ratio of norms.

    Directions in which the rows hold nothing are sent to zero: where they would go is up to rounding. With `complete` they
    are kept, so that q is an isometry of all units. Of many coordinates single precision does, except where q is kept.
    """
    single = min(product.shape) > WIDE and not complete
    u, s, vt = thin_svd(product.astype(np.float32) if single else product)
    keep = slice(None) if complete else s > NOTHING * s[0]
    return multiplied(u[:, keep], vt[keep]).astype(np.float64, copy=False), float(
        np.sqrt(squares_y / max(squares_x, 1e-300))
    )
