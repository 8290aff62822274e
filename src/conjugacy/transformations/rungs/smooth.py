"""Smooth invertible: kernel ridge regression in both directions, bandwidth and strength chosen on held-out rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from conjugacy.transformations.kernel_map import KernelMap
from conjugacy.transformations.kinds import below, prefixed, register
from conjugacy.transformations.linear import LinearMap
from conjugacy.transformations.transformation import Transformation


@register
@dataclass(frozen=True, eq=False)
class Smooth(Transformation):
    """A smooth map with the map fitted in the other direction as its inverse.

    Attributes
    ----------
    forward, backward : KernelMap or LinearMap
        A linear map where that predicts the held-out rows better: affine maps are smooth too.
    """

    kind: ClassVar[str] = "smooth"
    forward: KernelMap | LinearMap
    backward: KernelMap | LinearMap

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
    def maps(self) -> tuple[KernelMap | LinearMap]:
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
        maps = [(KernelMap if "centres" in part else LinearMap).from_arrays(part) for part in parts]
        return cls(maps[0], maps[1])
