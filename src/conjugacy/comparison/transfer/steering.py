"""A direction that is added to A's states, carried to B through the derivatives of the map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conjugacy.comparison.transfer.fidelity import fidelity, state, worst
from conjugacy.errors import InputError
from conjugacy.numerics.columns import any_varies
from conjugacy.results.transfer import Steered, TransferAnswer
from conjugacy.transformations import Ladder, Transformation
from conjugacy.transformations.read_through import ReadThrough

ONE_DIRECTION = 0.5  # of its squared length, what a carried direction may differ by from row to row
ROUNDING = 1e-20  # of the squared length
HARDLY = 1e-6  # of the largest variance: what is under it hardly varies


@dataclass(frozen=True, eq=False)
class Carried:
    """A direction of A as one of B.

    Attributes
    ----------
    direction : array, (n_b,)
    steered : Steered
    answer : str
    map : Transformation
        From A's layer to B's.
    """

    direction: np.ndarray
    steered: Steered
    answer: TransferAnswer
    map: Transformation


def steer(direction: np.ndarray, ladder: Ladder, up_to: str) -> Carried:
    """Carry a direction (n_a,): the mean over rows of what the derivatives of the map from A to B make of it.

    It is carried where the map holds along it both ways: B's layer tells where A's states stand along it, and A's layer where B's
    stand along what became of it; and where it is nearly one direction for all rows.

    Raises
    ------
    InputError
        Where A's states do not vary along it.
    """
    told = ladder.a.values @ (direction / np.linalg.norm(direction))
    if not any_varies(told[:, None]):
        raise InputError(
            "the direction is one along which A's states do not vary over these stimuli: nothing tells what it does in B"
        )
    standard = ladder.standard
    read = fidelity(ReadThrough(ladder.b_to_a.fits, told[:, None], up_to), standard, chooses=False)
    whole = ladder.transformation(ladder.a_to_b.fits.map_of(up_to))
    at = np.broadcast_to(direction[:, None], (ladder.a.m, len(direction), 1))
    pushed = whole.push(ladder.a.values, at)[:, :, 0]
    mean = pushed.mean(axis=0)
    if not np.linalg.norm(mean) > 0.0:
        raise InputError("the direction moves nothing in B: the map from A does not follow it")
    apart = ((pushed - mean) ** 2).sum(axis=1)
    apart = np.where(apart > ROUNDING * (mean**2).sum(), apart, 0.0)
    scattered = standard.ratio(apart, (pushed**2).sum(axis=1))
    along = ladder.b.values @ (mean / np.linalg.norm(mean))
    answered = fidelity(ReadThrough(ladder.a_to_b.fits, along[:, None], up_to), standard, chooses=False)
    held = ((read.left, standard.tolerance), (answered.left, standard.tolerance), (scattered, ONE_DIRECTION))
    answer = worst([state(left, limit, standard) for left, limit in held])
    return Carried(mean, Steered(read, answered, scattered), answer, whole)


def outside(direction: np.ndarray, values: np.ndarray) -> float:
    """Return the share of a direction's squared length along which rows (m, n) hardly vary: of that nothing is carried.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(50, 2)) @ np.eye(2, 3)
    >>> round(outside(np.array([1.0, 0.0, 1.0]), x), 6)
    0.5
    """
    centred = values - values.mean(axis=0)
    _, s, vt = np.linalg.svd(centred, full_matrices=False)
    inside = vt[s**2 > HARDLY * s[0] ** 2] @ direction
    return float(1.0 - (inside**2).sum() / (direction**2).sum())
