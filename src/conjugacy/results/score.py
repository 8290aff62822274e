"""What a measure says of a pair: a number, how it came about, and the interval it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Status(Enum):
    """How a number came about; the value is a sentence of advice.

    Examples
    --------
    >>> import conjugacy as cj
    >>> cj.Status.OK.is_ok, cj.Status.TOO_FEW_ROWS.is_ok
    (True, False)
    """

    OK = "computed as asked"
    TOO_FEW_ROWS = "too few stimuli for this many units: record more stimuli, or fewer units"
    DEGENERATE = "one network does not vary over these stimuli: choose another layer or other stimuli"
    RANK_REDUCED = "the data hold fewer dimensions than the rank asked for: the rank is what they hold"
    UNSTABLE = "the fitted linear system grows without bound: check for trends, or take fewer delays"
    NOT_CONVERGED = "the search ran out of steps: the distance is an upper bound, raise the effort"
    UNEQUAL_RANKS = "the two systems have different ranks: the smaller was filled up with states at rest; fix one rank"
    ISOLATED_POINTS = "some states have no neighbours: they were placed with the nearest other states"
    DISCONNECTED = "the states fall into parts that no path of neighbours joins: take more neighbours, or more samples"
    UNSETTLED_MODES = (
        "the modes' eigenvectors did not converge: read the residual, take fewer components or more neighbours"
    )
    OTHER_SOLVER = "multigrid did not converge and Lanczos did: the result is as exact, at more cost"
    NOT_FLAT = "steps in the world do not lay it out flat: it is curved, d is too small, or the metric is too noisy"
    FOLDED = (
        "states that look different came to lie on each other; some of far places look alike and were taken for neighbours: "
        "take more samples, fewer neighbours, or a layer that tells these places apart"
    )
    UNCLEAR_DIRECTIONS = (
        "the world's directions do not stand out from the rest: bursts are too wide or too noisy, or d is too small"
    )
    UNDEFINED_ROWS = "some stimulus gives all units the same value, so it has no correlation or angle: use euclidean"
    NO_REPEATS = "no stimulus was shown twice: cross-validated distances need repeats with the same stimulus id"
    UNDECIDED = (
        "neither shown nor refuted: record more stimuli; where first fits alone were made, compare the pair whole"
    )

    @property
    def is_ok(self) -> bool:
        """Whether the number can be used without reading the advice."""
        return self is Status.OK


@dataclass(frozen=True)
class Score:
    """What a measure says about a pair.

    Attributes
    ----------
    measure : str
        Id with its options.
    value : float
        The measure's own number, in its own direction.
    interval : (float, float) or None
        95 % bootstrap interval of `value` over independent rows.
    status : Status
        How the value came about.
    details : mapping
        Further numbers of the measure.

    Examples
    --------
    >>> import numpy as np, conjugacy as cj
    >>> x = np.random.default_rng(0).normal(size=(50, 3))
    >>> score = cj.get_measure("cka")(x, 2 * x)
    >>> round(score.similarity(), 6), score.status.is_ok
    (1.0, True)
    """

    measure: str
    value: float
    distance_value: float
    similarity_value: float
    status: Status = Status.OK
    interval: tuple[float, float] | None = None
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @classmethod
    def missing(cls, measure: str, status: Status) -> Score:
        """Build the score of a pair that has no value: NaN, similarity 0, and why."""
        return cls(measure, float("nan"), float("nan"), 0.0, status)

    def distance(self) -> float:
        """Return how far apart the two are; 0 for a network and itself, larger is farther."""
        return self.distance_value

    def similarity(self) -> float:
        """Return how alike the two are, in [0, 1]; larger is more alike."""
        return self.similarity_value
