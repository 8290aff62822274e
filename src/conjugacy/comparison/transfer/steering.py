"""A direction that is added to A's states, carried to B through the derivatives of the map."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from conjugacy.comparison.transfer.fidelity import fidelity, state, worst
from conjugacy.errors import InputError
from conjugacy.numerics.columns import any_varies
from conjugacy.results import Evidence
from conjugacy.results.transfer import AS_FAR, ONE_DIRECTION, Steered, TransferAnswer
from conjugacy.transformations import Ladder, Transformation
from conjugacy.transformations.read_through import ReadThrough

ROUNDING = 1e-20  # of the squared length
DRAWS, PLACES = 199, 50  # random directions, and rows at which they are carried
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
    stand along what became of it; and where it is nearly one direction for all rows. And adding it must move what is read
    farther than random directions of A do that have its length and are carried alike.

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
    through = ReadThrough(ladder.b_to_a.fits, told[:, None], up_to)
    read = fidelity(through, standard, chooses=False)
    whole = ladder.transformation(ladder.a_to_b.fits.map_of(up_to))
    pushed = _pushed(whole, ladder.a.values, direction[:, None])[:, :, 0]
    mean = pushed.mean(axis=0)
    if not np.linalg.norm(mean) > 0.0:
        raise InputError("the direction moves nothing in B: the map from A does not follow it")
    apart = ((pushed - mean) ** 2).sum(axis=1)
    apart = np.where(apart > ROUNDING * (mean**2).sum(), apart, 0.0)
    scattered = standard.ratio(apart, (pushed**2).sum(axis=1))
    along = ladder.b.values @ (mean / np.linalg.norm(mean))
    answered = fidelity(ReadThrough(ladder.a_to_b.fits, along[:, None], up_to), standard, chooses=False)
    steered = _against_random(Steered(read, answered, scattered), direction, mean, through.map, whole, ladder)
    held = ((read.left, standard.tolerance), (answered.left, standard.tolerance), (scattered, ONE_DIRECTION))
    states: list[TransferAnswer] = [state(left, limit, standard) for left, limit in held]
    if steered.p_random is not None and steered.p_random > AS_FAR:
        states.append("refused")
    return Carried(mean, steered, worst(states), whole)


def _pushed(whole: Transformation, values: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """Return what becomes of directions (n_a, d) at every row, (m, n_b, d)."""
    return whole.push(values, np.broadcast_to(directions, (len(values), *directions.shape)))


def _against_random(
    steered: Steered,
    direction: np.ndarray,
    mean: np.ndarray,
    back: Transformation,
    whole: Transformation,
    ladder: Ladder,
) -> Steered:
    """Return how far the carried direction moves what is read of A in B, and how far random ones of its length do."""
    length = float(np.linalg.norm(direction))
    slopes = back.jacobian(ladder.b.values)[:, 0, :]
    moved = ladder.standard.difference(slopes @ mean / length, np.ones(len(slopes)))
    evidence = Evidence("moved", moved.unexplained, moved.low, moved.high, unit="of the way in A")
    if len(direction) == 1:
        return replace(steered, moved=evidence)
    rng = np.random.default_rng([ladder.seed, 43])
    drawn = rng.standard_normal((len(direction), DRAWS))
    drawn *= length / np.linalg.norm(drawn, axis=0)
    some = np.sort(rng.choice(ladder.a.m, min(ladder.a.m, PLACES), replace=False))
    carried = _pushed(whole, ladder.a.values[some], drawn).mean(axis=0)
    random = np.abs(slopes.mean(axis=0) @ carried) / length
    low, median, high = np.quantile(random, [0.025, 0.5, 0.975])
    as_far = (1 + int((random >= abs(moved.unexplained or 0.0)).sum())) / (1 + DRAWS)
    return replace(
        steered, moved=replace(evidence, null=float(median)), random=(float(low), float(high)), p_random=as_far
    )


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
