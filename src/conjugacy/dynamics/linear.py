"""LinearDynamics: one network's trajectories as a linear system in whitened delay coordinates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conjugacy.results import Status


@dataclass(frozen=True, eq=False)
class LinearDynamics:
    """A linear system v_{t+1} = A v_t.

    Attributes
    ----------
    matrix : array, (r, r)
        A. From a DMD, in whitened coordinates: over the rows fitted, each coordinate has the same sum of squares, 1.
    eigenvalues : array, (r,), complex
        Of A, the slowest decay first.
    residuals : array, (r,) or None
        How far each eigenvalue is from being one of the system's: |V+ u - lambda V- u| / |V- u| over the rows fitted, 0 for a
        true mode (residual DMD, Colbrook and Townsend 2024).
    singular_values : array, (r,) or None
        Of the delayed states.
    delays, interval : int
        Number of delays and time points between two.
    dt : float
        Time of one step.
    rows : int
        Pairs of successive delayed states that were fitted.
    error : float or None
        What one step ahead leaves unexplained of the newest state's variance, over the rows fitted.
    basis : array, (delays n, r), or None
        From centred delayed states to v.
    mean : array, (n,), or None
        What was taken off every time point.
    status : Status
    """

    matrix: np.ndarray
    eigenvalues: np.ndarray
    residuals: np.ndarray | None = None
    singular_values: np.ndarray | None = None
    delays: int = 1
    interval: int = 1
    dt: float = 1.0
    rows: int = 0
    error: float | None = None
    basis: np.ndarray | None = None
    mean: np.ndarray | None = None
    status: Status = Status.OK

    @classmethod
    def of(cls, matrix: np.ndarray, *, dt: float = 1.0, status: Status = Status.OK) -> LinearDynamics:
        """Wrap a matrix that comes from elsewhere: another estimator, a theory.

        Examples
        --------
        >>> LinearDynamics.of(np.array([[0.9, 0.1], [0.0, 0.5]])).eigenvalues.real.tolist()
        [0.9, 0.5]
        """
        a = np.array(matrix, dtype=np.float64)
        return cls(a, sorted_eigenvalues(a), dt=dt, status=status)

    @property
    def rank(self) -> int:
        """Number of coordinates r."""
        return len(self.matrix)

    @property
    def rates(self) -> np.ndarray:
        """Growth rates and angular frequencies per unit of time, log(lambda) / dt, (r,) complex."""
        with np.errstate(divide="ignore"):
            return np.log(self.eigenvalues.astype(np.complex128)) / self.dt

    @property
    def non_normality(self) -> float:
        """|A^T A - A A^T|_F / |A|_F^2; 0 for a normal matrix, whose eigenvalues say all."""
        a = self.matrix
        total = float((a**2).sum())
        return float(np.linalg.norm(a.T @ a - a @ a.T) / total) if total > 0 else 0.0


def sorted_eigenvalues(matrix: np.ndarray) -> np.ndarray:
    """Return eigenvalues by falling modulus, then by angle."""
    values = np.linalg.eigvals(matrix).astype(np.complex128)
    return values[np.lexsort((np.angle(values), np.round(-np.abs(values), 12)))]
