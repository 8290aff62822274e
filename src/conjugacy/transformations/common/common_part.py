"""The common part of two layers, in numbers: how many coordinates, which, and what each layer has besides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from conjugacy.transformations.common.reread import Reread, Sides
from conjugacy.transformations.common.sight import Bending, Sight
from conjugacy.transformations.common.smooth import smooth
from conjugacy.transformations.common.steps import COMMON, Both, Path, Steps, search
from conjugacy.transformations.common.straight import straight_turns
from conjugacy.transformations.common.variates import Chosen, Ends, choose

UNITS, KERNELS = (
    0.25,
    1.0,
)  # powers of the variance that weigh a direction; of kernels, what smoothing leaves hardly varies
LITTLE = 0.1  # of a layer's variance
SURE = 2.0  # standard errors of a new common share on either side


@dataclass(frozen=True, eq=False)
class Pass:
    """One search: which columns of the layers were looked at, what held-out rows chose of them, and what was found."""

    choice: Chosen
    steps: Steps
    paths: tuple[Path, ...]


@dataclass(frozen=True, eq=False)
class CommonPart:
    """The common part of two layers on given folds.

    Attributes
    ----------
    straight, bent : Pass or None
        What is linear in the units; what is linear in kernels on them, given that. None where nothing predicts the other layer.
    whole : Sight
        All rows.
    turned : tuple of Both
        By fold: from the variates of either layer to straight coordinates; none where held-out rows do not confirm them.
    reread : Reread or None
        What is read again from all of either layer, in place of the first search's coordinates, straight or not; None where
        there are none.
    """

    straight: Pass | None
    bent: Pass | None
    whole: Sight
    turned: tuple[Both, ...] = ()
    reread: Reread | None = None

    @property
    def rows(self) -> int:
        """On how many it was looked for."""
        return len(self.whole.fitted[0])

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
        fitted, held = last.paths[fold].coordinates(side, last.steps.kept)
        if self.reread is None:
            return fitted, held
        own, own_held = self.reread.folds[fold][side]
        k = own.shape[1]
        return np.column_stack([own, fitted[:, k:]]), np.column_stack([own_held, held[:, k:]])

    @property
    def linear(self) -> int:
        """How many linear directions of one layer the other predicts; curved views of one coordinate count again."""
        return 0 if self.straight is None else self.straight.choice.predicted

    @property
    def errors(self) -> np.ndarray:
        """Standard errors of the new common shares of the coordinates that count, (k,)."""
        return np.concatenate([np.empty(0), *(_error(one.steps, self.rows)[one.steps.kept] for one in self.passes)])

    @property
    def interval(self) -> tuple[int, int]:
        """Between how many coordinates k may lie: new common shares by two standard errors over, or not under, the threshold."""
        low = high = 0
        for one in self.passes:
            error = SURE * _error(one.steps, self.rows)
            low += int((one.steps.shares - error >= COMMON).sum())
            high += int((one.steps.shares + error >= COMMON).sum())
        return low, high


def _error(steps: Steps, rows: int) -> np.ndarray:
    """Return standard errors of new common shares (j,): by leaving out folds, and of a correlation of so many rows."""
    folds = len(steps.without)
    jackknife = (folds - 1) / folds * ((steps.without - steps.without.mean(axis=0)) ** 2).sum(axis=0)
    return np.sqrt(jackknife) + (1.0 - np.minimum(steps.shares, 1.0) ** 2) / np.sqrt(rows)


def common_part(x: np.ndarray, y: np.ndarray, folds: np.ndarray, seed: int = 0) -> CommonPart:
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
    whole = Sight.whole(x, y, seed)
    sights = [whole.without(folds == fold) for fold in range(int(folds.max()) + 1)]
    straight = _searched([sight.ends for sight in sights], [sight.start for sight in sights])
    turned, reread = (), None
    if straight is not None and len(straight.steps.kept):
        turned = straight_turns(straight.paths, straight.choice, straight.steps.kept)
        reread = Reread.of(x, y, folds, _first(straight, turned))
    if straight is not None and _nearly_all(sights[0], straight.paths[0], straight.steps):
        return CommonPart(straight, None, whole, turned, reread)
    bendings = [bending(sight, straight, i) for i, sight in enumerate(sights)]
    bent = _searched([one.ends for one in bendings], [one.start for one in bendings])
    return CommonPart(straight, bent, whole, turned, reread)


def _first(found: Pass, turned: tuple[Both, ...]) -> list[Sides]:
    """Return the coordinates of either layer by fold, as the search found them or turned straight."""
    turns = turned or [(path.turn(0, found.steps.kept), path.turn(1, found.steps.kept)) for path in found.paths]
    return [
        (
            (path.fitted[0] @ turn[0], path.held[0] @ turn[0]),
            (path.fitted[1] @ turn[1], path.held[1] @ turn[1]),
        )
        for path, turn in zip(found.paths, turns, strict=True)
    ]


def _nearly_all(sight: Sight, path: Path, steps: Steps) -> bool:
    """Say whether the coordinates found leave so little of a layer that nothing else in it is worth looking for."""
    for side in (0, 1):
        fitted, held = path.coordinates(side, steps.kept)
        left = sight.held[side] - smooth(fitted, sight.fitted[side], sight.seed)(held)
        beyond = sight.principal[side].whole - sight.principal[side].variances.sum()
        if (left**2).mean(axis=0).sum() + beyond < LITTLE * sight.principal[side].whole:
            return True
    return False


def bending(sight: Sight, before: Pass | None, fold: int) -> Bending:
    """Return kernels on both layers, given what the search among their units found in this fold."""
    if before is None:
        none = [(np.zeros((len(a), 0)), np.zeros((len(b), 0))) for a, b in (sight.fitted, sight.held)]
        return Bending.of(sight, none[0], none[1])
    (a, held_a), (b, held_b) = (before.paths[fold].coordinates(side, before.steps.kept) for side in (0, 1))
    return Bending.of(sight, (a, b), (held_a, held_b))


def _searched(folds: Sequence[Ends], starts: Sequence[Callable[[Chosen], Path]]) -> Pass | None:
    choice = choose(folds)
    if not choice.predicted:
        return None
    paths = tuple(start(choice) for start in starts)
    return Pass(choice, search(paths), paths)
