"""Both layers in one division of the rows: their columns, straight and bent, and where the search starts from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conjugacy.transformations.common.columns import Bent, Principal
from conjugacy.transformations.common.smooth import smooth
from conjugacy.transformations.common.steps import Both, Path
from conjugacy.transformations.common.variates import Chosen, Ends, Variates

UNITS, KERNELS = (
    0.25,
    1.0,
)  # powers of its variance that weigh a direction; what smoothing leaves of kernels hardly varies


@dataclass(frozen=True, eq=False)
class Sight:
    """Principal coordinates of both layers, of the rows that fit them and of those held out.

    Attributes
    ----------
    principal : (Principal, Principal)
    fitted, held : Both, (m, q) and (k, q)
    seed : int
    """

    principal: tuple[Principal, Principal]
    fitted: Both
    held: Both
    seed: int

    @classmethod
    def whole(cls, x: np.ndarray, y: np.ndarray, seed: int) -> Sight:
        """Return those of all rows x (m, n) and y (m, p), none held out."""
        a, b = Principal.of(x), Principal.of(y)
        fitted = a(x), b(y)
        return cls((a, b), fitted, (fitted[0][:0], fitted[1][:0]), seed)

    def without(self, out: np.ndarray) -> Sight:
        """Return the same with some rows held out.

        The coordinates of either layer are those of all rows, turned: they know nothing of the other layer.
        """
        a, b = (Principal.again(v[~out], p.whole) for v, p in zip(self.fitted, self.principal, strict=True))
        x, y = self.fitted
        return Sight((a, b), (a(x[~out]), b(y[~out])), (a(x[out]), b(y[out])), self.seed)

    @property
    def ends(self) -> Ends:
        """The coordinates as columns."""
        a, b = self.principal
        return Ends(self.fitted, self.held, (a.variances, b.variances), (a.whole, b.whole))

    def start(self, choice: Chosen) -> Path:
        """Return where the search among units starts."""
        v = Variates.of(self.ends, choice)
        none = [(np.zeros((len(a), 0)), np.zeros((len(b), 0))) for a, b in (v.fitted, v.held)]
        return Path(
            v.fitted, v.held, v.fitted, v.held, none[0], none[1], _weights(choice, v, UNITS), v.turns, self.seed
        )


@dataclass(frozen=True, eq=False)
class Bending:
    """Kernels on both layers, and what is left of them given some coordinates.

    Attributes
    ----------
    sight : Sight
    bent : (Bent, Bent)
    rest : (Principal, Principal)
        Principal coordinates of what is left of the columns.
    fitted, held : Both
        The columns themselves in these coordinates.
    ends : Ends
        What is left of them.
    given, held_given : Both
        The coordinates, (m, j) and (k, j).
    """

    sight: Sight
    bent: tuple[Bent, Bent]
    rest: tuple[Principal, Principal]
    fitted: Both
    held: Both
    ends: Ends
    given: Both
    held_given: Both

    @classmethod
    def of(cls, sight: Sight, given: Both, held_given: Both) -> Bending:
        """Return kernels on the coordinates of a sight, given these coordinates of either layer."""
        bents, rests, own, left = list[Bent](), list[Principal](), list[Both](), list[Both]()
        for side in (0, 1):
            bent = Bent.of(sight.principal[side], sight.fitted[side], sight.seed)
            fitted, held = bent(sight.fitted[side]), bent(sight.held[side])
            rest, held_rest = fitted, held
            if given[side].shape[1]:
                told = smooth(given[side], fitted, sight.seed)
                rest, held_rest = told.left_out, held - told(held_given[side])
            turn = Principal.of(rest)
            bents.append(bent)
            rests.append(turn)
            own.append((fitted @ turn.loadings, held @ turn.loadings))
            left.append((turn(rest), turn(held_rest)))
        ends = Ends(
            (left[0][0], left[1][0]),
            (left[0][1], left[1][1]),
            (rests[0].variances, rests[1].variances),
            (rests[0].whole, rests[1].whole),
        )
        fitted, held = ((own[0][i], own[1][i]) for i in (0, 1))
        return cls(sight, (bents[0], bents[1]), (rests[0], rests[1]), fitted, held, ends, given, held_given)

    def start(self, choice: Chosen) -> Path:
        """Return where the search among kernels starts."""
        v = Variates.of(self.ends, choice)
        fitted, held = ((a @ v.turns[0], b @ v.turns[1]) for a, b in (self.fitted, self.held))
        weights = _weights(choice, v, KERNELS)
        given = self.given, self.held_given
        path = Path(fitted, held, v.fitted, v.held, *given, weights, v.turns, self.sight.seed)
        if self.given[0].shape[1]:
            path.condition()  # smoothing leaves a little of every kernel, and variates gather that: of them it leaves nothing
        return path


def _weights(choice: Chosen, v: Variates, power: float) -> np.ndarray:
    """Return how much each variate counts: curved directions are predicted less, and hardly vary."""
    return choice.correlations * (v.shares[0] * v.shares[1]) ** power
