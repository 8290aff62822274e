"""The numbers of the direct test of dynamics, as they are decided on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from conjugacy.dynamics.own_limits import TESTABLE
from conjugacy.results import Estimate

MARGIN = 0.10  # largest excess of the next point, and live residual over its floor, that still counts as the same
FEWEST_COURSES = 8
BLIND = 0.30  # floor of a live residual above which it says nothing
AFFINE = 0.01  # what an affine map may leave of the states, to be trusted off those visited
SLIPS = 3.0  # times the floor that a live residual must exceed, with the margin, to say different
UNLEARNT = 2.0  # excess from which a map is so much worse than none that nothing was learnt of it
INTERCHANGEABLE = 0.05  # p of dealt-out partners above which partners tell nothing
SAME_NEWS = 0.10  # of a squared step: what both have at once and no past tells, above which a common input is missing


@dataclass(frozen=True)
class WayNumbers:
    """The direct test in one direction, from a source to a target.

    Attributes
    ----------
    excess : Estimate
        What a window of the source's past leaves of the target's next point, beyond what both pasts leave, over what can be told.
    left : float
        What pasts tell of the target beyond the drive, a share of its variance.
    points : int
        Time points in the window.
    """

    excess: Estimate
    left: float
    points: int = 1

    @property
    def learnt(self) -> bool:
        """Whether an interval is known, and the map not so much worse than none that it shows its own errors alone."""
        return self.excess.low is not None and value_of(self.excess) < UNLEARNT

    @property
    def testable(self) -> bool:
        """Whether anything is left to tell."""
        return self.left >= TESTABLE


@dataclass(frozen=True)
class SystemNumbers:
    """What one recording shows by itself.

    Attributes
    ----------
    step : Estimate
        What its own past leaves of its next point, a share of the variance.
    drive : Estimate
        What the input's history and the time in the trial leave of it.
    gain : Estimate
        What delays add to a single time point, at the lag where the autocovariance has fallen.
    hidden : bool
        Whether the units hide a part of the state.
    points : int
        Time points that make a state.
    limits : mapping of str to float
        What maps leave where the system is one by construction: `power`, `half`, `growth`, `later`; empty where nothing fails.
    """

    step: Estimate
    drive: Estimate
    gain: Estimate
    hidden: bool = False
    points: int = 1
    limits: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True)
class Live:
    """The direct test with the networks' own steps: on visited states, away from them, and of responses to a push.

    `floors` holds what slips of the maps make of each, as large as going to the other network and back again shows them: how
    well a map fitted on visited states is known where it is asked. `affine` is what an affine map leaves of the target's
    states: a curved one is a guess off the visited states, and its disagreement there shows no difference.
    """

    on: Estimate
    away: Estimate
    tangent: Estimate
    floors: tuple[float, float, float] = (0.0, 0.0, 0.0)
    affine: float = 0.0

    @property
    def over_floors(self) -> tuple[tuple[Estimate, float], ...]:
        """Every residual with its floor."""
        return tuple(zip((self.on, self.away, self.tangent), self.floors, strict=True))

    @property
    def telling(self) -> tuple[tuple[Estimate, float], ...]:
        """Those that can show a difference, with their floors."""
        known = self.over_floors if self.affine <= AFFINE else self.over_floors[:1]
        return tuple(pair for pair in known if pair[1] <= BLIND)


@dataclass(frozen=True)
class DynamicsNumbers:
    """All that decides.

    Attributes
    ----------
    a_to_b, b_to_a : WayNumbers
    a, b : SystemNumbers
    p_partners : float
        How often partners dealt out at random are told as well.
    p_starts : float
        The same of their starts alone; 0 where it was not asked.
    courses : int
        Distinct ones among the trials.
    drive_known : bool
    news : float
        What no past tells and both have at once, over a squared step.
    live : (Live, Live) or None
        The networks' own steps, both directions.
    maps : (Estimate, Estimate) or None
        What maps of states leave, where there are live steps.
    cycles : float or None
        Gone through in a trial, where the system goes round.
    margin : float
    """

    a_to_b: WayNumbers
    b_to_a: WayNumbers
    a: SystemNumbers
    b: SystemNumbers
    p_partners: float
    courses: int
    drive_known: bool
    p_starts: float = 0.0
    news: float = 0.0
    live: tuple[Live, Live] | None = None
    maps: tuple[Estimate, Estimate] | None = None
    cycles: float | None = None
    margin: float = MARGIN

    @property
    def gate(self) -> float:
        """What must be exceeded, with the margin, to say different: the largest that maps leave of either system seen again."""
        return max([0.0, *(s.limits[k] for s in (self.a, self.b) for k in ("power", "half", "growth") if s.limits)])

    @property
    def unforeseen(self) -> float:
        """What both systems' own futures hold that their present does not tell: two runs of one law differ by as much."""
        return sum(max(0.0, s.limits["later"]) for s in (self.a, self.b) if s.limits)

    @property
    def fails(self) -> tuple[bool, bool]:
        """Whether a direction fails, power allowing."""
        least = self.margin + self.gate
        return tuple(w.testable and w.learnt and low_of(w.excess) > least for w in (self.a_to_b, self.b_to_a))  # pyright: ignore[reportReturnType]


def value_of(estimate: Estimate) -> float:
    """Return the number, infinite where there is none."""
    return float("inf") if estimate.unexplained is None else estimate.unexplained


def low_of(estimate: Estimate) -> float:
    """Return the lower limit, or the number itself."""
    return value_of(estimate) if estimate.low is None else estimate.low


def high_of(estimate: Estimate) -> float:
    """Return the upper limit, or the number itself."""
    return value_of(estimate) if estimate.high is None else estimate.high
