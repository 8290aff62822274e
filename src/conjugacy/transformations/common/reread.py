"""Common coordinates read again from all of a layer, by a ridge that held-out rows choose for all of them together.

The search looks at canonical variates of few principal coordinates. Its ridges are chosen for all variates, and are too weak for
the directions that count; and on few rows those principal coordinates lack some of what the units tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from conjugacy.transformations.common.columns import Principal
from conjugacy.transformations.common.steps import Both

MOST_READ = 400  # principal coordinates of a layer
ROUNDS = 3
SEEN = 1e-12  # of the largest variance
POWERS = (1.0, 1.5, 2.0)  # of variances: ridge regression, and what silences quiet directions sooner
STRENGTHS = tuple(float(a) for a in 10.0 ** np.arange(-7.0, 1.1, 0.5))
EMPTY = 1e-300

Sides = tuple[Both, Both]
"""Coordinates of either layer, each of fitted rows and of those held out."""


@dataclass(frozen=True)
class Shrinkage:
    """What is kept of a direction with a share v of the layer's variance: v^power / (v^power + strength)."""

    power: float
    strength: float

    def __call__(self, shares: np.ndarray) -> np.ndarray:
        """Return what is kept of directions (r,)."""
        raised = shares**self.power
        return raised / (raised + self.strength)


TRIED = tuple(Shrinkage(power, strength) for power in POWERS for strength in STRENGTHS)


@dataclass(frozen=True, eq=False)
class ReadRows:
    """A layer's principal coordinates on some rows.

    Attributes
    ----------
    points : array, (m, q)
        Of all rows.
    out : bool array, (m,)
        Which rows are held out.
    whole : float
        Variance of the layer.
    """

    points: np.ndarray
    out: np.ndarray
    whole: float

    @cached_property
    def mean(self) -> np.ndarray:
        """Of the fitted rows, (q,)."""
        return self.points[~self.out].mean(axis=0)

    @cached_property
    def axes(self) -> tuple[np.ndarray, np.ndarray]:
        """Variances of the fitted rows along their principal axes (r,), and these axes, (q, r)."""
        x = self.points[~self.out] - self.mean
        values, vectors = np.linalg.eigh(x.T @ x / len(x))
        keep = values > SEEN * max(values[-1], EMPTY)
        return values[keep], vectors[:, keep]

    @cached_property
    def held(self) -> np.ndarray:
        """The rows held out, along these axes, (l, r)."""
        return (self.points[self.out] - self.mean) @ self.axes[1]

    def slopes(self, wanted: np.ndarray) -> np.ndarray:
        """Return the regression of columns of the fitted rows (m, k) on the axes, nothing shrunk, (r, k)."""
        values, vectors = self.axes
        crossed = vectors.T @ ((self.points[~self.out] - self.mean).T @ wanted) / len(wanted)
        return crossed / values[:, None]

    def missed(self, wanted: Both) -> np.ndarray:
        """Return what every shrinkage leaves of columns on the rows held out, (tried,)."""
        fitted, held = wanted
        slopes, shares = self.slopes(fitted), self.axes[0] / self.whole
        return np.array([((held - self.held @ (kept(shares)[:, None] * slopes)) ** 2).sum() for kept in TRIED])

    def turn(self, wanted: np.ndarray, kept: Shrinkage) -> np.ndarray:
        """Return the map from points to coordinates of unit variance that tell columns of the fitted rows, (q, k)."""
        values, vectors = self.axes
        shrunk = kept(values / self.whole)[:, None] * self.slopes(wanted)
        return vectors @ (shrunk / np.sqrt(np.maximum((values[:, None] * shrunk**2).sum(axis=0), EMPTY)))

    def turned(self, turn: np.ndarray) -> Both:
        """Return coordinates of fitted rows and of those held out, less the mean of the former."""
        z = (self.points - self.mean) @ turn
        return z[~self.out], z[self.out]


@dataclass(frozen=True, eq=False)
class Reread:
    """Coordinates read again.

    Attributes
    ----------
    principal : (Principal, Principal)
        Of either layer.
    points : Both, (m, q)
        All rows in them.
    chosen : tuple of (Shrinkage, Shrinkage)
        By round, for either layer.
    folds : tuple of Sides
        Coordinates by fold.
    """

    principal: tuple[Principal, Principal]
    points: Both
    chosen: tuple[tuple[Shrinkage, Shrinkage], ...]
    folds: tuple[Sides, ...]

    @classmethod
    def of(cls, x: np.ndarray, y: np.ndarray, folds: np.ndarray, found: Sequence[Sides]) -> Reread:
        """Read again what was found in every fold: each layer learns what the other's coordinates say, in rounds."""
        principal = Principal.of(x, MOST_READ), Principal.of(y, MOST_READ)
        points = principal[0](x), principal[1](y)
        a, b = (
            [ReadRows(v, folds == i, p.whole) for i in range(len(found))]
            for v, p in zip(points, principal, strict=True)
        )
        rows = list(zip(a, b, strict=True))
        now, chosen = [(_scaled(a), _scaled(b)) for a, b in found], list[tuple[Shrinkage, Shrinkage]]()
        for _ in range(ROUNDS):
            missed = [sum(pair[s].missed(z[1 - s]) for pair, z in zip(rows, now, strict=True)) for s in (0, 1)]
            chosen.append((TRIED[int(np.argmin(missed[0]))], TRIED[int(np.argmin(missed[1]))]))
            now = [_round(pair, z, chosen[-1])[0] for pair, z in zip(rows, now, strict=True)]
        return cls(principal, points, tuple(chosen), tuple(now))

    def on_all_rows(self, found: Both) -> Both:
        """Return the maps from points to coordinates, (q, k), where all rows are fitted and these coordinates were found."""
        none = np.zeros(len(found[0]), dtype=bool)
        rows = [ReadRows(v, none, p.whole) for v, p in zip(self.points, self.principal, strict=True)]
        now = _scaled((found[0], found[0][:0])), _scaled((found[1], found[1][:0]))
        turns = np.zeros((0, 0)), np.zeros((0, 0))
        for pair in self.chosen:
            now, turns = _round((rows[0], rows[1]), now, pair)
        return turns


def _round(rows: tuple[ReadRows, ReadRows], now: Sides, chosen: tuple[Shrinkage, Shrinkage]) -> tuple[Sides, Both]:
    """Read either layer's coordinates off it once more: what it tells of the other's."""
    turns = rows[0].turn(now[1][0], chosen[0]), rows[1].turn(now[0][0], chosen[1])
    return (rows[0].turned(turns[0]), rows[1].turned(turns[1])), turns


def _scaled(found: Both) -> Both:
    """Return coordinates of fitted rows and of those held out, scaled as the former have mean zero and unit variance."""
    mean, spread = found[0].mean(axis=0), np.maximum(found[0].std(axis=0), EMPTY)
    return (found[0] - mean) / spread, (found[1] - mean) / spread
