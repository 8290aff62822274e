"""What is known of a pair besides the maps between its layers: one place that gathers it, for `compare` and for the measure.

Each piece is computed when it is asked for, and once: a whole comparison asks for all, the measure `verdict` for what it needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from conjugacy.numerics.columns import LARGEST, any_varies
from conjugacy.numerics.sameness import same_numbers, same_within
from conjugacy.results import Estimate, Floor
from conjugacy.transformations import RUNGS, Ladder, Layer, judge, judge_repeats, judge_series, rung_named
from conjugacy.verdict.columns import Lost, columns_lost
from conjugacy.verdict.decisions import Agreement, Decided, SameTask, agreement, same_task
from conjugacy.verdict.dependence import Dependence
from conjugacy.verdict.evidence import regression_floor, repeat_floor
from conjugacy.verdict.inputs import LINEAR, GivesInputs, Identifies, input_code, inputs_from_outputs
from conjugacy.verdict.kinds import Told
from conjugacy.verdict.outputs import OutputPair, kinds_of, pair_outputs
from conjugacy.verdict.rows_found import of_layers, of_outputs, repeats_said, with_states
from conjugacy.verdict.sides import Asked, Side
from conjugacy.verdict.targets import UNKNOWN, class_targets

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class KnownLayers:
    """Two layers, row by row.

    Attributes
    ----------
    a, b : Side
    stimuli : array, (m,)
        Ids of the rows.
    matched : int array, (m,)
        Which rows depend on each other, as far as their labels say.
    asked : Asked
    told : bool
        Whether groups were given.
    """

    a: Side
    b: Side
    stimuli: np.ndarray
    matched: np.ndarray
    asked: Asked
    told: bool = False

    @cached_property
    def labelled(self) -> np.ndarray:
        """Which rows depend on each other as labels say, those with equal states in both layers too."""
        return with_states(self.a, self.b, self.matched)

    @cached_property
    def found(self) -> Dependence:
        """Which rows depend on each other, and what was found of that."""
        return of_layers(self)

    @property
    def repeated(self) -> tuple[str, ...]:
        """Say that rows were put together because their states are equal."""
        return repeats_said(self.a, self.b, self.matched, self.labelled)

    @cached_property
    def ladder(self) -> Ladder:
        """The maps between the two layers; each is fitted when it is asked for."""
        ends = [side.layer(side.values, self.asked.seed) for side in (self.a, self.b)]
        return _ladder(ends[0], ends[1], self.found, self.labelled, self.asked)

    @cached_property
    def row_by_row(self) -> Ladder:
        """The same maps judged as if nothing had been found of the rows."""
        return _row_by_row(self.ladder, self.labelled, self.asked)

    @cached_property
    def floor(self) -> Floor:
        """What two replicas would differ by: the networks' spread over repeats of a stimulus."""
        ladder = self.ladder
        return repeat_floor(ladder.a, ladder.b, self.stimuli, ladder.clusters, self.asked.seed) or Floor()


