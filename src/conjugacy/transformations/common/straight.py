"""Straight coordinates: of all that tell the same, those of which what both layers share is a simple function.

The search finds coordinates that both layers hold, s + g(s) as well as s: of functions of shared latents nothing tells them apart
but what they tell of the rest. Curved ones need many rows before anything is read from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize

from conjugacy.transformations.common.steps import Both, Path
from conjugacy.transformations.common.variates import FAR, Chosen

CONFIRMED = 0.98  # straight coordinates must leave less than this share of what those of the search leave
ROWS_EACH = 4  # rows for each term of the quadratic map; with fewer the search's coordinates stay
PENALTY, LINEAR_PENALTY = 0.1, 1e-6  # on squared coefficients: of products, and of the rest
STEPS = 40
EMPTY = 1e-300


@dataclass(frozen=True, eq=False)
class ToldAcross:
    """What coordinates of one layer are to tell: the other's variates, weighed by r, and the coordinates found there.

    Both weigh the same: variates alone would give up a quiet coordinate for one more curved view of a loud one.

    Attributes
    ----------
    variates : Both, (m, p)
        Of either layer.
    wanted : Both, (m, p + k)
        What each layer's coordinates are to tell, of the other layer.
    """

    variates: Both
    wanted: Both

    @classmethod
    def of(cls, variates: Both, found: Both, choice: Chosen) -> ToldAcross:
        """Return what coordinates turned from variates (p, k) as the search did are to tell."""
        weight = np.sqrt((choice.correlations**2).sum() / found[0].shape[1])
        near = [np.clip(v, -FAR, FAR) for v in variates]
        wanted = [
            np.column_stack([choice.correlations * v, weight * np.clip(own @ turn, -FAR, FAR)])
            for v, own, turn in zip(near, variates, found, strict=True)
        ]
        return cls((near[0], near[1]), (wanted[1], wanted[0]))

    def turned(self, turns: Both) -> tuple[np.ndarray, np.ndarray]:
        """Return the coordinates of both layers one below the other, (2 m, k), and their spreads in either, (2, k)."""
        z = [v @ turn for v, turn in zip(self.variates, turns, strict=True)]
        spreads = np.array([np.maximum(one.std(axis=0), EMPTY) for one in z])
        return np.concatenate([one / spread for one, spread in zip(z, spreads, strict=True)]), spreads

    def loss(self, flat: np.ndarray, k: int) -> tuple[float, np.ndarray]:
        """Return what the best quadratic map, the same for both layers, leaves; and its slope along both turns (2 p k,)."""
        turns = flat.reshape(2, -1, k)
        z, spreads = self.turned((turns[0], turns[1]))
        wanted, m = np.concatenate(self.wanted), len(z)
        f, c, penalty = _fitted(z, wanted)
        rest = wanted - f @ c
        loss = float((rest**2).sum() / m + (penalty[:, None] * c**2).sum())
        slopes = -2.0 / m * rest @ c.T  # the map is the best one, so only the coordinates move
        first, second = np.triu_indices(k)
        products = np.zeros((m, k, k))
        products[:, first, second] = slopes[:, 1 + k :] * _scales(k)
        along = slopes[:, 1 : 1 + k] + np.einsum("mij,mj->mi", products + products.swapaxes(1, 2), z)
        found = list[np.ndarray]()
        for variates, own, slope, spread in zip(
            self.variates, np.split(z, 2), np.split(along, 2), spreads, strict=True
        ):
            centred = own - own.mean(axis=0)
            found.append((variates.T @ ((slope - centred * (slope * own).mean(axis=0)) / spread)).ravel())
        return loss, np.concatenate(found)

    def missed(self, turns: Both, held: ToldAcross) -> float:
        """Return what the quadratic map that these rows give leaves of others."""
        z, spreads = self.turned(turns)
        _, c, _ = _fitted(z, np.concatenate(self.wanted))
        return sum(
            float(((wanted - _quadratic(v @ turn / spread) @ c) ** 2).sum())
            for v, turn, spread, wanted in zip(held.variates, turns, spreads, held.wanted, strict=True)
        )


def straightened(path: Path, choice: Chosen, kept: np.ndarray) -> Both:
    """Return maps from the variates of either layer to straight coordinates, (p, k): reduced-rank quadratic regression.

    They begin at the coordinates that the search kept, and are turned to lie as near to these as they can.
    """
    found = path.turn(0, kept), path.turn(1, kept)
    k = len(kept)
    told = ToldAcross.of(path.fitted, found, choice)
    best = minimize(
        told.loss,
        np.concatenate([t.ravel() for t in found]),
        args=(k,),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": STEPS},
    )
    turns = best.x.reshape(2, -1, k)
    turns = [_unit(own, turn) for own, turn in zip(path.fitted, turns, strict=True)]
    z = np.concatenate([own @ turn for own, turn in zip(path.fitted, turns, strict=True)])
    before = np.concatenate([own @ turn for own, turn in zip(path.fitted, found, strict=True)])
    values, vectors = np.linalg.eigh(z.T @ z / len(z))
    white = vectors / np.sqrt(np.maximum(values, EMPTY)) @ vectors.T
    u, _, vt = np.linalg.svd(white @ (z.T @ before))
    nearest = white @ u @ vt
    return _unit(path.fitted[0], turns[0] @ nearest), _unit(path.fitted[1], turns[1] @ nearest)


def straight_turns(paths: Sequence[Path], choice: Chosen, kept: np.ndarray) -> tuple[Both, ...]:
    """Return straight coordinates of every fold; none where the rows held out do not confirm that they tell more."""
    k = len(kept)
    if not k or ROWS_EACH * (1 + k + k * (k + 1) // 2) > min(len(path.fitted[0]) for path in paths):
        return ()
    turns, before, after = list[Both](), 0.0, 0.0
    for path in paths:
        found = path.turn(0, kept), path.turn(1, kept)
        turns.append(straightened(path, choice, kept))
        fitted, held = (ToldAcross.of(rows, found, choice) for rows in (path.fitted, path.held))
        before += fitted.missed(found, held)
        after += fitted.missed(turns[-1], held)
    return tuple(turns) if after < CONFIRMED * before else ()


def _unit(own: np.ndarray, turn: np.ndarray) -> np.ndarray:
    return turn / np.maximum((own @ turn).std(axis=0), EMPTY)


def _scales(k: int) -> np.ndarray:
    """Return what makes products of normal coordinates vary as these do, (k (k + 1) / 2,)."""
    first, second = np.triu_indices(k)
    return np.where(first == second, np.sqrt(0.5), 1.0)


def _quadratic(z: np.ndarray) -> np.ndarray:
    """Return one, coordinates z (m, k) and their products."""
    first, second = np.triu_indices(z.shape[1])
    return np.column_stack([np.ones(len(z)), z, (z[:, first] * z[:, second] - (first == second)) * _scales(z.shape[1])])


def _fitted(z: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return quadratic terms of coordinates, their ridge regression onto what is wanted, and the penalties."""
    f = _quadratic(z)
    penalty = np.full(f.shape[1], PENALTY)
    penalty[: 1 + z.shape[1]] = LINEAR_PENALTY
    factor = cho_factor(f.T @ f / len(f) + np.diag(penalty))
    return f, cho_solve(factor, f.T @ wanted / len(f)), penalty
