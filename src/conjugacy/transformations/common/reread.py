"""Common coordinates read again from all of a layer, by a ridge that held-out rows choose for all of them together.

The search looks at canonical variates of few principal coordinates. Its ridges are chosen for all variates, and are too weak for
the directions that count; and on few rows those principal coordinates lack some of what the units tell. Units that saturate
tell more as normal scores (`score_map`): a layer is read from these where held-out rows say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from conjugacy.numerics.columns import varies
from conjugacy.transformations.common.columns import Principal
from conjugacy.transformations.common.steps import Both
from conjugacy.transformations.linear import LinearMap
from conjugacy.transformations.score_map import ScoreMap

MOST_READ = 400  # principal coordinates of a layer
ROUNDS = 3
SEEN = 1e-12  # of the largest variance
POWERS = (1.0, 1.5, 2.0)  # of variances: ridge regression, and what silences quiet directions sooner
STRENGTHS = tuple(float(a) for a in 10.0 ** np.arange(-7.0, 1.1, 0.5))
BETTER = 0.98  # scores must leave less than this share of what the units as they are leave
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
class ReadForm:
    """A layer as it is read: its units, or their normal scores.

    Attributes
    ----------
    scores : ScoreMap or None
        None where the units are read as they are.
    principal : Principal
        Of what is read.
    points : array, (m, q)
        All rows in its coordinates.
    """

    scores: ScoreMap | None
    principal: Principal
    points: np.ndarray

    @classmethod
    def plain(cls, x: np.ndarray) -> ReadForm:
        """Return units as they are, of rows (m, n)."""
        principal = Principal.of(x, MOST_READ)
        return cls(None, principal, principal(x))

    @classmethod
    def scored(cls, x: np.ndarray) -> ReadForm:
        """Return units as normal scores, of rows (m, n); those that do not vary tell nothing."""
        scores = ScoreMap.of(x)
        z = np.where(varies(x, x.std(axis=0)), scores.apply(x), 0.0)
        principal = Principal.of(z, MOST_READ)
        return cls(scores, principal, principal(z))

    def rows(self, out: np.ndarray) -> ReadRows:
        """Return its rows, some held out (bool, (m,))."""
        return ReadRows(self.points, out, self.principal.whole)

    def chain(self, turn: np.ndarray) -> tuple[ScoreMap | LinearMap, ...]:
        """Return the maps, one after another, from units to coordinates turned from points, (q, k)."""
        linear = LinearMap(self.principal.loadings @ turn, self.principal.mean, np.zeros(turn.shape[1]))
        return (linear,) if self.scores is None else (self.scores, linear)


@dataclass(frozen=True, eq=False)
class Reread:
    """Coordinates read again.

    Attributes
    ----------
    forms : (ReadForm, ReadForm)
        How either layer is read.
    chosen : tuple of (Shrinkage, Shrinkage)
        By round, for either layer.
    folds : tuple of Sides
        Coordinates by fold.
    left : float
        Squares that they leave of each other on held-out rows, before the last round.
    """

    forms: tuple[ReadForm, ReadForm]
    chosen: tuple[tuple[Shrinkage, Shrinkage], ...]
    folds: tuple[Sides, ...]
    left: float

    @classmethod
    def of(cls, x: np.ndarray, y: np.ndarray, folds: np.ndarray, found: Sequence[Sides]) -> Reread:
        """Read again what was found in every fold, the layers in the forms of which held-out rows tell each other most."""
        ends = [
            [
                (form, [form.rows(folds == i) for i in range(len(found))])
                for form in (ReadForm.plain(v), ReadForm.scored(v))
            ]
            for v in (x, y)
        ]
        plain, *others = (
            cls._in_rounds((a, b), list(zip(rows_a, rows_b, strict=True)), found)
            for (a, rows_a), (b, rows_b) in product(*ends)
        )
        best = min(others, key=lambda one: one.left)
        return best if best.left < BETTER * plain.left else plain

    @classmethod
    def _in_rounds(
        cls, forms: tuple[ReadForm, ReadForm], rows: Sequence[tuple[ReadRows, ReadRows]], found: Sequence[Sides]
    ) -> Reread:
        """Read again in rounds: in each of them either layer learns what the other's coordinates say."""
        now, chosen = [(_scaled(a), _scaled(b)) for a, b in found], list[tuple[Shrinkage, Shrinkage]]()
        left = np.inf
        for _ in range(ROUNDS):
            missed = [sum(pair[s].missed(z[1 - s]) for pair, z in zip(rows, now, strict=True)) for s in (0, 1)]
            chosen.append((TRIED[int(np.argmin(missed[0]))], TRIED[int(np.argmin(missed[1]))]))
            left = float(np.min(missed[0]) + np.min(missed[1]))
            now = [_round(pair, z, chosen[-1])[0] for pair, z in zip(rows, now, strict=True)]
        return cls(forms, tuple(chosen), tuple(now), left)

    def on_all_rows(self, found: Both) -> Both:
        """Return the maps from points to coordinates, (q, k), where all rows are fitted and these coordinates were found."""
        none = np.zeros(len(found[0]), dtype=bool)
        rows = self.forms[0].rows(none), self.forms[1].rows(none)
        now = _scaled((found[0], found[0][:0])), _scaled((found[1], found[1][:0]))
        turns = np.zeros((0, 0)), np.zeros((0, 0))
        for pair in self.chosen:
            now, turns = _round(rows, now, pair)
        return turns


def _round(rows: tuple[ReadRows, ReadRows], now: Sides, chosen: tuple[Shrinkage, Shrinkage]) -> tuple[Sides, Both]:
    """Read either layer's coordinates off it once more: what it tells of the other's."""
    turns = rows[0].turn(now[1][0], chosen[0]), rows[1].turn(now[0][0], chosen[1])
    return (rows[0].turned(turns[0]), rows[1].turned(turns[1])), turns


def _scaled(found: Both) -> Both:
    """Return coordinates of fitted rows and of those held out, scaled as the former have mean zero and unit variance."""
    mean, spread = found[0].mean(axis=0), np.maximum(found[0].std(axis=0), EMPTY)
    return (found[0] - mean) / spread, (found[1] - mean) / spread
