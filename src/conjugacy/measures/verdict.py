"""The verdict as a measure: the answer of a whole comparison, at the cost that many pairs allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np

from conjugacy.errors import InputError
from conjugacy.measure import Measure, Traits, check_choices
from conjugacy.results import Estimate, Score, Status
from conjugacy.transformations import RUNGS, Direction, Ladder, RungName, rung_named
from conjugacy.verdict import Asked, KnownLayers, KnownOutputs, function_answer, ladder_answer, representation_answer
from conjugacy.verdict.decide import constant_answer
from conjugacy.verdict.heads import combined_answer, deciding, left_open, pair_heads
from conjugacy.verdict.p_values import p_different, p_same
from conjugacy.verdict.prepared_network import (
    PreparedNetwork,
    PreparedOutputs,
    matched_rows,
    prepare_layer,
    prepare_outputs,
)

FIRST_ALONE = (
    "first fits alone: they show that networks are equivalent and deny nothing; what they do not show is undecided, and "
    "compare(), or pair() of the study, settles it"
)


@dataclass(frozen=True)
class VerdictMeasure(Measure):
    """The answer of `compare` on one axis, for studies of many networks.

    The value is the unexplained fraction of variance in the worse direction, u = max(u_ab, u_ba), at the first family of maps
    that holds both ways; if none does, at the family with the smallest u. The identity counts there only if it is the last rung
    asked for. Families are tried from the simplest on, and none beyond the first that holds both ways. The interval is the
    bootstrap's in the worse direction. The details hold the `answer`, the `rung` that holds, the rung of the value (`valued`),
    the state of each direction (`a_to_b`, `b_to_a`), and `p`.

    Let s be the bootstrap's spread of log u. For `equivalent`, p is the larger over both directions of
    Phi((log u - log tolerance) / s) at the rung that holds: how often a pair at the tolerance would look so much better. For
    answers that deny equivalence, p is 2 min over both directions of Phi((log limit - log u) / s) at the last rung. The limit is
    the tolerance; for the smooth rung the upper end of the power checks is added, for others what fitting on so few rows costs.
    A direction that more rows would still bring closer counts as 1. For an undecided pair, p is the smaller of both, and 1 if
    something other than the maps leaves it undecided. Untrained controls are not used.

    With `fits="first"` every family is fitted once, with few bandwidths and strengths to choose from. Pairs that hold are
    equivalent, all others undecided: nothing is denied, not even what other decisions, or no map between two widths, would deny.
    No second fits, power checks or tests of chance are made. The value of an undecided pair is that of the last family. Its p is
    that of `equivalent`, and 1 where more than the tolerance is left either way. A pair of 1000 x 64 costs a fortieth
    (`docs/cost.md`).

    The same numbers, equal or up to rounding, are found before anything is fitted: the value is that of the identity, and p is 0.

    Attributes
    ----------
    axis : {"representation", "function"}
        What is compared: a layer, or the outputs, which a recording brings with their kind, targets and inputs.
    rung : str
        One of `conjugacy.transformations.RUNGS`: the last family of maps that counts as the same. Networks of unequal width have
        no identity and no permutation, and up to these no value.
    tolerance : float
        Largest unexplained fraction of variance that counts as the same.
    seed : int
        Seeds folds, bootstrap and null.
    fits : {"all", "first"}
        Whether all fits are made that an answer may need, or the first ones alone.
    rows : {"look", "series", "independent"}
        Whether rows depend on each other if there are no groups: looked for, or set by hand, as in `compare`.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(100, 3))
    >>> score = VerdictMeasure()(x, 2 * x[:, ::-1] + 1)
    >>> round(score.value, 3), score.details["answer"], score.details["rung"]
    (0.0, 'equivalent', 'permutation')
    >>> VerdictMeasure(fits="first")(x, x**2).details["answer"]
    'undecided'
    """

    axis: Literal["representation", "function"] = "representation"
    rung: RungName = RUNGS[-1]
    tolerance: float = 0.05
    seed: int = 0
    fits: Literal["all", "first"] = "all"
    rows: Literal["look", "series", "independent"] = "look"

    references: ClassVar[tuple[str, ...]] = (
        "T. Bertalan, F. Dietrich, I. G. Kevrekidis: Transformations establishing equivalence across neural networks: "
        "When have two networks learned the same task? Chaos 34 (2024), doi:10.1063/5.0206406",
    )
    has_own_interval: ClassVar[bool] = True
    reads_targets: ClassVar[bool] = True  # classes explain the order of rows

    @property
    def traits(self) -> Traits:  # pyright: ignore[reportIncompatibleVariableOverride] - depends on the rung
        """What this measure promises up to its rung."""
        data = "recording" if self.axis == "function" else "activations"
        denies = self.fits != "first"
        return Traits(True, False, False, 0.0, rung_named(self.rung).invariances, data, answers=True, denies=denies)

    def __post_init__(self) -> None:
        check_choices(self)
        if not 0 < self.tolerance < 1:
            raise InputError(f"tolerance: got {self.tolerance}, expected a fraction of variance between 0 and 1")

    @property
    def caveat(self) -> str:
        """What first fits alone leave out."""
        return FIRST_ALONE if self.fits == "first" else ""

    @property
    def preparation(self) -> str:
        """Verdicts on one axis with one seed share it.

        On outputs also the tolerance counts, at which inputs are determined; on layers whether first fits alone are made.
        """
        more = (
            f",tolerance={self.tolerance!r}"
            if self.axis == "function"
            else ",fits=first"
            if self.fits == "first"
            else ""
        )
        return f"verdict:axis={self.axis}{more},seed={self.seed}"

    def prepare(self, data: Any) -> PreparedNetwork | PreparedOutputs:
        """Sort the rows by stimulus id and do the factorisations that need one network only."""
        if self.axis == "function":
            return prepare_outputs(data, self.seed, self.tolerance)
        return prepare_layer(data, self.seed, first_alone=self.fits == "first")

    def compare(self, a: PreparedNetwork | PreparedOutputs, b: PreparedNetwork | PreparedOutputs) -> Score:
        """Climb the ladder as far as the answer needs; of first fits what is no yes stays open."""
        score = self._compared(a, b)
        if self.fits == "all" or score.details["answer"] in ("equivalent", "undecided", "not_tested"):
            return score
        return replace(score, status=Status.UNDECIDED, details={**score.details, "answer": "undecided", "p": 1.0})

    def _compared(self, a: PreparedNetwork | PreparedOutputs, b: PreparedNetwork | PreparedOutputs) -> Score:
        if isinstance(a, PreparedOutputs) or isinstance(b, PreparedOutputs):
            return self._over_outputs(a, b)
        rows = matched_rows(a, b)
        layers = KnownLayers(
            a.side(rows.rows_a), b.side(rows.rows_b), rows.stimuli, rows.clusters, self._asked, rows.told
        )
        return self._score(layers.ladder, representation_answer(layers))

    @property
    def _asked(self) -> Asked:
        rows = None if self.rows == "look" else self.rows
        return Asked(self.tolerance, self.seed, self.rung, rows=rows, first_alone=self.fits == "first")

    def _over_outputs(self, a: Any, b: Any) -> Score:
        """Return the score of the output that decides, with the answer over all of them."""
        pairs = pair_heads(a.names, b.names)
        found = [self._of_output(a.head(names[0]), b.head(names[1])) for names in pairs.pairs]
        if not found:
            return self._not_tested()
        answers = [score.details["answer"] for score in found]
        answer = left_open(combined_answer(answers), pairs)
        score = found[deciding(answers, [one.details["rung"] for one in found])]
        if answer == score.details["answer"]:
            return score
        status = Status.UNDECIDED if answer == "undecided" else Status.OK
        p = max(one.details["p"] for one in found if one.details["p"] is not None)
        return replace(score, status=status, details={**score.details, "answer": answer, "rung": None, "p": p})

    def _of_output(self, a: PreparedNetwork, b: PreparedNetwork) -> Score:
        rows = matched_rows(a, b)
        outputs = KnownOutputs(
            a.side(rows.rows_a), b.side(rows.rows_b), rows.stimuli, rows.clusters, self._asked, rows.told
        )
        if any(outputs.constant):
            return self._not_tested(constant_answer(outputs))
        answer, found = function_answer(outputs), None if outputs.same is not None else outputs.same_task
        counted = found is not None and found.answer == answer
        return self._score(outputs.ladder, answer, found.p if found is not None and counted else None)

    def _not_tested(self, answer: str = "not_tested") -> Score:
        """Return a score without a number: what is the same for every stimulus has no variance to explain."""
        missing = Score.missing(self.id, Status.DEGENERATE)
        return replace(missing, details={"answer": answer, "rung": None, "p": None})

    def _score(self, ladder: Ladder, answer: str, p: float | None = None) -> Score:
        rung = _valued_rung(ladder)
        estimates = [] if rung is None else [ladder.estimate(d, rung) for d in _told(ladder, rung)]
        worse = max(estimates, key=lambda e: e.unexplained or 0.0, default=Estimate())
        value = float("nan") if worse.unexplained is None else worse.unexplained
        interval = None if worse.low is None or worse.high is None else (worse.low, worse.high)
        states = [ladder.determines(direction) for direction in ladder.directions]
        return Score(
            measure=self.id,
            value=value,
            distance_value=value,
            similarity_value=0.0 if rung is None else float(np.clip(1.0 - value, 0.0, 1.0)),
            status=Status.UNDECIDED if answer == "undecided" else Status.OK,
            interval=None if interval is None or not np.isfinite(interval).all() else interval,
            details={
                "answer": answer,
                "rung": ladder.rung,
                "a_to_b": states[0],
                "b_to_a": states[1],
                "valued": rung,
                "p": _p(ladder, answer, rung) if p is None else p,
                "fits": self.fits,
            },
        )


def _valued_rung(ladder: Ladder) -> str | None:
    """Return the family at which the value is read: the first that holds both ways, else the one that leaves least unexplained.

    Rungs that depend on the order of units are passed over where others count: it is no property of the network which of its
    units comes first.
    """
    if ladder.same is not None:
        return RUNGS[0]
    up_to = ladder.standard.rungs[-1:] if ladder.first_alone and ladder.rung is None else ladder.standard.rungs
    counted = [rung for rung in up_to if "permutation" in rung_named(rung).invariances] or up_to
    applies = [rung for rung in counted if all(rung in d.errors for d in ladder.directions)]
    if ladder.rung is not None:
        for rung in applies:
            if ladder.holds(rung):
                return rung
    return min(applies, key=lambda rung: max(d.unexplained(rung) for d in ladder.directions), default=None)


def _told(ladder: Ladder, rung: str) -> Sequence[Direction]:
    """Return the directions whose estimates are asked for: of first fits that do not hold the worse one alone."""
    if not ladder.first_alone or ladder.same is not None or ladder.rung is not None:
        return ladder.directions
    return (max(ladder.directions, key=lambda d: d.unexplained(rung)),)


def _p(ladder: Ladder, answer: str, valued: str | None) -> float:
    """Return how often a pair at the limit would look as clearly as this one does what the answer says."""
    if ladder.same is not None and answer == "equivalent":
        return 0.0
    if answer == "equivalent" and ladder.rung is not None:
        return p_same(ladder, ladder.rung)
    if answer != "undecided":
        return p_different(ladder)
    if ladder_answer(ladder) != "undecided" or valued is None:
        return 1.0
    if ladder.first_alone:
        beyond = any(d.unexplained(valued) >= ladder.tolerance for d in ladder.directions)
        return 1.0 if beyond else p_same(ladder, valued)
    same = p_same(ladder, valued)
    return min(same, p_different(ladder, same))
