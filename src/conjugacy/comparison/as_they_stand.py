"""The outputs of a pair as they stand, one record for each output: what drop-in is judged on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from conjugacy.comparison.matched_pair import Pair
from conjugacy.results import DropIn, Margins
from conjugacy.verdict import Asked, KnownOutputs
from conjugacy.verdict.drop_in import AsTheyStand, all_heads, judge_drop_in

WEIGHTS = "weights_sha256"  # in a recording's provenance


def as_they_stand(pair: Pair, margins: Margins, seed: int) -> tuple[AsTheyStand, ...]:
    """Return the outputs of both networks on the matched rows; none where rows are not matched or a network has no outputs.

    What A was to answer counts, else what B was: B takes A's place.
    """
    names = pair.a.output_name, pair.b.output_name
    if pair.matching is None or names[0] is None or names[1] is None:
        return ()
    sides = pair.side(pair.a, names[0]), pair.side(pair.b, names[1])
    matching = pair.matching
    known = KnownOutputs(*sides, matching.stimuli, matching.clusters, Asked(margins.tolerance, seed))
    weights = [recording.provenance.get(WEIGHTS) for recording in (pair.a, pair.b)]
    return (
        AsTheyStand(
            a=sides[0].values,
            b=sides[1].values,
            kinds=known.outputs.given,
            targets=known.targets[0],
            clusters=matching.clusters,
            stimuli=matching.stimuli,
            positions=matching.rows_a,
            margins=margins,
            seed=seed,
            equal_weights=weights[0] is not None and weights[0] == weights[1],
        ),
    )


def judge_outputs(given: Sequence[AsTheyStand]) -> DropIn:
    """Return whether B replaces A, over all outputs."""
    if not given:
        return DropIn.not_tested(
            "no outputs on matched rows: save both networks' outputs as 'outputs', with stimulus ids"
        )
    return all_heads([judge_drop_in(one) for one in given])


def on_rows(given: AsTheyStand, rows: np.ndarray) -> AsTheyStand:
    """Return the same outputs on some of their rows."""
    _, clusters = np.unique(given.clusters[rows], return_inverse=True)
    return replace(
        given,
        a=given.a[rows],
        b=given.b[rows],
        targets=None if given.targets is None else given.targets[rows],
        clusters=clusters.astype(np.int64),
        stimuli=given.stimuli[rows],
        positions=given.positions[rows],
    )
