"""What is said of one axis: the answer, the rungs, the evidence, where the errors lie; nothing is computed here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from conjugacy.errors import UnknownNameError
from conjugacy.results.later import AskedFor, worked_out
from conjugacy.results.reason import About, Reason, reasons

ANSWERS = (
    "equivalent",
    "a_determines_b",
    "b_determines_a",
    "partly_related",
    "unrelated",
    "not_equivalent",
    "undecided",
    "not_tested",
)
WAYS = ("a_to_b", "b_to_a")
"""Both directions between two networks."""

AXES = ("function", "representation", "dynamics")
"""What is judged of two networks, in the order in which it is said."""

FITTED_AXES = ("representation", "function")
"""The axes on which families of maps are fitted."""


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
    """One number shown beside the ladder.

    Attributes
    ----------
    name : str
        What it is.
    value, low, high : float or None
        The number and its 95 % interval.
    floor : float or None
        What replicas of one network would show.
    null : float or None
        The value by chance.
    unit : str or None

    Examples
    --------
    >>> import conjugacy as cj
    >>> cj.Evidence("continuity", 0.3, 0.2, 0.4, null=1.0).null
    1.0
    """

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


GAIN_THRESHOLD = 0.1
"""What the lower ends of a gain have to pass: controls leave 1.3 times as much unexplained."""


@dataclass(frozen=True)
class Gain:
    """What training added to a match: log10 of the controls' unexplained fraction over the pair's, at one rung.

    Of several controls and copies the smallest counts; intervals are of 97.5 %, since two rungs are asked.

    Attributes
    ----------
    a_to_b, b_to_a : float or None
        From copies of A to B against from A to B, and from copies of B to A against from B to A.
    threshold : float
        What the lower ends have to pass.
    rung : str or None
        Smooth; affine where it is shown there and not at the smooth one.
    low_a_to_b, high_a_to_b, low_b_to_a, high_b_to_a : float or None
        The intervals' ends.
    state : str
        `shown`: something was learned in common; or why that is not said: `no_pair` (the pair does not hold at this rung),
        `nearly_linear` (networks with these weights in any order match by an affine map as well), `controls_hold` (controls do
        not fail the tolerance), `small` (the gain does not pass the threshold), `unshuffled` (a control with the weights'
        norms is missing), `unreset` (the untrained one is missing), `one_network` (controls of one network alone), `no_control`,
        `itself` (both are one network).
    reason : str or None
        Why a control is missing.
    """

    a_to_b: float | None = None
    b_to_a: float | None = None
    threshold: float = GAIN_THRESHOLD
    rung: str | None = None
    low_a_to_b: float | None = None
    high_a_to_b: float | None = None
    low_b_to_a: float | None = None
    high_b_to_a: float | None = None
    state: str = "no_control"
    reason: str | None = None

    @property
    def shown(self) -> bool:
        """Whether the pair beats its controls in both directions, so that something was learned in common."""
        return self.state == "shown"


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


@dataclass(frozen=True)
class AxisVerdict:
    """The answer on one axis with all that carries it; of several outputs the one that decides, and all of them in `heads`.

    `rung_words` names the map of `rung` where more can be said of it than of all maps of that family. Evidence that decides
    nothing is computed when it is first asked for.
    """

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
    evidence: AskedFor[tuple[Evidence, ...]] = AskedFor(())  # noqa: RUF009
    units_not_judged: tuple[SkippedUnit, ...] = ()
    decisive_rows: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    output_kinds: tuple[str, str] | None = None
    where: WhereErrors | None = None
    heads: tuple[AxisVerdict, ...] = ()
    rung_words: str | None = None

    @classmethod
    def not_tested(cls, reason: str) -> AxisVerdict:
        """Build the verdict of an axis for which there is nothing to test."""
        return cls(answer="not_tested", reasons=reasons("data", reason))

    def __repr__(self) -> str:
        between = "" if self.layers is None else f" between {self.layers[0]} and {self.layers[1]}"
        rung = "" if self.rung is None else f", rung {self.rung}"
        return f"<AxisVerdict{between}: {self.answer}{rung}; {self.deciding}>"

    @property
    def deciding(self) -> str:
        """The reason that the answer rests on."""
        decided = (r for r in self.reasons if isinstance(r, Reason) and r.decided)
        return next(decided, self.reasons[0] if self.reasons else "the data do not decide")

    def reasons_beside(self, told: Collection[str]) -> tuple[str, ...]:
        """Return the reasons but the deciding one and those about something that is told elsewhere."""
        beside = (r for r in self.reasons if not (isinstance(r, Reason) and r.about in told))
        return tuple(r for r in beside if r is not self.deciding)

    def __getstate__(self) -> dict[str, Any]:
        return worked_out(self)

    def doubted(self, doubt: str, about: About) -> AxisVerdict:
        """Return the axis left open, for a reason that stands before all others; what was open before stays as it is."""
        if self.answer in ("not_tested", "undecided"):
            return self
        others = (Reason(r, about=r.about) if isinstance(r, Reason) else r for r in self.reasons)
        return replace(self, answer="undecided", rung=None, rung_words=None, reasons=(*reasons(about, doubt), *others))

    def rung_result(self, rung: str) -> RungResult:
        """Return one rung's result by name."""
        for result in self.rungs:
            if result.rung == rung:
                return result
        raise UnknownNameError.of("rung on this axis", rung, [r.rung for r in self.rungs])


@dataclass(frozen=True)
class Verdict:
    """The answers on the three axes, which are never mixed.

    Attributes
    ----------
    function, representation, dynamics : AxisVerdict
        Outputs, internal units, trajectories: each with its answer, rungs, evidence, controls and reasons.

    Examples
    --------
    >>> import numpy as np, conjugacy as cj
    >>> x = np.random.default_rng(0).normal(size=(60, 2))
    >>> verdict = cj.compare(x, x[:, ::-1]).verdict
    >>> verdict.representation.answer, verdict.function.answer
    ('equivalent', 'not_tested')
    """

    function: AxisVerdict
    representation: AxisVerdict
    dynamics: AxisVerdict
