"""How far apart two states are in the world that made them: distances in the units of a network's unseen inputs.

A network's layer a(s) shows the world s through an instrument of its own. Where it is known how the layer moves when the world
moves a little, a = J s, differences of states can be turned back into differences in the world, and two networks' distances
agree although their layers look nothing alike (Singer and Coifman 2008).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from conjugacy.errors import InputError, NotFiniteError, ShapeError

TANGENT = 0.7  # least cosine between an edge and the tangent spaces at its ends
AGREEMENT = 1.6  # largest ratio of an edge's two lengths, seen from either end
SHOWS = 1e-3  # a coordinate of the world shows where its gain is above this share of the strongest's
FLAT = 1e-6  # a direction whose gain is below this share of the layer's usual one does not show
FEW, CLEARLY = 3, 10.0  # so few units may all be coordinates, where no gain is so many times the next
AT_ONCE = 200_000


@dataclass(frozen=True, eq=False)
class LocalMetric:
    """How the states of a layer move with the world: at every row, tangent directions and gains.

    Attributes
    ----------
    tangents : array, (m, n, d)
        Orthonormal directions in which the layer moves, the strongest first.
    gains : array, (m, d)
        How far it moves along them for a unit step in the world.
    spectrum : array
        Geometric means of the gains over the rows, all that were found, descending.
    source : str
        Where it comes from, in words.
    frames : array, (m, d, d), optional
        The world's direction that moves the layer along each tangent, in the world's own axes; known from derivatives only.

    Examples
    --------
    >>> LocalMetric.from_jacobians(np.tile(np.diag([2.0, 1.0]), (5, 1, 1))).spectrum.tolist()
    [2.0, 1.0]
    """

    tangents: np.ndarray
    gains: np.ndarray
    spectrum: np.ndarray
    source: str
    frames: np.ndarray | None = None

    @classmethod
    def from_jacobians(cls, jacobians: Any, d: int | None = None) -> LocalMetric:
        """Take it from derivatives of the layer by the world's coordinates, (m, n, p).

        Parameters
        ----------
        jacobians : array, (m, n, p)
        d : int, optional
            Number of coordinates of the world; as many as show where it is not given.

        Raises
        ------
        ShapeError, NotFiniteError, InputError

        Examples
        --------
        >>> LocalMetric.from_jacobians(np.tile(np.diag([2.0, 1.0]), (5, 1, 1))).gains[0].tolist()
        [2.0, 1.0]
        """
        j = _checked(jacobians, "jacobians", "(rows, units, world coordinates)")
        u, s, vt = np.linalg.svd(j, full_matrices=False)
        if d is None:
            usual = np.median(s, axis=0)
            d = max(1, int((usual > SHOWS * usual[0]).sum()))
        found = cls._cut(u, s, d, "derivatives")
        return replace(found, frames=vt.transpose(0, 2, 1)) if d == j.shape[2] else found

    @classmethod
    def from_covariances(cls, covariances: Any, d: int | None = None) -> LocalMetric:
        """Take it from covariances of small bursts over the squared size of a burst in the world, (m, n, n).

        `d`, the number of coordinates of the world, by the spectrum's deepest fall where it is not given.
        """
        c = _checked(covariances, "covariances", "(rows, units, units)")
        if c.shape[1] != c.shape[2]:
            raise ShapeError(f"covariances: got shape {c.shape}, expected (rows, units, units)")
        values, vectors = np.linalg.eigh((c + c.transpose(0, 2, 1)) / 2)
        gains = np.sqrt(np.maximum(values[:, ::-1], 0.0))
        return cls._cut(vectors[:, :, ::-1], gains, d, "covariances of bursts")

    @classmethod
    def from_bursts(cls, bursts: Any, sd: float, d: int | None = None) -> LocalMetric:
        """Take it from bursts, (m, N, n): the layer's answers to N points around every row, of this size in the world.

        Parameters
        ----------
        bursts : array, (m, N, n)
        sd : float
            Standard deviation of a burst along every coordinate of the world.
        d : int, optional

        Raises
        ------
        ShapeError, NotFiniteError, InputError
        """
        x = _checked(bursts, "bursts", "(rows, points of a burst, units)")
        if not (np.isfinite(sd) and sd > 0):
            raise InputError(f"sd: got {sd}, expected the size of a burst in the world, a number above 0")
        if x.shape[1] < 2 or (d is not None and x.shape[1] <= d):
            raise InputError(f"bursts of {x.shape[1]} points: expected more than {d or 1}, better fifty and more")
        centred = x - x.mean(axis=1, keepdims=True)
        _, s, vt = np.linalg.svd(centred, full_matrices=False)
        gains = s / (np.sqrt(x.shape[1] - 1) * sd)
        return cls._cut(vt.transpose(0, 2, 1), gains, d, f"bursts of {x.shape[1]} points")

    @classmethod
    def _cut(cls, tangents: np.ndarray, gains: np.ndarray, d: int | None, source: str) -> LocalMetric:
        largest = float(gains.max(initial=0.0))
        if largest <= 0:
            raise InputError(f"{source}: nothing moves when the world moves; choose another layer or a larger step")
        found = int(gains.shape[1])
        with np.errstate(divide="ignore"):
            logs = np.log(np.maximum(gains, 1e-9 * largest)).mean(axis=0)
        spectrum = np.exp(logs)
        if d is None:
            d = _deepest_fall(spectrum)
        if not 1 <= d <= found:
            raise InputError(
                f"d: got {d}, and the {source} show {found} directions; expected a number from 1 to {found}"
            )
        return cls(tangents[:, :, :d], gains[:, :d], spectrum, source)

    @property
    def rows(self) -> int:
        """Number of rows m."""
        return len(self.gains)

    @property
    def d(self) -> int:
        """Number of the world's coordinates."""
        return self.gains.shape[1]

    @property
    def gap(self) -> float:
        """By what factor the gains fall after the d that are kept; infinite where there are no more."""
        return self.fall(self.d)

    def fall(self, d: int) -> float:
        """By what factor the gains fall after d coordinates."""
        return float(self.spectrum[d - 1] / self.spectrum[d]) if len(self.spectrum) > d else float("inf")

    @property
    def flat(self) -> np.ndarray:
        """Rows at which some coordinate of the world does not show, (m,): they have no distances."""
        return self.gains[:, -1] <= FLAT * np.median(self.gains[:, 0])

    def take(self, rows: np.ndarray) -> LocalMetric:
        """Return the metric of some rows."""
        frames = None if self.frames is None else self.frames[rows]
        return LocalMetric(self.tangents[rows], self.gains[rows], self.spectrum, self.source, frames)

    def steps(self, x: np.ndarray, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        """Return the steps from states i to states j in the world, in the frame of i, (e, d)."""
        inside = np.einsum("end,en->ed", self.tangents[i], x[j] - x[i])
        return inside / self._floored(i)

    def squared(self, x: np.ndarray, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        """Return squared distances in the world between states i and j; infinite where the two ends do not agree on an edge.

        d^2 = 1/2 (|F_i D|^2 + |F_j D|^2), F = gains^-1 tangents^T, D = x_i - x_j, with the part of D that is normal to
        the tangent spaces over the smallest gain: without it far states whose offset is normal to both are at distance 0. Edges
        that leave the tangent spaces, or whose lengths seen from both ends differ much, are short cuts through the layer.
        """
        out = np.empty(len(i))
        flat = self.flat
        for at in range(0, len(i), AT_ONCE):
            p, q = i[at : at + AT_ONCE], j[at : at + AT_ONCE]
            out[at : at + AT_ONCE] = self._squared(x, p, q, flat)
        return out

    def _floored(self, rows: np.ndarray) -> np.ndarray:
        """Return gains kept off 0; rows that are flat have no distances anyway."""
        return np.maximum(self.gains[rows], 1e-9 * float(self.gains.max(initial=0.0)) or 1.0)

    def _squared(self, x: np.ndarray, i: np.ndarray, j: np.ndarray, flat: np.ndarray) -> np.ndarray:
        offset = x[j] - x[i]
        whole = np.einsum("en,en->e", offset, offset)
        lengths, normal, tangent = list[np.ndarray](), list[np.ndarray](), list[np.ndarray]()
        for end in (i, j):
            inside = np.einsum("end,en->ed", self.tangents[end], offset)
            along = np.einsum("ed,ed->e", inside, inside)
            gains = self._floored(end)
            lengths.append(((inside / gains) ** 2).sum(axis=1))
            normal.append(np.maximum(whole - along, 0.0) / gains[:, -1] ** 2)
            tangent.append(along)
        found = (lengths[0] + lengths[1] + normal[0] + normal[1]) / 2.0
        good = np.minimum(tangent[0], tangent[1]) >= TANGENT**2 * whole
        good &= np.maximum(lengths[0], lengths[1]) <= AGREEMENT**2 * np.minimum(lengths[0], lengths[1])
        good &= ~(flat[i] | flat[j])
        found[~good] = np.inf
        found[i == j] = 0.0
        found[(whole == 0.0) & ~(flat[i] | flat[j])] = 0.0
        return found


def _deepest_fall(spectrum: np.ndarray) -> int:
    """Return after how many gains they fall deepest; of few units, where nothing falls clearly, all of them."""
    shown = np.maximum(spectrum, SHOWS * spectrum[0])
    falls = shown[:-1] / shown[1:]
    if not falls.size or (len(shown) <= FEW and falls.max() < CLEARLY):
        return len(shown)
    return int(falls.argmax()) + 1


def _checked(values: Any, name: str, expected: str) -> np.ndarray:
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 3 or not x.size:
        raise ShapeError(f"{name}: got shape {x.shape}, expected {expected}")
    if not np.isfinite(x).all():
        raise NotFiniteError(f"{name} hold NaN or infinity")
    return x
