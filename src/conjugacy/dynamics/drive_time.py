"""Which step a recorded drive acts on: that from its own time point, or that to it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from conjugacy.numerics.spectral import principal_components

MOST_ROWS, MOST_COORDINATES = 5000, 40
CLEARLY = 0.5  # of what is left of the step with the drive of its own time


def one_late(states: Sequence[np.ndarray], drive: Sequence[np.ndarray]) -> tuple[float, float] | None:
    """Return what a linear map leaves of the step from t with the drive at t, and at t + 1, where the latter is clearly less.

    States of recurrent networks have read the input of their own time already: recorded side by side, input t + 1 acts on the
    step from t.

    Parameters
    ----------
    states, drive : sequences of array, (t_i, n) and (t_i, j)

    Returns
    -------
    (float, float) or None
        Shares of the squared step; None where the drive is on time as far as this tells.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> u, x = rng.normal(size=(2, 300, 2)) * [[[1.0, 1.0]], [[0.0, 0.0]]]
    >>> for t in range(1, 300):
    ...     x[t] = 0.5 * x[t - 1] + u[t]
    >>> one_late([x], [u]) is None, one_late([x], [np.vstack([u[1:], u[-1:]])]) is None
    (False, True)
    """
    long = [i for i, x in enumerate(states) if len(x) > 2]
    if not long:
        return None
    now = np.concatenate([states[i][:-1] for i in long])
    step = np.concatenate([np.diff(states[i], axis=0) for i in long])
    fed = [np.concatenate([drive[i][at] for i in long]) for at in (slice(None, -1), slice(1, None))]
    every = max(1, -(-len(now) // MOST_ROWS))
    known, wanted = _coordinates(now[::every]), step[::every] - step[::every].mean(axis=0)
    total = float((wanted**2).sum())
    if total <= 0.0:
        return None
    left: list[float] = []
    for inputs in fed:
        x = np.hstack([known, _coordinates(inputs[::every])])
        if len(x) < 3 * x.shape[1]:
            return None
        weights = np.linalg.lstsq(x, wanted, rcond=1e-8)[0]
        left.append(float(((wanted - x @ weights) ** 2).sum()) / total)
    return (left[0], left[1]) if left[1] < CLEARLY * left[0] else None


def on_time(drive: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
    """Return a drive moved to the step that it acts on: at t what stood at t + 1."""
    return tuple(np.vstack([u[1:], u[-1:]]) for u in drive)


def _coordinates(rows: np.ndarray) -> np.ndarray:
    """Return centred rows in at most so many leading coordinates."""
    centred = rows - rows.mean(axis=0)
    if centred.shape[1] <= MOST_COORDINATES:
        return centred
    return principal_components(centred)[0][:, :MOST_COORDINATES]
