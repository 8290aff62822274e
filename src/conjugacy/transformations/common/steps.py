"""One common coordinate after another: the direction in which both layers still vary together, given those found before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from conjugacy.transformations.common.smooth import smooth

COMMON = 0.45  # new common share from which a coordinate counts
HARDLY = 0.27  # two in a row below it, and the search ends
MOST = 40

Both = tuple[np.ndarray, np.ndarray]
"""One array of either layer."""


@dataclass(frozen=True, eq=False)
class Steps:
    """What the search found, all folds together.

    Attributes
    ----------
    shares : array, (j,)
        New common share of every coordinate tried, on held-out rows.
    without : array, (folds, j)
        The same without one fold.
    """

    shares: np.ndarray
    without: np.ndarray

    @property
    def kept(self) -> np.ndarray:
        """Which coordinates count, (k,)."""
        return np.flatnonzero(self.shares >= COMMON)


@dataclass(eq=False)
class Path:
    """The search in one division of the rows.

    Attributes
    ----------
    fitted, held : Both
        Variates of either layer, (m, p) and (k, p).
    rest, held_rest : Both
        What is left of them, given the coordinates found so far.
    given, held_given : Both
        These coordinates, (m, j) and (k, j).
    weights : array, (p,)
        How much a variate counts.
    turns : Both, (q, p)
        From a layer's columns to its variates.
    directions : (list of array, list of array)
        From variates to the coordinates that this search added, (p,) each.
    """

    fitted: Both
    held: Both
    rest: Both
    held_rest: Both
    given: Both
    held_given: Both
    weights: np.ndarray
    turns: Both
    seed: int = 0
    directions: tuple[list[np.ndarray], list[np.ndarray]] = field(default_factory=lambda: ([], []))

    def step(self) -> tuple[float, ...]:
        """Take the next pair of directions; return the covariance and the variances of what is left and of all, on held-out rows.

        It is the leading singular pair of D (Rx^T Ry / m) D, D the weights.
        """
        w = self.weights
        shared = w[:, None] * (self.rest[0].T @ self.rest[1] / len(self.rest[0])) * w
        u, _, vt = np.linalg.svd(shared)
        last = list[np.ndarray]()
        for side, direction in enumerate((w * u[:, 0], w * vt[0])):
            last.append(direction / max(float((self.fitted[side] @ direction).std()), 1e-300))
            self.directions[side].append(last[-1])
        ra, rb, xa, xb = (
            centred(held @ direction)
            for held, direction in zip((*self.held_rest, *self.held), (*last, *last), strict=True)
        )
        return float(ra @ rb), float(ra @ ra), float(rb @ rb), float(xa @ xa), float(xb @ xb)

    def condition(self) -> None:
        """Take out of both layers what all coordinates so far tell."""
        rest, held_rest = list[np.ndarray](), list[np.ndarray]()
        for side in (0, 1):
            t, held_t = self.coordinates(side)
            told = smooth(t, self.fitted[side], self.seed)
            rest.append(told.left_out)
            held_rest.append(self.held[side] - told(held_t))
        self.rest, self.held_rest = (rest[0], rest[1]), (held_rest[0], held_rest[1])

    def turn(self, side: int, kept: np.ndarray | None = None) -> np.ndarray:
        """Return the map from a layer's variates to the coordinates found here, or some of them, (p, j)."""
        found = self.directions[side] if kept is None else [self.directions[side][i] for i in kept]
        return np.column_stack(found) if found else np.zeros((self.fitted[side].shape[1], 0))

    def coordinates(self, side: int, kept: np.ndarray | None = None) -> Both:
        """Return the coordinates of one layer, those given and all or some found here: of fitted rows and of those held out."""
        turn = self.turn(side, kept)
        return (
            np.column_stack([self.given[side], self.fitted[side] @ turn]),
            np.column_stack([self.held_given[side], self.held[side] @ turn]),
        )


def search(paths: Sequence[Path]) -> Steps:
    """Take one coordinate after another in all folds until two in a row add hardly anything.

    The new common share of a pair of directions is, on held-out rows, cov(Rx a, Ry b) / sqrt(var(X a) var(Y b)), X the layers and
    R what is left of them given the coordinates before; at most the same over the variances of what is left.
    """
    shares, without = list[float](), list[list[float]]()
    most = min(len(paths[0].weights), MOST)
    while len(shares) < most:
        pieces = np.array([path.step() for path in paths])
        shares.append(_share(pieces.sum(axis=0)))
        without.append([_share(pieces.sum(axis=0) - one) for one in pieces])
        if max(shares[-2:]) < HARDLY and len(shares) > 1:
            break
        if len(shares) < most:
            for path in paths:
                path.condition()
    return Steps(np.array(shares), np.array(without).T.reshape(len(paths), len(shares)))


def centred(values: np.ndarray) -> np.ndarray:
    """Return values without their mean; of no values none."""
    return values - values.mean() if len(values) else values


def _share(pieces: np.ndarray) -> float:
    covariance, left_a, left_b, all_a, all_b = pieces
    return float(covariance / np.sqrt(max(all_a * all_b, left_a * left_b, 1e-300)))
