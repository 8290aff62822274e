"""What a network's rows show of how they depend on each other, computed once per network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conjugacy.numerics.clumps import NearPairs
from conjugacy.numerics.columns import standardised_live
from conjugacy.numerics.serial import RowScores
from conjugacy.numerics.spectral import principal_components

WIDE, SKETCHED = 256, 128  # of more units than that a random sketch is looked at


@dataclass(frozen=True, eq=False)
class RowsSeen:
    """The rows of one layer as normal scores, and which of them are near each other.

    Attributes
    ----------
    scores : RowScores
        In the order of the values.
    near : NearPairs or None
        None where nobody asks for near repeats, as of decisions.
    shown : NearPairs or None
        Which rows were shown much the same; None where that is not known.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(100, 9))
    >>> found = RowsSeen.of(x)
    >>> found.scores.m, found.near.may_clump
    (100, False)
    """

    scores: RowScores
    near: NearPairs | None = None
    shown: NearPairs | None = None

    @classmethod
    def of(cls, values: np.ndarray, *, near: bool = True) -> RowsSeen:
        """Take the rows of a layer, (m, n); every unit counts the same."""
        points = _points(standardised_live(values))
        return cls(RowScores.of(points), NearPairs.of(points) if near else None)


def near_inputs(inputs: np.ndarray) -> NearPairs:
    """Return which rows of inputs (m, ...) are near each other, as they were given: here no column is scaled."""
    flat = inputs.reshape(len(inputs), -1)
    return NearPairs.of(_points(flat - flat.mean(axis=0)))


def _points(x: np.ndarray) -> np.ndarray:
    if not x.size or not x.any():
        return np.zeros((len(x), 1))
    if min(x.shape) > WIDE:
        x = x @ np.random.default_rng(x.shape[1]).standard_normal((x.shape[1], SKETCHED))
    return principal_components(x)[0]
