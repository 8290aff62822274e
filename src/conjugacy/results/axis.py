"""What is said of one axis: the answer, the rungs, the evidence, where the errors lie; nothing is computed here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from conjugacy.errors import UnknownNameError

ANSWERS = (
    "equivalent",
    "a_determines_b",
    "b_determines_a",
    "partly_related",
    "unrelated",
    "undecided",
    "not_tested",
)
AXES = ("function", "representation", "dynamics")
"""What is judged of two networks, in the order in which it is said."""

FITTED_AXES = ("representation", "function")
"""The axes on which families of maps are fitted."""


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
    ISOLATED_POINTS = "some states have no neighbours: they were placed by the nearest of the others"
    DISCONNECTED = "the states fall into parts that no path of neighbours joins: take more neighbours, or more samples"
    UNSETTLED_MODES = (
        "the modes' eigenvectors did not converge: read the residual, take fewer components or more neighbours"
    )
    OTHER_SOLVER = "multigrid did not converge and Lanczos did: as asked, at more cost"
    NOT_FLAT = "steps in the world do not lay it out flat: it is curved, d is too small, or the metric is too noisy"
    FOLDED = (
        "states that look different came to lie on each other: some of far places look alike and were taken for neighbours; "
        "take more samples, fewer neighbours, or a layer that tells these places apart"
    )
    UNCLEAR_DIRECTIONS = (
        "the world's directions do not stand out from the rest: bursts are too wide or too noisy, or d is too small"
    )
    UNDEFINED_ROWS = "a stimulus is answered alike by all units and has no correlation or angle: take euclidean"
    NO_REPEATS = "no stimulus was shown twice: cross-validated distances need repeats with the same stimulus id"
    UNDECIDED = "the interval straddles the tolerance: record more stimuli"

    @property
    def is_ok(self) -> bool:
        """Whether the number can be used without reading the advice."""
        return self is Status.OK


@dataclass(frozen=True)
class Score:
    """What a measure says of a pair.

    Attributes
    ----------
    measure : str
        Id with its options.
    value : float
        The measure's own number, in its own direction.
    interval : (float, float) or None
        95 % bootstrap interval of `value` over independent rows.
    status : Status
        How it came about.
    details : mapping
        What else the measure wants to say.
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


@dataclass(frozen=True)
class Estimate:
    """Unexplained fraction of variance on held-out rows with its 95 % interval; None where there is none."""

    unexplained: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class RungResult:
    """One family of transformations, judged in both directions on held-out rows."""

    rung: str
    status: str
    a_to_b: Estimate
    b_to_a: Estimate
    n_train: int
    n_test: int
    advice: str | None = None


@dataclass(frozen=True)
class Evidence:
    """One number beside the ladder, with its interval, floor and null where it has them."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    floor: float | None = None
    null: float | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Floor:
    """The unexplained fraction that two replicas of one network would show, and where it comes from."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    source: str = "none: no replicas, repeats or targets were given"


@dataclass(frozen=True)
class Gain:
    """log10 of the control's unexplained fraction over the pair's, per direction, at one rung."""

    a_to_b: float | None = None
    b_to_a: float | None = None
    threshold: float = 0.3
    rung: str | None = None

    @property
    def shown(self) -> bool:
        """Whether the pair beats its untrained controls in both directions."""
        return all(g is not None and g > self.threshold for g in (self.a_to_b, self.b_to_a))


@dataclass(frozen=True)
class Control:
    """The same ladder with one network replaced by something that cannot have learned the task."""

    name: str
    source: str
    copies: int
    rungs: tuple[RungResult, ...]


@dataclass(frozen=True)
class SkippedUnit:
    """A unit that was not judged as a target, and why."""

    network: str
    layer: str
    unit: str
    reason: str
    effective_rows: float | None = None


@dataclass(frozen=True)
class WorstStimulus:
    """A stimulus that the map misses: its squared error per direction, 1 being what an average row varies."""

    stimulus: str
    a_to_b: float
    b_to_a: float


