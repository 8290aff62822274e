"""The common part of two layers, in numbers: how many coordinates, which, and what each layer has besides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from conjugacy.transformations.common.columns import Bent, Principal
from conjugacy.transformations.common.smooth import smooth
from conjugacy.transformations.common.steps import COMMON, Both, Path, Steps, search
from conjugacy.transformations.common.variates import Choice, Ends, Variates, choose

UNITS, KERNELS = (
    0.25,
    1.0,
)  # powers of the variance that weigh a direction; of kernels, what smoothing leaves hardly varies
SURE = 2.0  # standard errors of a new common share on either side


@dataclass(frozen=True, eq=False)
class Pass:
    """One search: which columns of the layers were looked at, what held-out rows chose of them, and what was found."""

    choice: Choice
    steps: Steps
    paths: tuple[Path, ...]


@dataclass(frozen=True, eq=False)
class Part:
    """The common part of two layers on given folds.

    Attributes
    ----------
    straight, bent : Pass or None
        What is linear in the units; what is linear in kernels on them, given that. None where nothing predicts the other layer.
    rows : int
    """

    straight: Pass | None
    bent: Pass | None
    rows: int

    @property
    def passes(self) -> tuple[Pass, ...]:
        """Those that were made."""
        return tuple(one for one in (self.straight, self.bent) if one is not None)

    @property
    def shares(self) -> np.ndarray:
        """New common shares of the coordinates that count, (k,)."""
        return np.concatenate([np.empty(0), *(one.steps.shares[one.steps.kept] for one in self.passes)])

    @property
    def dimensions(self) -> int:
        """K."""
        return len(self.shares)

    def coordinates(self, fold: int, side: int) -> Both:
        """Return the coordinates of one layer that the rows of all other folds give: of these rows, and of those held out."""
        last = self.passes[-1]
        return last.paths[fold].coordinates(side, last.steps.kept)

    @property
    def linear(self) -> int:
        """How many linear directions of one layer the other predicts; curved views of one coordinate count again."""
        return 0 if self.straight is None else self.straight.choice.predicted

    @property
    def interval(self) -> tuple[int, int]:
        """Between how many coordinates k may lie: new common shares by two standard errors over, or not under, the threshold."""
        low = high = 0
        for one in self.passes:
            shares, folds = one.steps.shares, len(one.steps.without)
            jackknife = (folds - 1) / folds * ((one.steps.without - one.steps.without.mean(axis=0)) ** 2).sum(axis=0)
            error = np.sqrt(jackknife) + (1.0 - np.minimum(shares, 1.0) ** 2) / np.sqrt(self.rows)
            low += int((shares - SURE * error >= COMMON).sum())
            high += int((shares + SURE * error >= COMMON).sum())
        return low, high


def common_part(x: np.ndarray, y: np.ndarray, folds: np.ndarray, seed: int = 0) -> Part:
    """Return the common part of two layers, rows belonging together.

    k is the smallest number of coordinates, each readable from either layer, such that given them the two hold nothing
    substantial in common: no further pair of directions whose new common share on held-out rows reaches .45.

    Parameters
    ----------
    x, y : array, (m, n) and (m, p)
    folds : int array, (m,)
        Which rows are held out together, numbered from 0.
    seed : int
        Draws landmarks and centres of kernels.
    """
    held = [folds == fold for fold in range(int(folds.max()) + 1)]
    principal = [(Principal.of(x[~out]), Principal.of(y[~out])) for out in held]
    points = [
        tuple((p(v[~out]), p(v[out])) for p, v in zip(ps, (x, y), strict=True))
        for ps, out in zip(principal, held, strict=True)
    ]
    ends = [
        Ends((a[0], b[0]), (a[1], b[1]), (pa.variances, pb.variances), (pa.whole, pb.whole))
        for (pa, pb), (a, b) in zip(principal, points, strict=True)
    ]
    straight = _straight(ends, seed)
    bent = _bent(principal, points, straight, seed)
    return Part(straight, bent, len(x))


def _straight(ends: Sequence[Ends], seed: int) -> Pass | None:
    choice = choose(ends)
    if not choice.predicted:
        return None
    paths = list[Path]()
    for one in ends:
        v = Variates.of(one, choice)
        none = tuple((np.zeros((len(a), 0)), np.zeros((len(b), 0))) for a, b in (v.fitted, v.held))
        paths.append(Path(v.fitted, v.held, v.fitted, v.held, none[0], none[1], _weights(choice, v, UNITS), seed))
    return Pass(choice, search(paths), tuple(paths))


def _weights(choice: Choice, v: Variates, power: float) -> np.ndarray:
    """Return how much each variate counts: curved directions are predicted less, and hardly vary."""
    return choice.correlations * (v.shares[0] * v.shares[1]) ** power


def _bent(
    principal: Sequence[tuple[Principal, Principal]], points: Sequence[tuple[Both, ...]], before: Pass | None, seed: int
) -> Pass | None:
    """Search again among kernels on both layers, given what was found: relations that are even in every unit."""
    ends, columns, given = list[Ends](), list[list[Both]](), list[list[Both]]()
    for i, (maps, sides) in enumerate(zip(principal, points, strict=True)):
        rests, own, known = list[tuple[np.ndarray, np.ndarray, Principal]](), list[Both](), list[Both]()
        for side in (0, 1):
            bent = Bent.of(maps[side], sides[side][0], seed + side)
            fitted, held = bent(sides[side][0]), bent(sides[side][1])
            t = (np.zeros((len(fitted), 0)), np.zeros((len(held), 0)))
            rest, held_rest = fitted, held
            if before is not None and len(before.steps.kept):
                t = before.paths[i].coordinates(side, before.steps.kept)
                told = smooth(t[0], fitted, seed)
                rest, held_rest = told.left_out, held - told(t[1])
            turn = Principal.of(rest)
            rests.append((turn(rest), turn(held_rest), turn))
            own.append(((fitted - fitted.mean(axis=0)) @ turn.loadings, (held - fitted.mean(axis=0)) @ turn.loadings))
            known.append(t)
        ends.append(
            Ends(
                (rests[0][0], rests[1][0]),
                (rests[0][1], rests[1][1]),
                (rests[0][2].variances, rests[1][2].variances),
                (rests[0][2].whole, rests[1][2].whole),
            )
        )
        columns.append(own)
        given.append(known)
    choice = choose(ends)
    if not choice.predicted:
        return None
    paths = list[Path]()
    for one, own, known in zip(ends, columns, given, strict=True):
        v = Variates.of(one, choice)
        fitted, held = ((own[0][j] @ v.turns[0], own[1][j] @ v.turns[1]) for j in (0, 1))
        before_fitted, before_held = ((known[0][j], known[1][j]) for j in (0, 1))
        paths.append(
            Path(fitted, held, v.fitted, v.held, before_fitted, before_held, _weights(choice, v, KERNELS), seed)
        )
    return Pass(choice, search(paths), tuple(paths))
