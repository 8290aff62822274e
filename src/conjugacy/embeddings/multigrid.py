"""A multigrid cycle for graph Laplacians, on many right-hand sides at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array, csr_matrix

STRONG = 8  # heaviest edges of a state along which states are put together
COARSEST, TOO_MANY = 1500, 5000  # states at which coarsening ends; at which it must have ended
SWEEPS, CYCLES = 2, 3
WIDTH = 4.0  # a sweep damps the upper part of the spectrum, down to this fraction of it
AT_ONCE = 1_000_000  # edges
BLOCK = np.float32  # a preconditioner need not be exact


@dataclass(frozen=True, eq=False)
class _Level:
    """One grid: its matrix, one over its diagonal, the largest eigenvalue of their product, and the way to the next grid."""

    matrix: csr_matrix
    inverse: np.ndarray
    top: float
    prolong: csr_matrix
    restrict: csr_matrix

    def smooth(self, right: np.ndarray, x: np.ndarray | None) -> np.ndarray:
        """Return x after Chebyshev sweeps (Adams et al. 2003), from 0 where there is none."""
        low = self.top / WIDTH
        middle, half = (self.top + low) / 2.0, (self.top - low) / 2.0
        left = right if x is None else right - self.matrix @ x
        step, size = self.inverse * left, 1.0 / middle
        for sweep in range(SWEEPS):
            if sweep:
                ratio = (0.5 if sweep == 1 else 0.25) * (half * size) ** 2
                size = 1.0 / (middle - ratio / size)
                step = self.inverse * left + BLOCK(ratio) * step
            x = BLOCK(size) * step if x is None else x + BLOCK(size) * step
            if sweep + 1 < SWEEPS:
                left = right - self.matrix @ x
        return np.asarray(x)


@dataclass(frozen=True, eq=False)
class Multigrid:
    """Smoothed aggregation (Vanek, Mandel and Brezina 1996) with grids of pyamg, cycled here with blocks of vectors.

    Applied to a block (m, q) it returns nearly the Laplacian's pseudo-inverse of it: symmetric, so fit for a preconditioner.
    Coarse grids are small against fine ones and cycled several times.
    """

    levels: tuple[_Level, ...]
    factor: tuple[Any, bool]
    mass: np.ndarray
    sizes: tuple[int, ...]

    @classmethod
    def of(cls, laplacian: csr_array, null: np.ndarray) -> Multigrid | None:
        """Build the grids of I - S from its null vector; None where a state hangs on by nothing, or all grids are large."""
        from pyamg import smoothed_aggregation_solver

        fine = csr_matrix(laplacian)
        if (fine.diagonal() <= 0).any():
            return None
        build: Any = smoothed_aggregation_solver
        built = build(
            fine,
            B=null[:, None].copy(),
            symmetry="symmetric",
            strength=[("predefined", {"C": _strong(fine)}), ("symmetric", {"theta": 0.0})],
            improve_candidates=None,
            presmoother=None,
            postsmoother=None,
            coarse_solver=None,
            max_coarse=COARSEST,
        )
        coarse = built.levels[-1]
        size = int(coarse.A.shape[0])
        if size > TOO_MANY or len(built.levels) < 2 or any((level.A.diagonal() <= 0).any() for level in built.levels):
            return None
        held = np.asarray(coarse.B[:, 0]) / np.linalg.norm(coarse.B[:, 0])
        scale = float(coarse.A.diagonal().mean())
        upper, lower = cho_factor(coarse.A.toarray() + scale * np.outer(held, held))
        down: Any = built.levels[0].P
        for level in built.levels[1:-1]:
            down = down @ level.P
        levels = tuple(_level(level) for level in built.levels[:-1])
        sizes = tuple(int(level.A.shape[0]) for level in built.levels)
        return cls(levels, (upper.astype(BLOCK), lower), np.asarray((down.T @ down).toarray(), dtype=BLOCK), sizes)

    def __call__(self, right: np.ndarray, at: int = 0) -> np.ndarray:
        """Return nearly the solution, (m, q)."""
        if at == len(self.levels):
            return np.asarray(cho_solve(self.factor, right, check_finite=False))
        level = self.levels[at]
        x = level.smooth(right, None)
        left = level.restrict @ (right - level.matrix @ x)
        coarse = self(left, at + 1)
        if at + 1 < len(self.levels):
            for _ in range(CYCLES - 1):
                coarse = coarse + self(left - self.levels[at + 1].matrix @ coarse, at + 1)
        return level.smooth(right, x + level.prolong @ coarse)

    def start(self, count: int) -> np.ndarray:
        """Return the slowest modes of the coarsest grid, at least so many states, brought to the finest, (m, count)."""
        block = np.random.default_rng(0).standard_normal((len(self.mass), count)).astype(BLOCK)
        for _ in range(4):
            block = np.linalg.qr(cho_solve(self.factor, self.mass @ block, check_finite=False))[0]
        for level in self.levels[::-1]:
            block = level.prolong @ block
        return block.astype(np.float64)


def _level(level: Any) -> _Level:
    matrix = csr_matrix(level.A)
    inverse = np.reciprocal(np.asarray(matrix.diagonal())).astype(BLOCK)[:, None]
    matrix = csr_matrix((matrix.data.astype(BLOCK), matrix.indices, matrix.indptr), shape=matrix.shape)
    prolong: Any = csr_matrix(level.P).astype(BLOCK)
    vector = np.random.default_rng(0).standard_normal((len(inverse), 1)).astype(BLOCK)
    size = 1.0
    for _ in range(15):
        vector = inverse * (matrix @ vector)
        size = float(np.linalg.norm(vector))
        vector /= size
    return _Level(matrix, inverse, 1.1 * size, prolong, csr_matrix(prolong.T))


def _strong(laplacian: csr_matrix) -> csr_matrix:
    """Return the graph of every state's few heaviest edges: groups along all edges of a dense graph would be too large."""
    m = len(laplacian.indptr) - 1
    keep = np.empty(len(laplacian.data), dtype=bool)
    sizes = np.diff(laplacian.indptr)
    some = max(1, AT_ONCE // int(sizes.max()))
    for at in range(0, m, some):
        ends = laplacian.indptr[at : at + some + 1]
        inside = slice(ends[0], ends[-1])
        rows = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
        own = laplacian.indices[inside] == rows + at
        weights = np.where(own, 0.0, np.abs(laplacian.data[inside]))
        first = ends[:-1] - ends[0]
        heaviest = np.maximum(np.maximum.reduceat(weights, first), np.finfo(float).tiny)
        # one sort for all rows: the row before the point, the rank of an edge behind it
        key = rows + (1.0 - weights / heaviest[rows]) * 0.999
        last = np.sort(key)[np.minimum(first + STRONG - 1, ends[1:] - ends[0] - 1)]
        keep[inside] = (key <= last[rows]) | own
    ends = np.concatenate([[0], np.cumsum(keep)[laplacian.indptr[1:] - 1]]).astype(np.int32)
    graph = csr_matrix((np.ones(int(ends[-1])), laplacian.indices[keep], ends), shape=(m, m))
    return csr_matrix(graph.maximum(graph.T))
