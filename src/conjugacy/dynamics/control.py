"""Linear systems with inputs: DMD with control, and subspace identification, both from lag products."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from conjugacy.data import Trajectories
from conjugacy.dynamics.delays import Signal
from conjugacy.dynamics.dmd import NOTHING
from conjugacy.errors import InputError
from conjugacy.numerics.leading import leading_eigenvectors
from conjugacy.results import Status


@dataclass(frozen=True, eq=False)
class InputDynamics:
    """A linear system with inputs, v_{t+1} = A v_t + B u_t.

    Attributes
    ----------
    matrix : array, (r, r)
        A.
    inputs : array, (r, j)
        B, for states and inputs of unit variance.
    status : Status
    """

    matrix: np.ndarray
    inputs: np.ndarray
    status: Status = Status.OK

    @property
    def rank(self) -> int:
        """Number of coordinates r."""
        return len(self.matrix)

    def controllability(self, steps: int) -> np.ndarray:
        """Return [B, A B, ..., A^(steps-1) B], (r, steps j)."""
        parts = [self.inputs]
        for _ in range(steps - 1):
            parts.append(self.matrix @ parts[-1])
        return np.concatenate(parts, axis=1)


@dataclass(frozen=True)
class DMDc:
    """DMD with control (Proctor, Brunton, Kutz 2016): [A B] by ridge regression of delayed states on states and inputs.

    States are whitened, inputs scaled to unit variance; the input at t acts on the step from t to t + 1. States must be seen
    whole, or through enough delays; else `SubspaceID`.

    Parameters
    ----------
    delays, rank : int
        As in `DMD`.
    ridge : float
        Strength of the ridge, relative to 1.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> u, x = rng.normal(size=(4, 60, 1)), np.zeros((4, 60, 2))
    >>> for t in range(59):
    ...     x[:, t + 1] = x[:, t] @ [[0.9, 0.2], [0.0, 0.5]] + u[:, t] @ [[1.0, 2.0]]
    >>> np.linalg.eigvals(DMDc(rank=2).fit(Trajectories(x, drive=u)).matrix).real.round(6).tolist()
    [0.9, 0.5]
    """

    delays: int = 1
    rank: int = 20
    ridge: float = 1e-10

    def fit(self, trajectories: Trajectories) -> InputDynamics:
        """Fit trajectories with their drive.

        Raises
        ------
        InputError
            Where there is no drive, it does not vary, or a trial is too short.
        """
        rows = _Rows.of(trajectories, self.delays + 1)
        past = rows.states(range(1, self.delays + 1))
        values, vectors = leading_eigenvectors(rows.gram[np.ix_(past, past)], min(self.rank, len(past)))
        keep = max(1, int((values > NOTHING * values[0]).sum()))
        basis = vectors[:, :keep] / np.sqrt(values[:keep] / rows.count)
        return _step(rows, basis, past, rows.states(range(self.delays)), 1, self.ridge, short=keep < self.rank)


@dataclass(frozen=True)
class SubspaceID:
    """Subspace identification (N4SID, van Overschee and De Moor 1994): states are what the past tells of the future.

    For networks of which only some units are seen. Future outputs are regressed on past inputs and outputs and on future
    inputs; the part that the past accounts for, cut to its leading directions and whitened, is the state. All of it comes from
    one Gram matrix of past and future, never from the data matrix.

    Parameters
    ----------
    block : int
        Time points of past, and of future.
    rank : int
        States kept.
    ridge : float
        Of both regressions, relative to 1.
    """

    block: int = 10
    rank: int = 10
    ridge: float = 1e-10

    def fit(self, trajectories: Trajectories) -> InputDynamics:
        """Fit trajectories with their drive.

        Raises
        ------
        InputError
            Where there is no drive, it does not vary, or a trial is too short.
        """
        f = self.block
        rows = _Rows.of(trajectories, 2 * f)
        # offset 0 is the newest time: the future is 0 .. f - 1, the past f .. 2f - 1, and one step later f - 1 .. 2f - 2
        past, later = (
            np.concatenate([rows.states(o), rows.fed(o)]) for o in (range(f, 2 * f), range(f - 1, 2 * f - 1))
        )
        known, future = np.concatenate([past, rows.fed(range(f))]), rows.states(range(f))
        own = rows.gram[np.ix_(known, known)]
        scale = np.sqrt(np.maximum(np.diag(own), 1e-300))
        own = own / scale[:, None] / scale
        told = np.linalg.solve(own + self.ridge * np.eye(len(own)), rows.gram[np.ix_(known, future)] / scale[:, None])
        told = (told / scale[:, None])[: len(past)]
        values, vectors = leading_eigenvectors(
            told.T @ rows.gram[np.ix_(past, past)] @ told, min(self.rank, len(future))
        )
        keep = max(1, int((values > 1e-10 * values[0]).sum()))
        basis = told @ vectors[:, :keep] / np.sqrt(values[:keep] / rows.count)
        return _step(rows, basis, past, later, f - 1, self.ridge, short=keep < self.rank)


@dataclass(frozen=True, eq=False)
class _Rows:
    """The Gram matrix of [states, inputs] at consecutive offsets into the past, means off; inputs of unit variance."""

    gram: np.ndarray
    count: int
    n: int
    width: int

    @classmethod
    def of(cls, trajectories: Trajectories, offsets: int) -> _Rows:
        if trajectories.drive is None:
            raise InputError("the trajectories have no drive: give Trajectories(values, drive=inputs)")
        drive = np.concatenate(trajectories.drive)
        spread = drive.std(axis=0)
        if not (spread > 1e-12 * np.abs(drive).max(axis=0, initial=0.0)).all():
            raise InputError("an input of the drive does not vary: leave it out")
        joint = [np.column_stack([x, u / spread]) for x, u in zip(trajectories.values, trajectories.drive, strict=True)]
        signal = Signal.of(Trajectories(cast(Any, joint)), center=True, scale=False)
        lags = signal.lags(offsets - 1)
        gram, count = lags.gram(range(offsets)), lags.count(offsets - 1)
        total = lags.row_sum(range(offsets), offsets - 1)
        gram -= np.outer(total, total / count)
        return cls(gram, count, trajectories.n_units, signal.n)

    def states(self, offsets: Iterable[int]) -> np.ndarray:
        """Return the columns of the states at these offsets."""
        return (np.fromiter(offsets, dtype=np.int64)[:, None] * self.width + np.arange(self.n)).ravel()

    def fed(self, offsets: Iterable[int]) -> np.ndarray:
        """Return the columns of the inputs at these offsets."""
        return (np.fromiter(offsets, dtype=np.int64)[:, None] * self.width + np.arange(self.n, self.width)).ravel()


def _step(
    rows: _Rows, basis: np.ndarray, now: np.ndarray, later: np.ndarray, input_offset: int, ridge: float, *, short: bool
) -> InputDynamics:
    """Regress the states one step later on the states and the input, states in the coordinates of the basis."""
    r, fed = basis.shape[1], rows.fed([input_offset])
    left = np.zeros((len(rows.gram), r + len(fed)))
    left[now, :r] = basis
    left[fed, r:] = np.eye(len(fed))
    right = np.zeros((len(rows.gram), r))
    right[later] = basis
    own, cross = (left.T @ rows.gram @ side / rows.count for side in (left, right))
    found = np.linalg.solve(own + ridge * np.eye(len(own)), cross).T
    return InputDynamics(found[:, :r], found[:, r:], Status.RANK_REDUCED if short else Status.OK)
