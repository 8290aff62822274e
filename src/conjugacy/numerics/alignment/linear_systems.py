"""Linear systems made ready for alignment, how hard to search, and what the search found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import array_api_compat
import numpy as np

from conjugacy.numerics.alignment.rotation_descent import NEGLIGIBLE, Array

SMALL = 24  # up to this rank more starts are affordable


@dataclass(frozen=True)
class Effort:
    """How hard to search: random starts beside the spectral ones, then rounds of (starts kept, steps).

    Attributes
    ----------
    angles : int
        How many of the spectral starts, 1 to 5.
    random : int
        Random starts, half of either determinant.
    rounds : sequence of (int, int)
        In each round the best so many of the starts are improved by at most so many steps.
    negligible : float
        Relative decrease of the squared distance at which the search stops.

    Examples
    --------
    >>> Effort.full(10).random
    35
    """

    angles: int = 5
    random: int = 7
    rounds: Sequence[tuple[int, int]] = ((14, 30), (6, 100), (3, 600))
    negligible: float = NEGLIGIBLE

    @classmethod
    def full(cls, n: int) -> Effort:
        """Return the usual effort for systems of rank n: small ones are full of local minima and cheap, and get more starts."""
        return cls(random=35, rounds=((42, 50), (12, 600))) if n <= SMALL else cls()


FAST = Effort(angles=3, random=0, rounds=((5, 10), (1, 100)), negligible=1e-5)


@dataclass(frozen=True, eq=False)
class VectorFields:
    """Linear systems of one size with all that a comparison needs of each alone.

    Attributes
    ----------
    matrices : array, (s, n, n)
        Of Frobenius norm 1, or zero.
    bases : array, (s, angles, n, n), complex
        Eigenvectors of cos(theta) S + i sin(theta) K, ascending, for the angles of the starts.
    values : array, (s, 9, n)
        Eigenvalues over the angles of the bound.
    singular : array, (s, n)
        Singular values, descending.

    Examples
    --------
    >>> from conjugacy.numerics.alignment import prepare
    >>> prepare(np.eye(2)[None]).take([0]).matrices.shape
    (1, 2, 2)
    """

    matrices: Array
    bases: Array
    values: Array
    singular: Array

    @classmethod
    def stack(cls, parts: Sequence[VectorFields]) -> VectorFields:
        """Return the systems of all parts, one after the other."""
        xp = array_api_compat.array_namespace(parts[0].matrices)
        return cls(*(xp.concat(list(same)) for same in zip(*(one.parts for one in parts), strict=True)))

    @property
    def parts(self) -> tuple[Array, Array, Array, Array]:
        """All four."""
        return self.matrices, self.bases, self.values, self.singular

    def take(self, which: Any) -> VectorFields:
        """Return the chosen systems, in that order."""
        return VectorFields(*(part[which] for part in self.parts))


@dataclass(frozen=True, eq=False)
class Alignment:
    """What the search found for one pair.

    Attributes
    ----------
    distance : float
        |A/|A| - C (B/|B|) C^T|_F for the C found, in [0, 2]: no more than this.
    lower : float
        No rotation or reflection brings them nearer.
    rotation : array, (n, n)
        C.
    status : {"converged", "stopped", "degenerate"}
        `stopped`: the steps ran out; `degenerate`: a system is zero, and there is no distance (NaN).

    Examples
    --------
    >>> from conjugacy.numerics.alignment import align_vector_fields
    >>> align_vector_fields(np.diag([1.0, 2.0]), np.diag([2.0, 1.0])).status
    'converged'
    """

    distance: float
    lower: float
    rotation: np.ndarray
    status: str

    @property
    def angle(self) -> float:
        """The angular form arccos tr(A^T C B C^T), in [0, pi]; from the chord, which keeps all digits near 0."""
        return _angle(self.distance)

    @property
    def lower_angle(self) -> float:
        """The lower bound in the angular form."""
        return _angle(self.lower)


def _angle(chord: float) -> float:
    return float(2.0 * np.arcsin(min(1.0, chord / 2.0)))
