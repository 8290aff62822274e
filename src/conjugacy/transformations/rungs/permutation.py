"""Permutation: every unit of one network is one unit of the other, up to a gain and a shift."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from conjugacy.numerics.alignment.assignment import assigned
from conjugacy.numerics.device import product
from conjugacy.numerics.held_out import without_each_fold
from conjugacy.numerics.scratch import scratch
from conjugacy.transformations.compact import WIDE
from conjugacy.transformations.kinds import register
from conjugacy.transformations.layer import Layer
from conjugacy.transformations.linear import LinearMap
from conjugacy.transformations.rung import Rung
from conjugacy.transformations.transformation import Transformation
from conjugacy.transformations.way import Way

ROUNDING = 1e-6  # of the largest spread: the rows of a fold are taken off sums, and leave as much where nothing remains


@register
@dataclass(frozen=True, eq=False)
class Permutation(Transformation):
    """y_j = shift_out_j + gain_j (x_{order_j} - shift_in_{order_j}); exact inverse.

    Attributes
    ----------
    order : int array, (n,)
        Unit `order[j]` of the source is unit j of the target.
    gain : array, (n,)
        Nonzero; the ratio of the two units' spreads with the sign of their correlation.
    shift_in, shift_out : array, (n,)
        The units' means.
    """

    kind: ClassVar[str] = "permutation"
    order: np.ndarray
    gain: np.ndarray
    shift_in: np.ndarray
    shift_out: np.ndarray

    @property
    def n_in(self) -> int:
        """Number of units it takes."""
        return len(self.order)

    @property
    def n_out(self) -> int:
        """Number of units it gives."""
        return len(self.order)

    def invert(self) -> Permutation:
        """Return the permutation back with the reciprocal gains; exact."""
        back = np.argsort(self.order)
        return Permutation(back, 1.0 / self.gain[back], self.shift_out, self.shift_in)

    @property
    def maps(self) -> tuple[LinearMap]:
        """A matrix with one entry per row and column."""
        matrix = np.zeros((len(self.order), len(self.order)))
        matrix[self.order, np.arange(len(self.order))] = self.gain
        return (LinearMap(matrix, self.shift_in, self.shift_out),)

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Map rows (m, n)."""
        return self.shift_out + self.gain * (x - self.shift_in)[:, self.order]

    def arrays(self) -> dict[str, np.ndarray]:
        """Return order, gain and shifts."""
        return {"order": self.order, "gain": self.gain, "shift_in": self.shift_in, "shift_out": self.shift_out}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Permutation:
        """Rebuild from order, gain and shifts."""
        return cls(arrays["order"].astype(np.int64), arrays["gain"], arrays["shift_in"], arrays["shift_out"])


@final
class PermutationRung(Rung):
    """Units are paired one to one by their correlations; every pair has a gain and a shift."""

    name = "permutation"
    place = 20
    words = "a permutation of units"
    invariances = frozenset({"permutation", "isotropic_scaling", "translation", "unit_scaling"})
    contains = ("identity",)
    unit_by_unit = True
    side = -1

    def own_words(self, there: Way) -> str | None:
        """Say where no unit changes its place."""
        order, _ = _pairing(there)
        return "the same units, rescaled" if np.array_equal(order, np.arange(len(order))) else None

    def advice(self, source: Layer, target: Layer) -> str | None:
        """Say that widths differ, or the numbers of units that vary."""
        if source.n != target.n:
            return f"the layers have {source.n} and {target.n} units: a permutation needs equal widths"
        p, q = int(source.live.sum()), int(target.live.sum())
        if p != q:
            return f"the layers have {p} and {q} units that vary: a permutation needs equal numbers"
        return None

    def least(self, way: Way, enough: float) -> float:
        """Return what least squares leaves, or what the unit that is most like each leaves of it: the mean of 1 - r^2.

        Both are fitted to the rows that are judged.
        """
        linear = way.least_linear
        if linear >= enough or way.weights is not None:
            return linear
        x, y = way.source.z, way.target.z[:, way.target.judged]
        alike = np.abs(product(x.T, y)).max(axis=0) / way.target.m
        return max(linear, float(1.0 - (alike**2).mean()))

    def residuals(self, way: Way) -> np.ndarray:
        """Return the residuals, the pairing and its gains refitted for every fold."""
        return self.residuals_both_ways(way)[0]

    def residuals_both_ways(self, way: Way) -> tuple[np.ndarray, np.ndarray]:
        """Return both: one pairing is fitted for both directions, its gains back are the reciprocals."""
        x, y = way.source.z, way.target.z
        of_x, of_y = scratch(x.shape), scratch(y.shape)
        for rest in without_each_fold(x, y, way.folds_for(x.shape[1]), single=x.shape[1] > WIDE):
            order, gain = _match(rest.product, np.sqrt(rest.squares_x), np.sqrt(rest.squares_y))
            out_x, out_y = (x[rest.test] - rest.mean_x)[:, order], y[rest.test] - rest.mean_y
            of_y[rest.test] = out_y - gain * out_x
            of_x[rest.test] = (out_x - out_y / gain)[:, np.argsort(order)]
        return of_y, of_x

    def numbers_fitted(self, way: Way) -> float:
        """Return 2, a gain and a shift."""
        return 2.0

    def fit(self, there: Way, back: Way) -> Permutation:
        """Return the permutation fitted on all rows; constant units are paired in order with gain 1."""
        whole, gains = _pairing(there)
        return Permutation(whole, gains, there.source.mean, there.target.mean)


def _pairing(there: Way) -> tuple[np.ndarray, np.ndarray]:
    """Return the source unit of every target unit, and its gain, from all rows."""
    source, target = there.source, there.target
    x, y = source.z, target.z
    order, gain = _match(product(x.T, y), np.sqrt((x**2).sum(axis=0)), np.sqrt((y**2).sum(axis=0)))
    whole = np.empty(source.n, dtype=np.int64)
    gains = np.ones(source.n)
    whole[target.live] = np.flatnonzero(source.live)[order]
    whole[~target.live] = np.flatnonzero(~source.live)
    gains[target.live] = gain * target.std[target.live] / source.std[source.live][order]
    return whole, gains


def _match(product: np.ndarray, spread_x: np.ndarray, spread_y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Assign source units to target units by the largest sum of absolute correlations; return order and gains.

    The gain is the ratio of spreads, not the regression slope: so the map fitted in the other direction is the exact inverse.
    """
    spread_x, spread_y = _beyond_rounding(spread_x), _beyond_rounding(spread_y)
    correlation = product / spread_x[:, None].astype(product.dtype)
    correlation /= spread_y.astype(product.dtype)
    order = assigned(np.abs(correlation))
    sign = np.where(correlation[order, np.arange(len(order))] < 0, -1.0, 1.0)
    return order, sign * spread_y / spread_x[order]


def _beyond_rounding(spreads: np.ndarray) -> np.ndarray:
    """Return spreads of units, of those that are still on these rows the largest, so that no gain has rounding for a divisor."""
    largest = float(spreads.max()) or 1.0
    return np.where(spreads > ROUNDING * largest, spreads, largest)
