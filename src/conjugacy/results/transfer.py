"""What a transfer says: how well a probe holds on the other network, and what training it there again would take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from conjugacy.results.axis import Estimate, Evidence

TransferAnswer = Literal["carried", "refused", "undecided"]
TRANSFER_EXIT_CODES: dict[TransferAnswer, int] = {"carried": 0, "refused": 1, "undecided": 3}
"""With what a transfer leaves; 2 is wrong input."""
ONE_DIRECTION = 0.5
"""Of its squared length, what a carried direction may differ by from row to row."""
AS_FAR = 0.05
"""How often random directions may move as much as one that is carried."""


@dataclass(frozen=True)
class Fidelity:
    """How well what is read off one layer is told by the other, on held-out rows.

    Attributes
    ----------
    unexplained : Estimate
        Of the variance of what is read, each output alike, what the other layer does not tell.
    rung : {"affine", "smooth"}
        The map that was taken.
    outputs : tuple of float
        The same of every output's variance, as a number alone.
    otherwise : Estimate or None
        Of a classifier: of the rows on which A does not choose its commonest class, those on which the other network chooses
        otherwise; over 1 where it does so on further rows.
    agreement : Evidence or None
        Share of rows on which both choose the same class; None where nothing is chosen.
    unjudged : int
        Outputs that are other than constant on too few rows to count.
    """

    unexplained: Estimate
    rung: str
    outputs: tuple[float, ...]
    otherwise: Estimate | None = None
    agreement: Evidence | None = None
    unjudged: int = 0

    @property
    def left(self) -> Estimate:
        """What is compared with the tolerance: of a classifier its choices, else the variance."""
        return self.unexplained if self.otherwise is None else self.otherwise


@dataclass(frozen=True)
class Steered:
    """How well a direction that is added to A's states is told in B.

    Attributes
    ----------
    read : Fidelity
        B tells where A's states stand along the direction.
    answered : Fidelity
        A tells where B's states stand along the carried one.
    scattered : Estimate
        How much the carried direction differs from row to row: the share of its squared length that the mean does not have.
    moved : Evidence
        How far what B tells of the place along the direction moves where the carried one is added to B's states, over how far it
        moves in A. `null` is the median of random directions of A of the same length that are carried alike; None where A has
        one unit.
    random : (float, float) or None
        Between which 95 % of these lie.
    p_random : float or None
        How often a random direction moves it as far.
    """

    read: Fidelity
    answered: Fidelity
    scattered: Estimate
    moved: Evidence | None = None
    random: tuple[float, float] | None = None
    p_random: float | None = None


@dataclass(frozen=True)
class Retrained:
    """A probe trained on B with some labels: its score on held-out rows, in the mean over draws of the labels.

    The interval is over folds, for the labels at hand: where all are used it holds what other labels would give in 84 % of cases
    (`benchmarks/transfer_intervals.txt`).
    """

    labels: int
    score: Evidence


@dataclass(frozen=True)
class LearningCurve:
    """What the probe is worth on B in labels.

    Attributes
    ----------
    what : {"accuracy", "explained"}
        Share of rows put into the right class; share of the targets' variance.
    on_a, carried : Evidence
        Of the probe on A, and of the carried one on B, on the same rows.
    retrained : tuple of Retrained
        Of probes trained on B with more and more labels.
    worth : int or None
        The fewest labels tried with which one trained again is as good; None where none is.
    worth_low, worth_high : int or None
        The fewest with which it is not shown to be worse, and with which it is shown to be no worse; None where none is.
    """

    what: str
    on_a: Evidence
    carried: Evidence
    retrained: tuple[Retrained, ...]
    worth: int | None
    worth_low: int | None
    worth_high: int | None


@dataclass(frozen=True)
class CarriedByCopy:
    """What is left of the same reading where it is carried to a copy of B that learned nothing, and whether that holds.

    Of a direction `left` is what the copy does not tell of A along it.
    """

    control: str
    left: Estimate
    answer: TransferAnswer = "undecided"
