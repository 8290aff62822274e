"""The function axis: outputs against outputs, decisions beside them, and whether the outputs give the inputs away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from conjugacy.comparison.setup import (
    Job,
    conditions,
    dimensions_of,
    fitted_maps,
    input_codes,
    located,
    not_judged,
    own_targets,
)
from conjugacy.results import AxisVerdict, Evidence
from conjugacy.transformations import RUNGS, Ladder, Layer, Transformation, judge, rung_named
from conjugacy.verdict import decide_function, pair_outputs
from conjugacy.verdict.decide import Context, Identifies
from conjugacy.verdict.evidence import Agreement, agreement
from conjugacy.verdict.known import function_floor, reconstructed
from conjugacy.verdict.second_opinion import beyond_floor, continuity_both_ways, errors_over_floor, gradients_both_ways


def function_axis(job: Job) -> tuple[AxisVerdict, dict[str, Transformation]]:
    """Return the verdict on the outputs and the maps between them."""
    pair, matching = job.pair, job.pair.matching
    names = (pair.a.output_name, pair.b.output_name)
    if matching is None or names[0] is None or names[1] is None:
        missing = " and ".join(repr(r.name) for r, n in zip((pair.a, pair.b), names, strict=True) if n is None)
        return AxisVerdict.not_tested(
            f"no output layer in {missing}: save it as 'outputs', or name it with output_layer"
        ), {}
    job.progress("comparing outputs")
    targets = own_targets(pair)
    outputs = pair_outputs(
        pair.values(pair.a, names[0]),
        pair.values(pair.b, names[1]),
        (pair.a.output_kind, pair.b.output_kind),
        targets,
    )
    constant = [
        n
        for n, v in zip((pair.a.name, pair.b.name), (outputs.a, outputs.b), strict=True)
        if not np.ptp(v, axis=0).any()
    ]
    if constant:
        return AxisVerdict.not_tested(
            f"the outputs of {' and '.join(map(repr, constant))} are the same for every stimulus"
        ), {}
    a, b = Layer(outputs.a, job.seed), Layer(outputs.b, job.seed)
    ladder = judge(a, b, matching.clusters, tolerance=job.tolerance, seed=job.seed)
    decisions: Agreement | None = None
    if outputs.classes is not None:
        decisions = agreement(*outputs.classes, targets, matching.clusters, job.seed)
    floor = function_floor(ladder, outputs.kinds, targets, matching.stimuli)
    context = Context(
        (names[0], names[1]),
        "the output layers",
        matching.stimuli,
        floor,
        not_judged(pair, ladder, names),
        outputs.notes,
    )
    axis = decide_function(ladder, context, outputs.kinds, _identifies(job, ladder), decisions)
    where = located(job, ladder, (names[0], names[1]), np.arange(ladder.a.m))
    maps = fitted_maps(ladder)
    more = _more(job, ladder, axis, outputs.kinds, maps)
    warnings = axis.warnings + beyond_floor(axis.answer, more)
    return replace(axis, where=where, evidence=axis.evidence + more, warnings=warnings), maps


def _more(
    job: Job, ladder: Ladder, axis: AxisVerdict, kinds: tuple[str, str], maps: dict[str, Transformation]
) -> tuple[Evidence, ...]:
    """Return the second opinions: continuity and gradients, which fit no map; the map's condition; its error over the floor."""
    found: tuple[Evidence, ...] = ()
    if kinds == ("regression", "regression"):
        last = axis.rung_result(RUNGS[-1])
        found += errors_over_floor((last.a_to_b, last.b_to_a), axis.floor)
    if "labels" not in kinds:
        found += continuity_both_ways(ladder.a, ladder.b, ladder.clusters, job.seed)
        found += conditions(job, ladder, maps, dimensions_of(job, ladder))
    gradients = _gradients(job)
    return found if gradients is None else found + gradients_both_ways(*gradients)


def _gradients(job: Job) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the derivatives of both outputs with respect to the same inputs, where they were recorded."""
    pair, matching = job.pair, job.pair.matching
    found = [r.jacobians.get(r.output_name or "") for r in (pair.a, pair.b)]
    if matching is None or found[0] is None or found[1] is None or found[0].shape[2] != found[1].shape[2]:
        return None
    a, b = input_codes(pair, job.seed)
    if a is None or b is None or a.shape != b.shape or not np.allclose(a, b):
        return None  # derivatives with respect to other inputs have nothing to do with each other
    return found[0][matching.rows_a], found[1][matching.rows_b]


def _identifies(job: Job, ladder: Ladder) -> Identifies | None:
    """Try to reconstruct the inputs from each network's outputs, held out."""
    pair, matching = job.pair, job.pair.matching
    if matching is None or not rung_named(ladder.told_rung).any_invertible:
        return None
    a, b = input_codes(pair, job.seed)
    if a is None or b is None or not (np.ptp(a, axis=0).any() and np.ptp(b, axis=0).any()):
        return None
    job.progress("testing whether the outputs determine the inputs")
    found = [reconstructed(source, code, ladder.standard) for source, code in ((ladder.a, a), (ladder.b, b))]
    return Identifies(found[0][0], found[1][0], (found[0][1], found[1][1]))
