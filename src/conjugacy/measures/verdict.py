"""The verdict as a measure: the answer of a whole comparison, at the cost that many pairs allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np

from conjugacy.errors import InputError
from conjugacy.measure import Measure, Traits, check_choices
from conjugacy.results import Estimate, Floor, Score, Status
from conjugacy.transformations import RUNGS, Ladder, Layer, RungName, judge, rung_named
from conjugacy.verdict import function_answer, pair_outputs, representation_answer
from conjugacy.verdict.decide import Identifies, ladder_answer
from conjugacy.verdict.evidence import Agreement, agreement, repeat_floor
from conjugacy.verdict.known import function_floor, input_code, reconstructed
from conjugacy.verdict.p_values import p_different, p_same
from conjugacy.verdict.prepared_network import (
    MatchedRows,
    PreparedNetwork,
    matched_rows,
    network_of,
    prepare_layer,
    prepare_outputs,
    together_where_equal,
)

_MAY_BE_NOISE = ("partly_related", "a_determines_b", "b_determines_a")  # answers that a floor may take back


@dataclass(frozen=True)
class VerdictMeasure(Measure):
    """The answer of `compare` on one axis, for studies of many networks.

    The value is the unexplained fraction of variance in the worse direction, u = max(u_ab, u_ba), at the first family of maps
    that holds both ways, and at the family with the smallest u where none does; the identity counts there only where it is the
    last rung asked for. Families are tried from the simplest on, none beyond the first that holds both ways. The interval is the
    bootstrap's in the worse direction. The details hold the `answer`, the `rung` that holds, the state of each direction
    (`a_to_b`, `b_to_a`), and `p`.

    With s the bootstrap's spread of log u, p is, for `equivalent`, max over both directions of Phi((log u - log tolerance) / s)
    at the rung that holds: how often a pair at the tolerance would look so much better. For answers that deny equivalence it is
    2 min over both directions of Phi((log limit - log u) / s) at the last rung, the limit being the tolerance, for the smooth
    rung with the upper end of the power check added, for others with what fitting on so few rows costs. For an undecided pair
    it is the smaller of both, and 1 where something other than the maps leaves it undecided. Untrained controls play no part.

    Attributes
    ----------
    axis : {"representation", "function"}
        What is compared: a layer, or the outputs, which a recording brings with their kind, targets and inputs.
    rung : str
        The last family of maps that counts as the same. Networks of unequal width have no identity and no permutation, and
        up to these no value.
    tolerance : float
        Largest unexplained fraction of variance that counts as the same.
    seed : int
        Seeds folds, bootstrap and null.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(100, 3))
    >>> score = VerdictMeasure()(x, 2 * x[:, ::-1] + 1)
    >>> round(score.value, 3), score.details["answer"], score.details["rung"]
    (0.0, 'equivalent', 'permutation')
    """

    axis: Literal["representation", "function"] = "representation"
    rung: RungName = RUNGS[-1]
    tolerance: float = 0.05
    seed: int = 0

    references: ClassVar[tuple[str, ...]] = (
        "T. Bertalan, F. Dietrich, I. G. Kevrekidis: Transformations establishing equivalence across neural networks: "
        "When have two networks learned the same task? Chaos 34 (2024), doi:10.1063/5.0206406",
    )

    @property
    def traits(self) -> Traits:  # pyright: ignore[reportIncompatibleVariableOverride] - depends on the rung
        """What this measure promises up to its rung."""
        data = "recording" if self.axis == "function" else "activations"
        return Traits(True, False, False, 0.0, rung_named(self.rung).invariances, data)

    def __post_init__(self) -> None:
        check_choices(self)
        if not 0 < self.tolerance < 1:
            raise InputError(f"tolerance: got {self.tolerance}, expected a fraction of variance between 0 and 1")

    @property
    def preparation(self) -> str:
        """Verdicts on one axis with one seed share it; on outputs also the tolerance, at which inputs count as determined."""
        tolerance = f",tolerance={self.tolerance!r}" if self.axis == "function" else ""
        return f"verdict:axis={self.axis}{tolerance},seed={self.seed}"

    def prepare(self, data: Any) -> PreparedNetwork:
        """Sort the rows by stimulus id and do the factorisations that need one network only."""
        if self.axis == "function":
            return prepare_outputs(data, self.seed, self.tolerance)
        return prepare_layer(data, self.seed)

    def compare(self, a: PreparedNetwork, b: PreparedNetwork) -> Score:
        """Climb the ladder as far as the answer needs."""
        rows = matched_rows(a, b)
        if self.axis == "function":
            return self._outputs(a, b, rows)
        networks = [network_of(p, p.layer.values[r], self.seed) for p, r in ((a, rows.a), (b, rows.b))]
        ladder = self._ladder(networks, together_where_equal(a, b, rows))
        floor: Floor | None = None
        if ladder_answer(ladder) in _MAY_BE_NOISE:
            floor = repeat_floor(ladder.a, ladder.b, rows.stimuli, ladder.clusters, self.seed)
        return self._score(ladder, representation_answer(ladder, floor or Floor()))

    def _outputs(self, a: PreparedNetwork, b: PreparedNetwork, rows: MatchedRows) -> Score:
        targets = _targets(a, b, rows)
        outputs = pair_outputs(a.layer.values[rows.a], b.layer.values[rows.b], (_kind(a), _kind(b)), targets)
        if not all(np.ptp(values, axis=0).any() for values in (outputs.a, outputs.b)):
            missing = Score.missing(self.id, Status.DEGENERATE)
            return replace(missing, details={"answer": "not_tested", "rung": None, "p": None})
        networks = [network_of(p, v, self.seed) for p, v in ((a, outputs.a), (b, outputs.b))]
        ladder = self._ladder(networks, rows.clusters)
        alone = ladder_answer(ladder)
        floor = function_floor(ladder, outputs.kinds, targets, rows.stimuli) if alone in _MAY_BE_NOISE else Floor()
        identifies = _identifies(a, b, rows, ladder) if _any_invertible(ladder) else None
        decisions: Agreement | None = None
        if outputs.classes is not None and alone != "undecided":
            first, second = outputs.classes
            decisions = agreement(first, second, targets, rows.clusters, self.seed)
        return self._score(ladder, function_answer(ladder, floor, outputs.kinds, identifies, decisions))

    def _ladder(self, networks: Sequence[Layer], clusters: np.ndarray) -> Ladder:
        a, b = networks
        return judge(a, b, clusters, tolerance=self.tolerance, seed=self.seed, up_to=self.rung)

    def _score(self, ladder: Ladder, answer: str) -> Score:
        rung = _valued_rung(ladder)
        estimates = [] if rung is None else [ladder.standard.estimate(d, rung) for d in ladder.directions]
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
                "p": _p(ladder, answer, rung),
            },
        )


def _valued_rung(ladder: Ladder) -> str | None:
    """Return the family at which the value is read: the first that holds both ways, else the one that leaves least unexplained.

    Rungs that depend on the order of units are passed over where others count: it is no property of the network which of its
    units comes first.
    """
    up_to = ladder.standard.rungs
    counted = [rung for rung in up_to if "permutation" in rung_named(rung).invariances] or up_to
    applies = [rung for rung in counted if all(rung in d.errors for d in ladder.directions)]
    if ladder.rung is not None:
        state = ladder.standard.state
        for rung in applies:
            if all(state(direction, rung) == "holds" for direction in ladder.directions):
                return rung
    return min(applies, key=lambda rung: max(d.unexplained(rung) for d in ladder.directions), default=None)


def _any_invertible(ladder: Ladder) -> bool:
    """Tell whether the rung that holds carries any two networks onto each other whose outputs determine the inputs."""
    return ladder.rung is not None and rung_named(ladder.rung).any_invertible


def _p(ladder: Ladder, answer: str, valued: str | None) -> float:
    """Return how often a pair at the limit would look as clearly as this one does what the answer says."""
    if answer == "equivalent" and ladder.rung is not None:
        return p_same(ladder, ladder.rung)
    if answer != "undecided":
        return p_different(ladder)
    if ladder_answer(ladder) != "undecided" or valued is None:
        return 1.0
    return min(p_same(ladder, valued), p_different(ladder))


def _kind(prepared: PreparedNetwork) -> str | None:
    return None if prepared.output is None else prepared.output.kind


def _targets(a: PreparedNetwork, b: PreparedNetwork, rows: MatchedRows) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Return what each network was to answer on the common rows; where only one is known, it counts for both."""
    own = [p.output.targets if p.output is not None else None for p in (a, b)]
    first, second = (t if t is None else t[r] for t, r in zip(own, (rows.a, rows.b), strict=True))
    return first if first is not None else second, second if second is not None else first


def _identifies(a: PreparedNetwork, b: PreparedNetwork, rows: MatchedRows, ladder: Ladder) -> Identifies | None:
    """Return whether the outputs determine the inputs; what preparation found, where it applies to these rows."""
    shown = [p.layer.inputs if p.layer.inputs is None else p.layer.inputs[r] for p, r in ((a, rows.a), (b, rows.b))]
    found: list[tuple[Estimate, str]] = []
    for prepared, network, own, other in ((a, ladder.a, *shown), (b, ladder.b, *shown[::-1])):
        inputs = own if own is not None else other
        if inputs is None or not np.ptp(inputs, axis=0).any():
            return None
        known = None if prepared.output is None or own is None else prepared.output.gives_inputs
        if known is None or network is not prepared.network or not np.array_equal(prepared.clusters, ladder.clusters):
            known = reconstructed(network, input_code(inputs, ladder.seed), ladder.standard)
        found.append(known)
    return Identifies(found[0][0], found[1][0], (found[0][1], found[1][1]))
