"""The outputs of a pair as they stand, one record for each output: what drop-in is judged on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from conjugacy.comparison.matched_pair import activations_of
from conjugacy.comparison.setup import Setup
from conjugacy.data import Recording
from conjugacy.results import DropIn, Margins
from conjugacy.results.reason import reasons
from conjugacy.verdict.drop_in import AsTheyStand, all_heads, by_holm, judge_drop_in
from conjugacy.verdict.heads import HeadPairs

WEIGHTS = "weights_sha256"  # in a recording's provenance
NOTHING = "no outputs on matched rows: save both networks' outputs as 'outputs', with stimulus ids"


@dataclass(frozen=True, eq=False)
class OutputsAsTheyStand:
    """All outputs of a pair.

    Attributes
    ----------
    heads : tuple of AsTheyStand
        Those that both networks have.
    pairs : HeadPairs
        Which these are, and which have no counterpart.
    """

    heads: tuple[AsTheyStand, ...] = ()
    pairs: HeadPairs = field(default_factory=lambda: HeadPairs(()))

    def on_rows(self, rows: np.ndarray, level: float | None = None) -> OutputsAsTheyStand:
        """Return the same outputs on some of their rows, with another level of a wrong no."""
        return replace(self, heads=tuple(_on_rows(one, rows, level) for one in self.heads))

    def within(self, margins: Margins) -> OutputsAsTheyStand:
        """Return the same outputs against other margins."""
        return replace(self, heads=tuple(replace(one, margins=margins) for one in self.heads))


def as_they_stand(setup: Setup, margins: Margins) -> OutputsAsTheyStand:
    """Return the outputs of both networks on the matched rows; none where rows are not matched or a network has no outputs.

    What A was to answer counts, else what B was: B takes A's place.
    """
    pair, matching = setup.pair, setup.pair.matching
    if matching is None:
        return OutputsAsTheyStand()
    heads, pairs = setup.outputs
    several = len(heads) > 1 or any(pairs.alone)
    found = tuple(
        AsTheyStand(
            a=head.known.a.values,
            b=head.known.b.values,
            kinds=head.known.kinds,
            targets=head.known.targets[0],
            clusters=head.known.found.clusters,
            stimuli=matching.stimuli,
            positions=matching.rows_a,
            margins=margins,
            head=head.name if several else None,
            equal_weights=same_weights(pair.a, pair.b),
            names=activations_of(pair.a, head.name).units or (),
        )
        for head in heads
    )
    return OutputsAsTheyStand(found, pairs)


def same_weights(a: Recording, b: Recording) -> bool:
    """Whether both recordings say that they are of the same weights."""
    weights = [recording.provenance.get(WEIGHTS) for recording in (a, b)]
    return weights[0] is not None and weights[0] == weights[1]


def judge_outputs(given: OutputsAsTheyStand) -> DropIn:
    """Return whether B replaces A, over all outputs; an output that A alone has leaves a yes open."""
    if not given.heads:
        return DropIn.not_tested(given.pairs.notes[0] if given.pairs.notes else NOTHING)
    heads, notes = {str(i): one for i, one in enumerate(given.heads)}, given.pairs.notes
    each = by_holm(
        {i: one.level for i, one in heads.items()}, lambda i, level: judge_drop_in(replace(heads[i], level=level))
    )
    found = all_heads(list(each.values()))
    if not notes:
        return found
    warned = replace(found, warnings=(*notes, *found.warnings))
    if given.pairs.alone[0] and found.answer == "yes":
        return replace(warned, answer="undecided", reasons=(*reasons("data", notes[0]), *found.reasons))
    return warned


def _on_rows(given: AsTheyStand, rows: np.ndarray, level: float | None) -> AsTheyStand:
    _, clusters = np.unique(given.clusters[rows], return_inverse=True)
    return replace(
        given,
        a=given.a[rows],
        b=given.b[rows],
        targets=None if given.targets is None else given.targets[rows],
        clusters=clusters.astype(np.int64),
        stimuli=given.stimuli[rows],
        positions=given.positions[rows],
        level=given.level if level is None else level,
    )
