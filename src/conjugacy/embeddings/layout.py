"""A layout: the frames of neighbouring states turned towards each other, and coordinates, by turns until both settle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array

from conjugacy.embeddings.closed_direction import best_period, windings
from conjugacy.embeddings.spectrum import leading_space
from conjugacy.embeddings.steps import Edges, solver_of
from conjugacy.numerics.alignment.rotation_starts import nearest_rotation

PLAIN, ROUNDS = 6, 60
SETTLED = 1e-5  # change of a round over the size of the whole


@dataclass(frozen=True, eq=False)
class Layout:
    """Coordinates of every state, (m, d), the period of each, (d,), by how far steps miss them, and how the rounds ended."""

    y: np.ndarray
    periods: np.ndarray
    stress: float
    rounds: int
    settled: bool


def lay_out(edges: Edges) -> Layout:
    """Turn frames and move states by turns until steps along the edges fit, the direction that fits worst closed if it is."""
    frames = _aligned_frames(edges) if edges.frames is None else edges.frames
    turned = np.einsum("eab,eb->ea", frames[edges.i], edges.steps)
    solve = solver_of(edges)
    wraps = np.zeros_like(turned)  # what an edge that crosses the seam is short of
    # the edge from the other end runs the other way: its step is minus that of the reversed edge
    wanted = (turned - turned[edges.back]) / 2.0
    y = solve(wanted)
    axes = _worst_last(edges, wanted - (y[edges.j] - y[edges.i]))
    turned, wanted = turned @ axes, wanted @ axes
    period, winding, solve = windings(solve, wanted[:, -1])
    edges = solve.edges
    settled, rounds, stress = False, 0, np.inf
    y = np.full_like(y, np.inf)
    for rounds in range(1, ROUNDS + 1):
        if period:
            period = best_period(edges, solve, wanted[:, -1], winding)
            wraps = np.zeros_like(wanted)
            wraps[:, -1] = period * winding
        moved = solve(wanted - wraps)
        size = float(np.sqrt((moved**2).sum() / edges.m)) or 1.0
        change = float(np.sqrt(((moved - y) ** 2).sum() / edges.m)) / size
        y = moved
        laid = y[edges.j] - y[edges.i] + wraps
        missed = edges.weights * ((laid - wanted) ** 2).sum(axis=1)
        stress = float(np.sqrt(missed.sum() / (edges.weights * (edges.steps**2).sum(axis=1)).sum()))
        if change < SETTLED and rounds > PLAIN:
            settled = True
            break
        # first every frame is fitted to the layout, which turns over what was mirrored; then to what it is to give of an edge
        # once the frame of j has given its half, as curvature bends both the other way
        seen = laid if rounds <= PLAIN else 2.0 * laid + turned[edges.back]
        frames = nearest_rotation(
            np, edges.sums(edges.weights[:, None, None] * seen[:, :, None] * edges.steps[:, None, :])
        )
        turned = np.einsum("eab,eb->ea", frames[edges.i], edges.steps)
        wanted = (turned - turned[edges.back]) / 2.0
    return Layout(*_principal(y, period), stress, rounds, settled)


def _aligned_frames(edges: Edges) -> np.ndarray:
    """Return orthogonal matrices that turn every state's frame into a common one, (m, d, d), as far as there is one."""
    m, d = edges.m, edges.d
    degree = edges.sums(edges.weights)
    scaled = edges.weights / np.sqrt(degree[edges.i] * degree[edges.j])
    blocks = scaled[:, None, None] * edges.links
    rows = (edges.i[:, None, None] * d + np.arange(d)[:, None]) + np.zeros((1, d), dtype=np.int64)
    columns = (edges.j[:, None, None] * d + np.arange(d)) + np.zeros((d, 1), dtype=np.int64)
    whole = csr_array(coo_array((blocks.ravel(), (rows.ravel(), columns.ravel())), shape=(m * d, m * d)))
    whole = csr_array((whole + whole.T) / 2.0)
    return nearest_rotation(np, leading_space(whole, m * d, d).reshape(m, d, d)).transpose(0, 2, 1)


def _worst_last(edges: Edges, left: np.ndarray) -> np.ndarray:
    """Return axes, the last the direction along which the most of the steps is left over."""
    return np.linalg.eigh((edges.weights[:, None] * left).T @ left)[1]


def _principal(y: np.ndarray, period: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the open directions along their principal axes, and the closed one from 0 to its period."""
    d = y.shape[1]
    n_open = d - 1 if period else d
    out, periods = y.copy(), np.zeros(d)
    if n_open:
        part = y[:, :n_open] - y[:, :n_open].mean(axis=0)
        out[:, :n_open] = part @ np.linalg.svd(part, full_matrices=False)[2].T
    if period:
        periods[-1] = period
        out[:, -1] = np.mod(y[:, -1], period)
    return out, periods
