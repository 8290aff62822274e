"""Smooth invertible: kernel ridge regression in both directions, bandwidth and strength chosen on held-out rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from conjugacy.transformations.kernel_map import KernelMap
from conjugacy.transformations.kinds import below, prefixed, register
from conjugacy.transformations.linear import LinearMap
from conjugacy.transformations.rung import Rung
from conjugacy.transformations.rungs.affine import AffineRung, fit_one_way
from conjugacy.transformations.second import SECOND_FITS
from conjugacy.transformations.sum_map import SumMap, one_way_of
from conjugacy.transformations.transformation import Transformation
from conjugacy.transformations.way import Way


@register
@dataclass(frozen=True, eq=False)
class Smooth(Transformation):
    """A smooth map with the map fitted in the other direction as its inverse.

    Attributes
    ----------
    forward, backward : KernelMap, LinearMap or SumMap
        A linear map where that predicts the held-out rows better: affine maps are smooth too.
    """

    kind: ClassVar[str] = "smooth"
    forward: KernelMap | LinearMap | SumMap
    backward: KernelMap | LinearMap | SumMap

    @property
    def n_in(self) -> int:
        """Number of units it takes."""
        return self.forward.n_in

    @property
    def n_out(self) -> int:
        """Number of units it gives."""
        return self.forward.n_out

    def invert(self) -> Smooth:
        """Return the map fitted in the other direction."""
        return Smooth(self.backward, self.forward)

    @property
    def maps(self) -> tuple[KernelMap | LinearMap | SumMap]:
        """The map forward."""
        return (self.forward,)

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Map rows (m, n_in)."""
        return self.forward.apply(x)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return both directions."""
        return prefixed("forward", self.forward.arrays()) | prefixed("backward", self.backward.arrays())

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Smooth:
        """Rebuild both directions."""
        parts = [below(side, arrays) for side in ("forward", "backward")]
        maps = [one_way_of(part) for part in parts]
        return cls(maps[0], maps[1])


@final
class SmoothRung(Rung):
    """Affine maps are smooth: where the affine map predicts held-out rows no worse than the kernel map, it is taken."""

    name = "smooth"
    place = 50
    words = "a smooth invertible map"
    estimator = "kernel ridge regression, Matern-5/2, bandwidth and strength chosen on training rows"
    invariances = frozenset({"permutation", "isotropic_scaling", "translation"})
    contains = (AffineRung.name,)
    takes = AffineRung.name
    graded = True
    power_check = True
    any_invertible = True

    def residuals(self, way: Way) -> np.ndarray:
        """Return the kernel map's residuals."""
        return way.regression.residuals_of(way.target)

    def numbers_fitted(self, way: Way) -> float:
        """Return no bound: what a fit on few rows costs is told by the power check."""
        return float("inf")

    def fit(self, there: Way, back: Way) -> Smooth:
        """Return the map fitted on all rows in both directions."""
        return Smooth(self._one_way(there), self._one_way(back))

    def _one_way(self, way: Way) -> KernelMap | LinearMap | SumMap:
        if way.second is not None:
            return SECOND_FITS[way.second](way).fit(way.target)
        return way.regression.fit(way.target) if way.map_of(self.name) == self.name else fit_one_way(way)
