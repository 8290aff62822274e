"""Identity: the two networks answer with the same numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from conjugacy.numerics.scratch import scratch
from conjugacy.transformations.kinds import register
from conjugacy.transformations.layer import Layer
from conjugacy.transformations.linear import LinearMap
from conjugacy.transformations.rung import Rung
from conjugacy.transformations.transformation import Transformation
from conjugacy.transformations.way import Way


@register
@dataclass(frozen=True, eq=False)
class Identity(Transformation):
    """y = x.

    Examples
    --------
    >>> Identity(n=3).n_out
    3
    """

    kind: ClassVar[str] = "identity"
    n: int

    @property
    def n_in(self) -> int:
        """Number of units it takes."""
        return self.n

    @property
    def n_out(self) -> int:
        """Number of units it gives."""
        return self.n

    def invert(self) -> Identity:
        """Itself; exact."""
        return self

    @property
    def maps(self) -> tuple[LinearMap]:
        """The unit matrix without shifts."""
        return (LinearMap(np.eye(self.n), np.zeros(self.n), np.zeros(self.n)),)

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Return a copy."""
        return x.copy()

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the number of units."""
        return {"n": np.array([self.n])}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Identity:
        """Rebuild from the number of units."""
        return cls(int(arrays["n"][0]))


@final
class IdentityRung(Rung):
    """Nothing is fitted: unit i of one network is unit i of the other."""

    name = "identity"
    place = 10
    words = "the identity"
    unit_by_unit = True
    invariances: ClassVar[frozenset[str]] = frozenset()

    def advice(self, source: Layer, target: Layer) -> str | None:
        """Say that widths differ."""
        if source.n == target.n:
            return None
        return f"the layers have {source.n} and {target.n} units: the identity needs equal widths"

    def least(self, way: Way, enough: float) -> float:
        """Return what least squares leaves."""
        return way.least_linear

    def residuals(self, way: Way) -> np.ndarray:
        """Return (b - a) over b's standard deviation for the live units of b."""
        live = slice(None) if way.target.live.all() else way.target.live
        found = np.subtract(way.target.values[:, live], way.source.values[:, live], out=scratch(way.target.z.shape))
        found /= way.target.std[live]
        return found

    def numbers_fitted(self, way: Way) -> float:
        """Return 0."""
        return 0.0

    def fit(self, there: Way, back: Way) -> Identity:
        """Return the identity on the source's units."""
        return Identity(there.source.n)
