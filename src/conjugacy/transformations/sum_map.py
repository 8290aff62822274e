"""A one-way map that is a sum of others, each a chain: a linear map with kernel maps beside it, what is left of a layer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from conjugacy.errors import FormatError
from conjugacy.transformations.kernel_map import KernelMap
from conjugacy.transformations.linear import LinearMap
from conjugacy.transformations.one_way import OneWay
from conjugacy.transformations.score_map import ScoreMap


@dataclass(frozen=True, eq=False)
class SumMap:
    """y = sum over chains of what a chain makes of x; the first map of a chain is applied first.

    Attributes
    ----------
    chains : tuple of tuples of LinearMap, KernelMap, ScoreMap or SumMap
    """

    chains: tuple[tuple[LinearMap | KernelMap | ScoreMap | SumMap, ...], ...]

    @property
    def n_in(self) -> int:
        """Number of units it takes."""
        return self.chains[0][0].n_in

    @property
    def n_out(self) -> int:
        """Number of units it gives."""
        return self.chains[0][-1].n_out

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Map rows (m, n_in)."""
        return np.sum([_applied(chain, x) for chain in self.chains], axis=0)

    def jacobian(self, x: np.ndarray) -> np.ndarray:
        """Return the derivatives at rows (m, n_in), (m, n_out, n_in)."""
        total = np.zeros((len(x), self.n_out, self.n_in))
        for chain in self.chains:
            points, found = x, chain[0].jacobian(x)
            for before, one in pairwise(chain):
                points = before.apply(points)
                found = one.jacobian(points) @ found
            total += found
        return total

    def push(self, x: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """Return what the derivatives at rows make of directions (m, n_in, d), (m, n_out, d), without forming them."""
        total = np.zeros((len(x), self.n_out, directions.shape[2]))
        for chain in self.chains:
            points, pushed = x, directions
            for one in chain:
                points, pushed = one.apply(points), one.push(points, pushed)
            total += pushed
        return total

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays of all maps, named CHAIN.PLACE/NAME."""
        return {
            f"{i}.{j}/{name}": value
            for i, chain in enumerate(self.chains)
            for j, one in enumerate(chain)
            for name, value in one.arrays().items()
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> SumMap:
        """Rebuild from `arrays`."""
        found: dict[tuple[int, int], dict[str, np.ndarray]] = defaultdict(dict)
        for name, value in arrays.items():
            place, _, rest = name.partition("/")
            i, _, j = place.partition(".")
            found[int(i), int(j)][rest] = value
        chains = sorted({i for i, _ in found})
        if not found:
            raise FormatError("a sum of maps holds no map")
        return cls(tuple(tuple(_part_of(found[i, j]) for k, j in sorted(found) if k == i) for i in chains))


def _applied(chain: Sequence[OneWay], x: np.ndarray) -> np.ndarray:
    for one in chain:
        x = one.apply(x)
    return x


def _part_of(arrays: Mapping[str, np.ndarray]) -> LinearMap | KernelMap | ScoreMap | SumMap:
    """Rebuild a part of a chain from its arrays."""
    return ScoreMap.from_arrays(arrays) if "knots" in arrays else one_way_of(arrays)


def one_way_of(arrays: Mapping[str, np.ndarray]) -> LinearMap | KernelMap | SumMap:
    """Rebuild a one-way map from its arrays, which tell its kind."""
    if "centres" in arrays:
        return KernelMap.from_arrays(arrays)
    return LinearMap.from_arrays(arrays) if "matrix" in arrays else SumMap.from_arrays(arrays)
