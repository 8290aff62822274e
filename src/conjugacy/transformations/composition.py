"""Composition: several maps, one after the other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from conjugacy.transformations.kinds import below, prefixed, rebuild, register
from conjugacy.transformations.transformation import OneWay, Transformation


@register
@dataclass(frozen=True, eq=False)
class Composition(Transformation):
    """Several maps, one after the other; the first part is applied first."""

    kind: ClassVar[str] = "composition"
    parts: tuple[Transformation, ...]

    @property
    def n_in(self) -> int:
        """Number of units it takes."""
        return self.parts[0].n_in

    @property
    def n_out(self) -> int:
        """Number of units it gives."""
        return self.parts[-1].n_out

    def invert(self) -> Composition:
        """Return the inverses in the other order."""
        return Composition(tuple(part.inverse for part in reversed(self.parts)))

    @property
    def maps(self) -> tuple[OneWay, ...]:
        """All maps of all parts."""
        return tuple(one for part in self.parts for one in part.maps)

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Map rows through every part."""
        for part in self.parts:
            x = part.apply(x)
        return x

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays of all parts, numbered, with the list of their kinds."""
        kinds = np.frombuffer(json.dumps([p.kind for p in self.parts]).encode(), dtype=np.uint8)
        numbered = {k: v for i, p in enumerate(self.parts) for k, v in prefixed(str(i), p.arrays()).items()}
        return {"kinds": kinds, **numbered}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Composition:
        """Rebuild every part."""
        kinds = json.loads(arrays["kinds"].tobytes())
        return cls(tuple(rebuild(kind, below(str(i), arrays), f"part {i}") for i, kind in enumerate(kinds)))
