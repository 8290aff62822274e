"""What conditions ask of a pair of networks, each computed when it is asked for, and once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from conjugacy.comparison.as_they_stand import OutputsAsTheyStand, as_they_stand, judge_outputs
from conjugacy.comparison.dynamics import DynamicsAxis, dynamics_axis
from conjugacy.comparison.function import function_axis
from conjugacy.comparison.gate.layer_facts import LayerFacts
from conjugacy.comparison.gate.subgroups import BySubgroup, judge_subgroups
from conjugacy.comparison.output_scores import output_scores
from conjugacy.comparison.setup import Setup
from conjugacy.data import Recording
from conjugacy.measure import Measure, measures_of
from conjugacy.results import AxisVerdict, DropIn, Margins, Score, Verdict
from conjugacy.results.reason import reasons
from conjugacy.transformations import RUNGS
from conjugacy.verdict import KnownOutputs
from conjugacy.verdict.heads import combined
from conjugacy.verdict.sameness import same_outputs

NO_HIDDEN = "a network has no hidden layer, or all repeat the outputs: record hidden layers, or name one"


@dataclass(frozen=True, eq=False)
class Facts:
    """A pair of networks, and what was asked of it so far.

    Attributes
    ----------
    setup : Setup
        The pair, the tolerance and the seed.
    margins : Margins
    layers : tuple of (str, str), or None
        The layers that were named; without them the deepest hidden one of each.
    labels : array, (m,), or None
        A label for every matched row: drop-in is then judged in every subgroup too.
    moving : tuple of Measure
        Measures of trajectories that are asked for: they are computed together.
    said : (Verdict, DropIn) or None
        What a whole comparison has said of the pair already.
    """

    setup: Setup
    margins: Margins
    layers: tuple[tuple[str, str], ...] | None = None
    labels: np.ndarray | None = None
    moving: tuple[Measure, ...] = ()
    said: tuple[Verdict, DropIn] | None = None
    _judged: dict[Margins, DropIn] = field(default_factory=dict[Margins, DropIn])

    @cached_property
    def outputs(self) -> OutputsAsTheyStand:
        """The outputs as they stand."""
        return as_they_stand(self.setup, self.margins)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was guessed, left out or is not told of the outputs; more where their answer was asked for."""
        if self.setup.pair.matching is None:
            return ()
        heads = self.setup.outputs[0]
        found = [note for head in heads for note in self._of_head(head.name, head.known, several=len(heads) > 1)]
        if "same_task" in vars(self):
            found += [warning for warning in self.same_task.warnings if not any(warning in note for note in found)]
        return tuple(dict.fromkeys(found))

    @staticmethod
    def _of_head(name: str, known: KnownOutputs, *, several: bool) -> list[str]:
        told = known.class_targets[1] if known.outputs.are_classes else ()
        hang = known.found.notes if "found" in vars(known) else ()  # where decisions or maps were asked for
        return [f"{name}: {note}" if several else note for note in (*hang, *known.outputs.notes, *told)]

    @cached_property
    def drop_in(self) -> DropIn:
        """Whether B replaces A, over all rows."""
        return self.drop_in_at(self.margins) if self.said is None else self.said[1]

    def drop_in_at(self, margins: Margins) -> DropIn:
        """Return the drop-in against other margins."""
        if margins not in self._judged:
            self._judged[margins] = judge_outputs(self.outputs.within(margins))
        return self._judged[margins]

    @cached_property
    def by_subgroup(self) -> BySubgroup | None:
        """The drop-in of every subgroup; None where no labels were given."""
        return None if self.labels is None else judge_subgroups(self.outputs, self.labels, self.drop_in)

    @cached_property
    def same_task(self) -> AxisVerdict:
        """The answer on the outputs; where they decide, no map is fitted for it."""
        if self.said is not None:
            return self.said[0].function
        return _of_decisions(self.setup) or self.outputs_in_full

    @cached_property
    def outputs_in_full(self) -> AxisVerdict:
        """The answer on the outputs with the maps between them."""
        return function_axis(self.setup)[0] if self.said is None else self.said[0].function

    @cached_property
    def layer_facts(self) -> tuple[LayerFacts, ...]:
        """What is asked of pairs of layers, in the order of A's layers; none where a network has no hidden layer."""
        pair, order = self.setup.pair, list(self.setup.pair.a.layers)
        if self.layers is not None:
            for names in self.layers:
                for recording, name in zip((pair.a, pair.b), names, strict=True):
                    recording.layer(name)  # a wrong name is told before the work
            named = sorted(self.layers, key=lambda names: order.index(names[0]))
        else:
            named = [_deepest(pair.a, pair.b)]
        alone = self.said[0].representation if self.said is not None else None
        return tuple(
            LayerFacts(self.setup, names, alone if alone is not None and alone.layers in (names, None) else None)
            for names in named
            if names is not None
        )

    @cached_property
    def dynamics(self) -> DynamicsAxis:
        """The answer on trajectories, with the measures that were asked for."""
        return dynamics_axis(self.setup, self.moving)

    def of_trajectories(self) -> AxisVerdict:
        """Return the answer on trajectories."""
        return self.dynamics.axis if self.said is None else self.said[0].dynamics

    def output_score(self, measure: str) -> Score:
        """Return what a measure says of the outputs."""
        return output_scores(self.setup.pair, measures_of(measure), self.setup.threshold)[0]


def _deepest(a: Recording, b: Recording) -> tuple[str, str] | None:
    found = a.deepest, b.deepest
    return None if found[0] is None or found[1] is None else (found[0].name, found[1].name)


def _of_decisions(setup: Setup) -> AxisVerdict | None:
    """Return the answer on outputs that decide between classes; None where that of any rests on maps."""
    if setup.pair.matching is None:
        return None
    heads, pairs = setup.outputs
    found: list[AxisVerdict] = []
    for head in heads:
        decided = head.known.same_task
        classes = head.known.outputs.classes
        same = None if any(head.known.constant) else same_outputs(head.known)
        if same is not None:
            found.append(AxisVerdict("equivalent", reasons("identity", same), rung=RUNGS[0], layers=head.names))
            continue
        if any(head.known.constant) or decided is None or classes is None:
            return None
        if decided.answer == "undecided" and np.array_equal(*classes):
            return None  # the scores may be the same numbers, which decides on few rows
        about = reasons("decisions", decided.sentence)
        warnings = (*head.known.outputs.notes, *head.known.class_targets[1], *decided.warnings)
        found.append(AxisVerdict(decided.answer, about, layers=head.names, warnings=warnings))
    return combined(found, pairs) if found else None
