"""The function axis: outputs against outputs, decisions beside them, and whether the outputs give the inputs away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from conjugacy.comparison.setup import (
    Setup,
    conditions,
    dimensions_of,
    fitted_maps,
    input_codes,
    located,
    not_judged,
)
from conjugacy.results import AxisVerdict, Evidence
from conjugacy.transformations import RUNGS, Ladder, Transformation, rung_named
from conjugacy.verdict import Context, KnownOutputs, decide_function
from conjugacy.verdict.second_opinion import (
    beyond_floor,
    continuity_both_ways,
    errors_over_floor,
    gradients_both_ways,
)


def function_axis(setup: Setup) -> tuple[AxisVerdict, dict[str, Transformation]]:
    """Return the verdict on the outputs and the maps between them."""
    pair, matching = setup.pair, setup.matching
    names = (pair.a.output_name, pair.b.output_name)
    if names[0] is None or names[1] is None:
        missing = " and ".join(repr(r.name) for r, n in zip((pair.a, pair.b), names, strict=True) if n is None)
        return AxisVerdict.not_tested(
            f"no output layer in {missing}: save it as 'outputs', or name it with output_layer"
        ), {}
    setup.progress("comparing outputs")
    sides = pair.side(pair.a, names[0], as_output=True), pair.side(pair.b, names[1], as_output=True)
    known = KnownOutputs(*sides, matching.stimuli, matching.clusters, setup.asked)
    constant = [r.name for r, same in zip((pair.a, pair.b), known.constant, strict=True) if same]
    if constant:
        return AxisVerdict.not_tested(
            f"the outputs of {' and '.join(map(repr, constant))} are the same for every stimulus"
        ), {}
    ladder, kinds = known.ladder, known.outputs.kinds
    if not known.outputs.are_classes and not rung_named(ladder.told_rung).unit_by_unit:
        setup.progress("testing whether the outputs determine the inputs")
    context = Context((names[0], names[1]), "the output layers", not_judged(pair, ladder, names), known.outputs.notes)
    axis = decide_function(known, context)
    maps = fitted_maps(ladder)
    more = _more(setup, ladder, axis, kinds, maps)
    return replace(
        axis,
        where=located(setup, ladder, (names[0], names[1])),
        evidence=axis.evidence + more,
        warnings=axis.warnings + beyond_floor(axis.answer, more),
    ), maps


def _more(
    setup: Setup, ladder: Ladder, axis: AxisVerdict, kinds: tuple[str, str], maps: dict[str, Transformation]
) -> tuple[Evidence, ...]:
    """Return the second opinions: continuity and gradients, which fit no map; the map's condition; its error over the floor."""
    found: tuple[Evidence, ...] = ()
    if kinds == ("regression", "regression"):
        last = axis.rung_result(RUNGS[-1])
        found += errors_over_floor((last.a_to_b, last.b_to_a), axis.floor)
    if "labels" not in kinds:
        found += continuity_both_ways(ladder.a, ladder.b, ladder.clusters, setup.seed)
        found += conditions(setup, ladder, maps, dimensions_of(setup, ladder))
    gradients = _gradients(setup)
    return found if gradients is None else found + gradients_both_ways(*gradients)


def _gradients(setup: Setup) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the derivatives of both outputs with respect to the same inputs, where they were recorded."""
    pair, matching = setup.pair, setup.pair.matching
    found = [r.jacobians.get(r.output_name or "") for r in (pair.a, pair.b)]
    if matching is None or found[0] is None or found[1] is None or found[0].shape[2] != found[1].shape[2]:
        return None
    a, b = input_codes(pair, setup.seed)
    if a is None or b is None or a.shape != b.shape or not np.allclose(a, b):
        return None  # derivatives with respect to other inputs have nothing to do with each other
    return found[0][matching.rows_a], found[1][matching.rows_b]