@dataclass(frozen=True, eq=False)
class KnownOutputs:
    """Two networks' outputs, row by row; attributes as those of `KnownLayers`."""

    a: Side
    b: Side
    stimuli: np.ndarray
    matched: np.ndarray
    asked: Asked
    told: bool = False

    @cached_property
    def found(self) -> Dependence:
        """Which rows depend on each other, and what was found of that in the outputs and in what was shown."""
        return of_outputs(self)

    @cached_property
    def targets(self) -> tuple[np.ndarray | None, np.ndarray | None]:
        """What each network was to answer; where only one is known, it counts for both."""
        return for_both(self.a.targets, self.b.targets)

    @cached_property
    def outputs(self) -> OutputPair:
        """Both outputs in a common form."""
        return pair_outputs(self.a.values, self.b.values, *self._told, self.asked.threshold)

    @cached_property
    def kinds(self) -> tuple[str, str]:
        """What each output is by itself."""
        return kinds_of((self.a.values, self.b.values), self._told)[0]

    @property
    def _told(self) -> tuple[Told, Told]:
        return self.a.told(self.targets[0]), self.b.told(self.targets[1])

    @cached_property
    def same(self) -> float | None:
        """The relative spacing at which both are the same numbers as recorded, 0 where equal; None where not.

        None too where they were to answer two questions.
        """
        (wanted_a, wanted_b), (a, b) = self.targets, (self.a.values, self.b.values)
        if wanted_a is not None and wanted_b is not None and not np.array_equal(wanted_a, wanted_b):
            return None
        spaced = same_within(a, b, self.asked.tolerance)
        # masks, or their kinds, may make the compared forms differ more than the numbers do
        return None if spaced is None or same_numbers(self.outputs.a, self.outputs.b) is None else spaced

    @property
    def too_large(self) -> bool:
        """Whether outputs are so large that their squares overflow, and no map can be fitted.

        The same numbers need none, unless their sums are no numbers either.
        """
        largest = max(np.abs(x[np.isfinite(x)]).max(initial=0.0) for x in (self.a.values, self.b.values))
        return bool(largest > LARGEST) and (bool(largest > LARGEST**2) or self.same is None)

    @property
    def constant(self) -> tuple[bool, bool]:
        """Whether outputs are the same for every stimulus."""
        return not any_varies(self.outputs.a), not any_varies(self.outputs.b)

    @cached_property
    def ladder(self) -> Ladder:
        """The maps between the outputs."""
        found = self.outputs
        ends = [side.layer(values, self.asked.seed) for side, values in ((self.a, found.a), (self.b, found.b))]
        return _ladder(ends[0], ends[1], self.found, self.matched, self.asked)

    @cached_property
    def row_by_row(self) -> Ladder:
        """The same maps judged as if nothing had been found of the rows."""
        return _row_by_row(self.ladder, self.matched, self.asked)

    @cached_property
    def floor(self) -> Floor:
        """What two networks that learned the same may differ by: their own errors, else their spread over repeats."""
        ladder, kinds = self.ladder, self.outputs.kinds
        if kinds == ("regression", "regression"):
            floor = regression_floor((ladder.a.values, ladder.b.values), self.targets, ladder.clusters, ladder.seed)
            if floor is not None:
                return floor
        repeats = repeat_floor(ladder.a, ladder.b, self.stimuli, ladder.clusters, ladder.seed)
        if repeats is None and self.targets[0] is not None and "regression" not in kinds:
            return Floor(source="none on this scale: the networks' own errors are shares of rows, beside the agreement")
        return repeats or Floor()

    @cached_property
    def decisions(self) -> Agreement | None:
        """How often both decide alike; None where one does not decide between classes."""
        found = self._decided
        return None if found is None else agreement(found.a, found.b, found.wanted, found.clusters, found.seed)

    @cached_property
    def same_task(self) -> SameTask | None:
        """What the decisions say of the task; None where one does not decide between classes."""
        return None if self._decided is None else same_task(self._decided)

    @cached_property
    def class_targets(self) -> tuple[tuple[np.ndarray | None, np.ndarray | None], tuple[str, ...]]:
        """Which class each network was to choose on every row, as far as its targets tell, and what they do not."""
        found, said = list[np.ndarray | None](), list[str]()
        for who, side, kind, targets in zip("AB", (self.a, self.b), self.outputs.given, self.targets, strict=True):
            columns = 0 if kind == "labels" else side.values.shape[1]
            classes, notes = class_targets(targets, len(side.values), columns if columns > 1 else 0)
            found.append(classes)
            said += [f"{who}: {note}" for note in notes]
        return (found[0], found[1]), tuple(said)

    @cached_property
    def _decided(self) -> Decided | None:
        """Both networks' decisions on the rows whose targets are told, where any are."""
        classes = self.outputs.classes
        if classes is None:
            return None
        wanted, told = self.class_targets[0], np.ones(len(classes[0]), dtype=bool)
        for one in wanted:
            told &= True if one is None else one != UNKNOWN
        a, b, clusters = classes[0][told], classes[1][told], self.found.clusters[told]
        both = [None if one is None else one[told] for one in wanted]
        groups = np.unique(clusters, return_inverse=True)[1].ravel()
        return Decided(a, b, (both[0], both[1]), groups, self.asked.tolerance, self.asked.seed)

    @cached_property
    def lost(self) -> tuple[Lost, ...]:
        """Columns that say yes or no and do not say it alike; none where the outputs are no sigmoids."""
        a, b, asked = self.a.values, self.b.values, self.asked
        if self.outputs.kinds != ("sigmoids", "sigmoids") or a.shape != b.shape:
            return ()
        return columns_lost(a, b, self.found.clusters, asked.tolerance, asked.threshold)

    @property
    def asked_of_inputs(self) -> str | None:
        """Up to which rung it is asked whether outputs determine inputs: the one that holds, the last one where none does.

        None where the outputs are the same, or the same in other units; `LINEAR` where they only change places.
        """
        rung = rung_named(self.ladder.told_rung)
        if not rung.unit_by_unit:
            return rung.name
        return None if rung.name == RUNGS[0] or self.ladder.own_words is not None else LINEAR

    @cached_property
    def identifies(self) -> Identifies | None:
        """Whether the outputs determine the inputs by maps up to `asked_of_inputs`; None where it is not asked, or not known."""
        rung = self.asked_of_inputs
        if rung is None:
            return None
        ladder, found = self.ladder, list[tuple[Estimate, str]]()
        shown = for_both(self.a.inputs, self.b.inputs)
        for side, layer, inputs in zip((self.a, self.b), (ladder.a, ladder.b), shown, strict=True):
            if inputs is None or not any_varies(inputs):
                return None
            known = self._known_before(side, layer)
            known = known or inputs_from_outputs(layer, input_code(inputs, self.asked.seed), ladder.standard, (rung,))
            found.append(known[rung])
        return Identifies(found[0][0], found[1][0], (found[0][1], found[1][1]))

    def _known_before(self, side: Side, layer: Layer) -> GivesInputs | None:
        """Return what preparation found of a side, where it applies to these rows."""
        ready = side.ready
        applies = ready is not None and layer is ready.layer and np.array_equal(ready.clusters, self.found.clusters)
        return ready.gives_inputs if ready is not None and applies and side.shown is not None else None


def for_both(a: T | None, b: T | None) -> tuple[T | None, T | None]:
    """Return what is known of either network; where only one is known, it counts for both."""
    return a if a is not None else b, b if b is not None else a


def _ladder(a: Layer, b: Layer, found: Dependence, labelled: np.ndarray, asked: Asked) -> Ladder:
    apart = _judged(a, b, found.clusters, asked)
    if found.places is not None:
        return judge_series(apart, _judged(a, b, labelled, asked), found.places)
    return judge_repeats(apart) if found.kind == "repeats" else apart


def _row_by_row(ladder: Ladder, labelled: np.ndarray, asked: Asked) -> Ladder:
    return ladder.near or _judged(ladder.a, ladder.b, labelled, asked)


def _judged(a: Layer, b: Layer, clusters: np.ndarray, asked: Asked) -> Ladder:
    return judge(
        a,
        b,
        clusters,
        tolerance=asked.tolerance,
        seed=asked.seed,
        up_to=asked.up_to,
        first_alone=asked.first_alone,
    )
