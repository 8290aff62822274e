"""The slowest modes of a diffusion on a graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import eigh
from scipy.sparse import csc_array, csr_array, eye_array
from scipy.sparse.csgraph import reverse_cuthill_mckee
from scipy.sparse.linalg import ArpackNoConvergence, eigsh, splu

from conjugacy.embeddings.lobpcg import ROUNDS, lobpcg
from conjugacy.embeddings.multigrid import Multigrid

DENSE = 800  # up to so many states all is computed
MANY = 8000  # from so many on multigrid is faster than Lanczos
TOLERANCE = 1e-8
RESTARTS = 300  # of Lanczos
SETTLED = 1e-3  # residual over 1 - w from which modes are not told to be right


@dataclass(frozen=True, eq=False)
class Modes:
    """Leading eigenvectors of a symmetric matrix S with eigenvalues in [-1, 1].

    Attributes
    ----------
    values : array, (count,)
        Descending.
    vectors : array, (m, count)
        Orthonormal.
    residual : float
        Largest |S v - w v|.
    relative : float
        Largest |S v - w v| / (1 - w) over all but the first: what tells whether modes close to 1 are apart from it.
    solver : str
        "dense", "multigrid" (LOBPCG with a multigrid preconditioner) or "lanczos".
    fell_back : bool
        Whether multigrid was tried and did not converge.
    """

    values: np.ndarray
    vectors: np.ndarray
    residual: float
    relative: float
    solver: str
    fell_back: bool = False

    @classmethod
    def of(cls, symmetric: csr_array, values: np.ndarray, vectors: np.ndarray, solver: str) -> Modes:
        """Sort them and work out the residuals."""
        order = np.argsort(-values)
        values, vectors = values[order], vectors[:, order]
        left = np.linalg.norm(symmetric @ vectors - vectors * values, axis=0)
        # an eigenvalue of 1 cannot be told from rounding
        relative = left[1:] / np.maximum(1.0 - values[1:], 1e-10)
        return cls(values, vectors, float(left.max(initial=0.0)), float(relative.max(initial=0.0)), solver)

    @property
    def settled(self) -> bool:
        """Whether the residuals are small enough to call them modes."""
        return self.relative <= SETTLED


def leading_modes(
    symmetric: csr_array, count: int, start: np.ndarray, *, many: int = MANY, rounds: int = ROUNDS
) -> Modes:
    """Return the modes of the largest eigenvalues.

    Few states: all of it. Many: LOBPCG (Knyazev 2001) preconditioned by multigrid, as the spectrum crowds at 1 the more the more
    states there are. Between, and where that does not converge: Lanczos.

    Parameters
    ----------
    symmetric : sparse array, (m, m)
        With eigenvalues in [-1, 1].
    count : int
        At most m.
    start : array, (m,)
        The eigenvector of eigenvalue 1.
    many, rounds : int
        States from which multigrid is tried, and for how many rounds.
    """
    m = len(start)
    if m <= DENSE or count >= m // 4:
        values, vectors = eigh(symmetric.toarray(), subset_by_index=[m - count, m - 1], check_finite=False)
        return Modes.of(symmetric, values, vectors, "dense")
    if m < many:
        return _lanczos(symmetric, count, start)
    # states near each other stand near each other in memory: products are several times faster
    order = reverse_cuthill_mckee(symmetric, symmetric_mode=True)
    near = csr_array(symmetric[order][:, order])
    near.sort_indices()
    tried = _multigrid(near, count, start[order], rounds)
    found = tried
    if found is None or not found.settled:
        other = _lanczos(near, count, start[order])
        found = other if found is None or other.relative < found.relative else found
    back = np.empty_like(order)
    back[order] = np.arange(m)
    fell_back = tried is None or not tried.settled
    return Modes(found.values, found.vectors[back], found.residual, found.relative, found.solver, fell_back)


def _lanczos(symmetric: csr_array, count: int, start: np.ndarray) -> Modes:
    m = len(start)
    # the spectrum crowds at 1, so a wide Krylov space
    krylov = min(m, max(2 * count + 20, 40))
    solve: Any = eigsh
    found: Any = None
    for wide, tolerance in ((krylov, TOLERANCE), (min(m, 4 * krylov), 1e-4)):
        try:
            found = solve(symmetric, count, which="LA", v0=start, maxiter=RESTARTS, ncv=wide, tol=tolerance)
            break
        except ArpackNoConvergence as stopped:
            found = stopped.eigenvalues, stopped.eigenvectors
    values, vectors = found
    lacking = count - len(values)
    if lacking:  # of those that did not converge any vectors: the residual tells
        rest = np.random.default_rng(0).standard_normal((m, lacking))
        vectors = np.linalg.qr(np.hstack([vectors, rest]))[0]
        values = np.einsum("mc,mc->c", vectors, symmetric @ vectors)
    return Modes.of(symmetric, values, vectors, "lanczos")


def _multigrid(symmetric: csr_array, count: int, start: np.ndarray, rounds: int) -> Modes | None:
    """Return the modes, converged or not; None where there are no grids, or too coarse ones for so many modes."""
    first = start / np.linalg.norm(start)
    laplacian = csr_array(
        (np.negative(np.asarray(symmetric.data)), symmetric.indices, symmetric.indptr), shape=symmetric.shape
    )
    laplacian.setdiag(1.0 - np.asarray(symmetric.diagonal()))
    grids = Multigrid.of(laplacian, start)
    del laplacian
    wanted = count - 1
    started = wanted + max(2, wanted // 5)
    if grids is None or len(grids.mass) < started:
        return None
    block = grids.start(started)
    values, vectors = lobpcg(symmetric, first, block, grids, wanted, rounds)
    vectors = np.column_stack([first, vectors])
    return Modes.of(symmetric, np.concatenate([[1.0], values]), vectors, "multigrid")


def solver(matrix: Any) -> Callable[[np.ndarray], np.ndarray]:
    """Return what solves with a symmetric positive definite sparse matrix, factored in an order made for such.

    It needs no pivots off the diagonal; the usual order fills several times as much.
    """
    factor: Any = splu
    return factor(
        csc_array(matrix), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True}
    ).solve


def leading_space(symmetric: csr_array, m: int, count: int, rounds: int = 12) -> np.ndarray:
    """Return an orthonormal basis of the leading modes, (m, count).

    For eigenvalues that coincide, of which one Lanczos vector would miss some. Inverse iteration of a block a little above 1,
    the largest eigenvalue that there can be.
    """
    solve = solver((1.0 + 1e-7) * eye_array(m, format="csc") - symmetric)
    block = np.linalg.qr(np.random.default_rng(0).standard_normal((m, min(2 * count, m))))[0]
    for _ in range(rounds):
        block = np.linalg.qr(solve(block))[0]
    _, turn = np.linalg.eigh(block.T @ (symmetric @ block))
    return block @ turn[:, ::-1][:, :count]
