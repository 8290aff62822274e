"""What is found of a pair's rows, from what is known of its layers or outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conjugacy.data import merge_labels, row_labels
from conjugacy.numerics.clumps import NearPairs
from conjugacy.verdict.dependence import Dependence, RowsOfPair, class_labels, find_dependence
from conjugacy.verdict.inputs import input_code
from conjugacy.verdict.rows_seen import RowsSeen, near_inputs
from conjugacy.verdict.sides import is_of
from conjugacy.verdict.states import with_equal_states

if TYPE_CHECKING:
    from conjugacy.verdict.known import KnownLayers, KnownOutputs
    from conjugacy.verdict.sides import Side


def with_states(a: Side, b: Side, matched: np.ndarray) -> np.ndarray:
    """Return which rows depend on each other, equal states too; `matched` where that changes nothing."""
    states = a.equal_rows, b.equal_rows
    if states[0] is None or states[1] is None:
        return matched
    merged = with_equal_states(matched, states[0] * (int(states[1].max()) + 1) + states[1])
    both = np.unique(merged * (int(matched.max()) + 1) + matched)
    return matched if len(both) == int(merged.max()) + 1 == int(matched.max()) + 1 else merged


def repeats_said(a: Side, b: Side, matched: np.ndarray, merged: np.ndarray) -> tuple[str, ...]:
    """Say that rows were put together because their states are equal."""
    if merged is matched:
        return ()
    distinct = int(row_labels(np.hstack([a.values, b.values])).max()) + 1
    return (
        f"rows repeat states: in {len(matched)} rows both layers hold {distinct} different states; equal ones are held "
        "out together and count as one",
    )


def left_open(known: KnownLayers | KnownOutputs, answer: str) -> str | None:
    """Say why what was found of the rows leaves an answer open; None where it does not.

    Under ten different states nothing is told, and under ten runs of a series. What holds row by row, and not for clusters held
    out, may be looked up from neighbours, or hold for the few states that repeat alone; not where the stimuli themselves repeat.
    """
    found, ladder = known.found, known.ladder
    if found.kind is None or (found.kind == "repeats" and found.too_few is not None):
        return found.too_few
    if answer == "undecided" and found.kind == "series" and ladder.too_few(ladder.up_to) is not None:
        return found.too_few
    if answer == "equivalent" or found.in_stimuli:
        return None
    for row_by_row, held_out in zip(known.row_by_row.directions, ladder.directions, strict=True):
        if known.row_by_row.determines(row_by_row) == "holds" and ladder.determines(held_out) != "holds":
            return found.overrule()
    return None


def of_layers(known: KnownLayers) -> Dependence:
    """Return which rows of two layers depend on each other."""
    rows = _rows(known, known.labelled, known.labelled)
    return _found(known, rows, (known.a.values, known.b.values), near=True)


def of_outputs(known: KnownOutputs) -> Dependence:
    """Return which rows of two outputs depend on each other; that decisions, of classes or yes and no, are alike is no repeat."""
    outputs = known.outputs
    near, repeated = outputs.kinds == ("regression", "regression"), known.matched
    if near and not known.told:
        equal = row_labels(np.hstack([outputs.a, outputs.b]))
        repeated = merge_labels([known.matched, equal], len(equal))
    return _found(known, _rows(known, known.matched, repeated), (outputs.a, outputs.b), near=near)


def _rows(known: KnownLayers | KnownOutputs, clusters: np.ndarray, repeated: np.ndarray) -> RowsOfPair:
    a, b = known.a, known.b
    places = [np.arange(len(clusters)) if side.rows is None else side.rows for side in (a, b)]
    targets = a.targets, b.targets
    return RowsOfPair(clusters, repeated, (places[0], places[1]), class_labels(targets), known.asked.rows, known.told)


def _found(
    known: KnownLayers | KnownOutputs, rows: RowsOfPair, values: tuple[np.ndarray, np.ndarray], *, near: bool
) -> Dependence:
    if rows.are_settled or np.array_equal(*values):  # equal arrays are equal, however their rows depend on each other
        return Dependence(rows.clusters)
    a, b = (_look(side, x, near=near) for side, x in zip((known.a, known.b), values, strict=True))
    return find_dependence(a, b, rows, lambda: _shown(known, a, b))


def _look(side: Side, values: np.ndarray, *, near: bool) -> RowsSeen:
    """Return what the rows of one side show; what preparation found is not looked for again."""
    ready = side.ready
    known = ready is not None and ready.layer is not None and is_of(ready.layer, values)
    if ready is not None and ready.look is not None and known:
        return ready.look
    return RowsSeen.of(values, near=near)


def _shown(known: KnownLayers | KnownOutputs, a: RowsSeen, b: RowsSeen) -> NearPairs | None:
    """Return which rows were shown much the same, to both networks where they were shown different things."""
    found, given = list[NearPairs](), [known.a.shown, known.b.shown]
    same = given[0] is not None and given[1] is not None and np.array_equal(given[0], given[1])
    for side, look in ((known.a, a),) if same else ((known.a, a), (known.b, b)):
        if look.shown is not None:
            found.append(look.shown)
        elif (inputs := side.inputs) is not None:
            found.append(near_inputs(input_code(inputs, known.asked.seed)))
    return found[0].both(found[1]) if len(found) == 2 else found[0] if found else None
