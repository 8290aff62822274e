"""What measures on trajectories share: reading what they are given, and the state of a pair of linear systems."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from conjugacy.data import Activations, Trajectories
from conjugacy.data.same_rows import require_squares
from conjugacy.dynamics import DMD, LinearDynamics
from conjugacy.dynamics.control import InputDynamics
from conjugacy.errors import InputError, ShapeError
from conjugacy.numerics.alignment import FAST, Effort
from conjugacy.results import Status

EFFORTS: dict[str, Effort | None] = {"full": None, "fast": FAST}


def as_trajectories(data: Any) -> Trajectories:
    """Return `data` as Trajectories; an array (k, t, n), or a list of (t_i, n), is checked on the way in."""
    if isinstance(data, Trajectories):
        return _of_squares(data)
    if isinstance(data, Activations):
        raise InputError("this measure needs trajectories (trials x time x units), got activations (stimuli x units)")
    if isinstance(data, np.ndarray) and data.ndim == 2:
        raise ShapeError(
            f"got an array of shape {data.shape}; one trial of trajectories is data[None], (1, time, units)"
        )
    return _of_squares(Trajectories(cast(Any, data)))


def _of_squares(data: Trajectories) -> Trajectories:
    require_squares({data.layer or "states": data}, "trajectories")
    return data


def fitted(data: Any, dmd: DMD) -> LinearDynamics:
    """Return the linear system of trajectories, or the one that is given."""
    return data if isinstance(data, LinearDynamics) else dmd.fit(as_trajectories(data))


def search_effort(name: str) -> Effort | None:
    """Return how hard to look for an alignment; None is the usual effort.

    Raises
    ------
    InputError
        Where the name is neither full nor fast.
    """
    if name not in EFFORTS:
        raise InputError(f"effort: got {name!r}, expected 'full' or 'fast'")
    return EFFORTS[name]


def pair_status(a: LinearDynamics | InputDynamics, b: LinearDynamics | InputDynamics) -> Status:
    """Return what there is to say of the two systems together, the gravest."""
    if a.rank != b.rank:
        return Status.UNEQUAL_RANKS
    return next((s for s in (a.status, b.status) if not s.is_ok), Status.OK)


def described(a: LinearDynamics, b: LinearDynamics) -> dict[str, Any]:
    """Return what tells how far the two fits can be trusted."""
    return {
        "ranks": [a.rank, b.rank],
        "one_step_errors": [a.error, b.error],
        "non_normality": [a.non_normality, b.non_normality],
        "median_residuals": [None if s.residuals is None else float(np.median(s.residuals)) for s in (a, b)],
    }
