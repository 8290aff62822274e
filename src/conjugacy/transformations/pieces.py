"""Maps in pieces: another kind of map, looked at before the smooth one is refuted.

A network that sends inputs to one of several experts, or that jumps, is a mixture of maps. Each is simple, but a kernel follows
their seams only slowly, and looks settled long before it has. Rows are parted: each goes to the one of several ridge maps that
tells it best, from a start by k-means of both layers (hard expectation maximisation, as in mixtures of experts, Jordan and
Jacobs 1994). Where the target is not known, a logistic regression on the source says which map a row takes. What such maps
leave of held-out rows is an upper bound of what the two networks leave, as any map's is. It refutes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.cluster.vq import kmeans2
from scipy.linalg import solve

from conjugacy.numerics.process_wide import no_warnings
from conjugacy.transformations.compact import judged_in_few
from conjugacy.transformations.way import Way

PIECES = (8, 16, 4)  # maps, in the order in which they are tried
PARTS = 5  # of the rows, each told by the others
COORDINATES, ROUNDS, STRENGTH = 16, 8, 1e-3  # strength of a piece's ridge, over the variance of a coordinate
MOST_STEPS, WEAK = 20, 100.0  # of k-means; and C of the gate
LESS = 0.9  # times what the smooth map leaves of the same rows: under it another kind of map is better
HOPELESS, ENOUGH_ROWS = 1.2, 200  # times what the smooth map leaves of so many rows: the rest is not looked at
FAR_BEYOND = 2.5  # the same of any number of rows
MOST_LEFT, MOST_ROWS = 0.5, 3000


@dataclass(frozen=True, eq=False)
class LinearPiece:
    """A ridge map of points (m, r) to targets (m, q)."""

    mean_in: np.ndarray
    mean_out: np.ndarray
    matrix: np.ndarray

    @classmethod
    def of(cls, points: np.ndarray, targets: np.ndarray) -> LinearPiece:
        """Fit it."""
        mean_in, mean_out = points.mean(axis=0), targets.mean(axis=0)
        centred = points - mean_in
        gram = centred.T @ centred
        gram[np.diag_indices_from(gram)] += STRENGTH * np.trace(gram) / len(gram) + 1e-12
        return cls(mean_in, mean_out, solve(gram, centred.T @ (targets - mean_out), assume_a="pos"))

    def apply(self, points: np.ndarray) -> np.ndarray:
        """Map rows (k, r)."""
        return (points - self.mean_in) @ self.matrix + self.mean_out


def left_in_pieces(way: Way, first: np.ndarray, totals: np.ndarray, weights: np.ndarray | None = None) -> float | None:
    """Return what maps in pieces leave of the target's judged units on held-out rows, over what the smooth map leaves of them.

    None where they do not leave clearly less, or where the smooth map tells less than half: pieces then tell no more.

    Parameters
    ----------
    first, totals : array, (m,)
        Squared held-out residuals of the smooth map, per row, and what they are fractions of.
    weights : array, (m,), or None
        What rows weigh in these.
    """
    if first.sum() > MOST_LEFT * totals.sum():
        return None
    count = min(way.source.m, MOST_ROWS)
    few = np.arange(count) * way.source.m // count
    points, sketch = way.source.points_at(few)[:, :COORDINATES], way.target.sketch[few]
    points, sketch = points / (points[:, 0].std() or 1.0), sketch / (np.sqrt((sketch**2).sum() / count) or 1.0)
    rows = _InPieces(
        points,
        sketch,
        judged_in_few(way.target)[few],
        way.folds[few] * PARTS // (int(way.folds.max()) + 1),
        first[few],
        None if weights is None else weights[few],
    )
    for pieces in PIECES:
        share = rows.left(pieces)
        if share is None or share < LESS:
            return share
    return None


@dataclass(frozen=True, eq=False)
class _InPieces:
    """Rows of both layers, and what the smooth map leaves of them.

    Attributes
    ----------
    points : array, (m, r)
        Of the source.
    sketch, targets : array, (m, q) and (m, p)
        Of the target: what the rows are assigned by, and what is told.
    parts : int array, (m,)
        Which are held out together.
    first : array, (m,)
    weights : array, (m,), or None
    """

    points: np.ndarray
    sketch: np.ndarray
    targets: np.ndarray
    parts: np.ndarray
    first: np.ndarray
    weights: np.ndarray | None

    def left(self, pieces: int) -> float | None:
        """Return what so many maps leave, over what the smooth one leaves; None where the first parts show that it is more."""
        left = before = seen = 0.0
        for part in np.unique(self.parts):
            out = self.parts == part
            missed = self.targets[out] - self._told(pieces, ~out, out)
            errors = (missed**2).sum(axis=1)
            left += float((errors if self.weights is None else errors * self.weights[out]).sum())
            before += float(self.first[out].sum())
            seen += out.sum()
            if left >= (HOPELESS if seen >= ENOUGH_ROWS else FAR_BEYOND) * before:
                return None
        return left / before if before > 0 else None

    def _told(self, count: int, by: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Return what so many maps, fitted to some rows, tell of the targets at others."""
        points, targets, new = self.points[by], self.targets[by], self.points[at]
        pieces = assigned(points, self.sketch[by], count)
        found = np.unique(pieces)
        taken = np.full(len(new), found[0]) if len(found) == 1 else _gate(points, pieces, new)
        told = np.empty((len(new), targets.shape[1]))
        for piece in np.unique(taken):
            own, there = pieces == piece, taken == piece
            told[there] = LinearPiece.of(points[own], targets[own]).apply(new[there])
        return told


def assigned(points: np.ndarray, sketch: np.ndarray, count: int) -> np.ndarray:
    """Return the piece of every row, of at most so many: that which tells the sketch best, and has enough rows."""
    count, fewest = min(count, len(points)), points.shape[1] // 2 + 3
    pieces = clustered(np.hstack([points, sketch]), count)
    for _ in range(ROUNDS):
        errors = np.full((len(points), count), np.inf)
        for piece in range(count):
            own = pieces == piece
            if own.sum() >= fewest:
                errors[:, piece] = ((sketch - LinearPiece.of(points[own], sketch[own]).apply(points)) ** 2).sum(axis=1)
        nearer = np.argmin(errors, axis=1)
        if np.array_equal(nearer, pieces):
            break
        pieces = nearer
    return pieces


def clustered(points: np.ndarray, count: int) -> np.ndarray:
    """Return the number of every row's cluster by k-means (`KMeans` itself changes the process for as long as it runs).

    Examples
    --------
    >>> a, b, c, d = clustered(np.array([[0.0], [5.0], [0.1], [5.1]]), 2).tolist()
    >>> a == c != b == d
    True
    """
    from sklearn.cluster import kmeans_plusplus

    points = points - points.mean(axis=0)
    centres, _ = kmeans_plusplus(points, count, random_state=0)
    with no_warnings():  # of clusters that stay empty
        return kmeans2(points, centres, iter=MOST_STEPS, minit="matrix")[1]


def _gate(points: np.ndarray, pieces: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return which piece rows take, by a logistic regression."""
    from sklearn.linear_model import LogisticRegression

    with no_warnings():  # of steps that are not all: what it tells, not its coefficients, is asked for
        return LogisticRegression(C=WEAK, max_iter=100).fit(points, pieces).predict(at)
