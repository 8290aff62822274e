"""Identity: the two networks answer with the same numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from conjugacy.transformations.kinds import register
from conjugacy.transformations.layer import Layer
from conjugacy.transformations.linear import LinearMap
from conjugacy.transformations.transformation import Transformation


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


def advice(source: Layer, target: Layer) -> str | None:
    """Say why the identity does not apply, or None."""
    if source.n == target.n:
        return None
    return f"the layers have {source.n} and {target.n} units: the identity needs equal widths"


def residuals(source: Layer, target: Layer, folds: np.ndarray) -> np.ndarray:
    """Return (b - a) over b's standard deviation for the live units of b, (m, p); nothing is fitted."""
    live = target.live
    return (target.values[:, live] - source.values[:, live]) / target.std[live]


def fit(source: Layer, target: Layer) -> Identity:
    """Return the identity on the source's units."""
    return Identity(source.n)