@dataclass(frozen=True)
class ClassErrors:
    """The rows of one class: how many, and their squared error per direction, 1 being what an average row varies."""

    label: str
    rows: int
    a_to_b: Estimate
    b_to_a: Estimate


@dataclass(frozen=True)
class WorstUnit:
    """A unit that is predicted badly from the other network: its own unexplained fraction."""

    unit: str
    unexplained: float


@dataclass(frozen=True)
class WhereErrors:
    """Where the held-out errors of one rung lie, the worst first; classes in the order of their names."""

    rung: str
    stimuli: tuple[WorstStimulus, ...] = ()
    classes: tuple[ClassErrors, ...] = ()
    units_a: tuple[WorstUnit, ...] = ()
    units_b: tuple[WorstUnit, ...] = ()


class Reason(str):
    """A sentence that carries an answer, and what it is about.

    Attributes
    ----------
    about : str
        What it tells of: one of `ABOUT`.
    decided : bool
        Whether it is what the answer rests on.

    Examples
    --------
    >>> one = Reason("repeats differ as much", about="floor", decided=True)
    >>> one, one.about, one.decided
    ('repeats differ as much', 'floor', True)
    """

    about: str
    decided: bool

    def __new__(cls, text: str, *, about: str, decided: bool = False) -> Reason:
        """Build it from its text."""
        made = super().__new__(cls, text)
        made.about, made.decided = about, decided
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        return (str(self),), {"about": self.about, "decided": self.decided}


ABOUT = ("maps", "control", "floor", "inputs", "decisions", "rows", "flows", "data")
"""What a reason may be about."""


@dataclass(frozen=True)
class AxisVerdict:
    """The answer on one axis with all that carries it."""

    answer: str
    reasons: tuple[str, ...]
    rung: str | None = None
    exact_rung: str | None = None
    layers: tuple[str, str] | None = None
    layer_choice: str | None = None
    rungs: tuple[RungResult, ...] = ()
    floor: Floor = Floor()
    gain: Gain = Gain()
    controls: tuple[Control, ...] = ()
    p_independent: float | None = None
    margin: float | None = None
    evidence: tuple[Evidence, ...] = ()
    units_not_judged: tuple[SkippedUnit, ...] = ()
    decisive_rows: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    output_kinds: tuple[str, str] | None = None
    where: WhereErrors | None = None

    @classmethod
    def not_tested(cls, reason: str) -> AxisVerdict:
        """Build the verdict of an axis for which there is nothing to test."""
        return cls(answer="not_tested", reasons=(Reason(reason, about="data", decided=True),))

    @property
    def deciding(self) -> str:
        """The reason that the answer rests on."""
        decided = (r for r in self.reasons if isinstance(r, Reason) and r.decided)
        return next(decided, self.reasons[0] if self.reasons else "the data do not decide")

    def reasons_beside(self, told: Collection[str]) -> tuple[str, ...]:
        """Return the reasons but the deciding one and those about something that is told elsewhere."""
        beside = (r for r in self.reasons if not (isinstance(r, Reason) and r.about in told))
        return tuple(r for r in beside if r is not self.deciding)

    def doubted(self, doubt: str, about: str) -> AxisVerdict:
        """Return the axis left open, for a reason that stands before all others; what was open before stays as it is."""
        if self.answer in ("not_tested", "undecided"):
            return self
        others = (Reason(r, about=r.about) if isinstance(r, Reason) else r for r in self.reasons)
        reasons = (Reason(doubt, about=about, decided=True), *others)
        return replace(self, answer="undecided", rung=None, reasons=reasons)

    def rung_result(self, rung: str) -> RungResult:
        """Return one rung's result by name."""
        for result in self.rungs:
            if result.rung == rung:
                return result
        raise UnknownNameError.of("rung on this axis", rung, [r.rung for r in self.rungs])


@dataclass(frozen=True)
class Verdict:
    """The three axes, never mixed."""

    function: AxisVerdict
    representation: AxisVerdict
    dynamics: AxisVerdict
