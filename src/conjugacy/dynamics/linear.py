"""LinearDynamics: one network's trajectories as a linear system in whitened delay coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from conjugacy.errors import InputError
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
        What was subtracted from every time point.
    status : Status

    Examples
    --------
    >>> LinearDynamics.of(np.diag([0.5, 0.9])).eigenvalues.real.tolist()
    [0.9, 0.5]
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

    @classmethod
    def of_modes(cls, eigenvalues: np.ndarray, functions: np.ndarray, *, dt: float = 1.0) -> LinearDynamics:
        """Build the system from eigenvalues and their eigenfunctions' values, in coordinates that are white on these rows.

        With phi(x_{t+1}) = phi(x_t) Lambda and v an orthonormal basis of what the functions span, v_{t+1} = A v_t: the same
        coordinates, up to a rotation, in which `DMD` gives its matrix.

        Parameters
        ----------
        eigenvalues : array, (r,)
        functions : array, (rows, r)
            One eigenfunction a column, complex ones in conjugate pairs.

        Raises
        ------
        InputError
            Where functions depend on each other, complex pairs are not whole, or something is not finite.
        """
        values, phi = (np.asarray(x, dtype=np.complex128) for x in (eigenvalues, functions))
        if values.ndim != 1 or phi.ndim != 2 or phi.shape[1] != len(values):
            raise InputError(
                f"got eigenvalues of shape {values.shape} and functions of shape {phi.shape}: expected (r,), (rows, r)"
            )
        if not (np.isfinite(values).all() and np.isfinite(phi).all()):
            raise InputError("eigenvalues or eigenfunctions hold NaN or infinity")
        r = len(values)
        sizes = np.linalg.norm(phi, axis=0)
        phi = phi / np.where(sizes > 0, sizes, 1.0)
        basis, singular, _ = np.linalg.svd(np.hstack([phi.real, phi.imag]), full_matrices=False)
        found = int((singular > 1e-9 * singular[0]).sum())
        if found != r:
            raise InputError(
                f"{r} eigenfunctions span {found} real directions: more than {r} where complex ones come without their "
                "conjugates, fewer where some depend on others or vanish; keep whole pairs, or take a smaller rank"
            )
        inside = basis[:, :r].T @ phi
        step = (inside * values) @ np.linalg.inv(inside)
        if np.abs(step.imag).max() > 1e-6 * np.abs(step).max():
            raise InputError("eigenvalues of conjugate eigenfunctions are not conjugate")
        return cls.of(step.real.T, dt=dt)

    @classmethod
    def of_estimator(cls, model: Any, states: np.ndarray, *, dt: float = 1.0) -> LinearDynamics:
        """Take over what another package's fitted estimator has learned: kooplearn's or PyDMD's.

        Parameters
        ----------
        model
            Fitted. Asked for `eig(eval_right_on=states)`, as kooplearn's estimators have it, or else for `eigs` and `modes`
            (features, r), as PyDMD's have them, whose eigenfunctions are the coordinates along the modes.
        states : array, (rows, features)
            Where the eigenfunctions are evaluated: what it was fitted to, delayed where that was delayed, samples as rows.

        Raises
        ------
        InputError
            Where the estimator has neither, or the states do not fit it.
        """
        x = np.asarray(states, dtype=np.float64)
        if callable(getattr(model, "eig", None)):
            values, functions = model.eig(eval_right_on=x)
            return cls.of_modes(values, functions, dt=dt)
        if not (hasattr(model, "eigs") and hasattr(model, "modes")):
            raise InputError(
                f"{type(model).__name__} has neither eig(eval_right_on=...) nor eigs and modes; give its matrix to "
                "LinearDynamics.of, or eigenvalues and eigenfunctions to LinearDynamics.of_modes"
            )
        modes = np.asarray(model.modes)
        if x.ndim != 2 or x.shape[1] != len(modes):
            raise InputError(
                f"states of shape {x.shape} for modes of {len(modes)} features: give (rows, {len(modes)}), delayed as in the fit"
            )
        return cls.of_modes(np.asarray(model.eigs), x @ np.linalg.pinv(modes).T, dt=dt)

    @property
    def rank(self) -> int:
        """Number of coordinates r."""
        return len(self.matrix)

    @property
    def rates(self) -> np.ndarray:
        """Growth rates and angular frequencies per unit of time, log(lambda) / dt, (r,) complex."""
        with np.errstate(divide="ignore", invalid="ignore"):
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


def judged_modes(
    step: np.ndarray, before: np.ndarray, cross: np.ndarray, after: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the eigenvalues of a step, as `sorted_eigenvalues` sorts them, and |V+ u - lambda V- u| / |V- u| of each.

    `step`, (r, r), maps rows to rows, V+ = V- step, and may have been fitted to other rows than those of the Gram matrices
    `before` V-^T V-, `cross` V-^T V+ and `after` V+^T V+.
    """
    values, u = np.linalg.eig(step)
    values, u = values.astype(np.complex128), u.astype(np.complex128)
    order = np.lexsort((np.angle(values), np.round(-np.abs(values), 12)))
    values, u = values[order], u[:, order]
    norm, mixed, ahead = ((u.conj() * (gram @ u)).sum(axis=0) for gram in (before, cross, after))
    squared = ahead.real - 2.0 * (values.conj() * mixed).real + np.abs(values) ** 2 * norm.real
    # below the Gram matrices' own rounding nothing is known: a mode that hardly varies is not one without error
    rounding = np.finfo(np.float64).eps * np.trace(before + after)
    return values, np.sqrt(np.maximum(squared, rounding) / np.maximum(norm.real, 1e-300))
