"""Whether steps along one direction lead back to where they began, and how long the way round is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

from conjugacy.embeddings.steps import Edges, Solver, solver_of

CLOSED = 0.5  # of what is left of the squared steps, where a direction is taken to be closed
SEAM = 3.0  # a period is at least so many times as long as an edge
APART = 1e-9  # length of an edge between states that coincide, so that it is one
SHORT_CUTS = 0.02  # share of the edges


def windings(solve: Solver, along: np.ndarray) -> tuple[float, np.ndarray, Solver]:
    """Return the period of a direction that is closed, how often every edge crosses the seam, and the solver without short cuts.

    Steps are added up along a tree; an edge outside of it that closes a loop round the world is a period short. What is neither
    that nor nothing leads through the layer, not through the world: states of other places that look alike. A tree of the fewest
    edges would be made of these, so that of the shortest ones comes first, where its many steps do not add up to noise.
    """
    edges, none = solve.edges, np.zeros(len(along), dtype=bool)
    shortest = minimum_spanning_tree(edges.matrix(APART - np.log(edges.weights)))
    for tree in (shortest, edges.matrix(edges.weights)):
        missed = _missed(edges, tree, along)
        largest = float(np.abs(missed).max())
        if largest <= SEAM * float(np.quantile(np.abs(along), 0.99)):
            return 0.0, np.zeros_like(along), solve
        period = float(np.median(np.abs(missed[np.abs(missed) > largest / 2.0])))
        winding = np.round(missed / period)
        short = np.abs(missed - period * winding) > period / 4.0 if tree is shortest else none
        if short.mean() > SHORT_CUTS:
            continue
        kept = solver_of(replace(edges, weights=np.where(short, 0.0, edges.weights))) if short.any() else solve
        left = [_left(kept, v) for v in (along, along - period * winding)]
        if left[1] < CLOSED * left[0]:
            return period, winding, kept
    return 0.0, np.zeros_like(along), solve


def _missed(edges: Edges, tree: csr_array, along: np.ndarray) -> np.ndarray:
    """Return what edges differ by from the steps added up along the tree."""
    order, before = breadth_first_order(tree, 0, directed=False)
    place = edges.matrix(np.arange(1, len(along) + 1, dtype=np.float64))
    steps, y = np.zeros(edges.m), np.zeros(edges.m)
    inner = order[1:]
    steps[inner] = along[place[before[inner], inner].astype(np.int64) - 1]
    for state in inner.tolist():
        y[state] = y[before[state]] + steps[state]
    return along - (y[edges.j] - y[edges.i])


def _left(solve: Solver, along: np.ndarray) -> float:
    edges, y = solve.edges, solve(along[:, None])[:, 0]
    return float((edges.weights * (along - (y[edges.j] - y[edges.i])) ** 2).sum())


def best_period(edges: Edges, solve: Solver, along: np.ndarray, winding: np.ndarray) -> float:
    """Return the period with which steps and windings together leave least: a regression of what no layout explains."""
    both = np.stack([along, winding], axis=1)
    y = solve(both)
    left = both - (y[edges.j] - y[edges.i])
    return float(abs((edges.weights * left[:, 0] * left[:, 1]).sum() / (edges.weights * left[:, 1] ** 2).sum()))
