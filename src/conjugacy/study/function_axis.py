"""The function axis: outputs against outputs, decisions beside them, and whether the outputs give the inputs away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from conjugacy.results import AxisVerdict, Estimate, Floor
from conjugacy.study.job import Job, fitted_maps, located, noise_floor, not_judged, own_targets, shared_targets
from conjugacy.study.pair import activations_of
from conjugacy.transformations import Ladder, Network, Transformation, judge, judge_direction
from conjugacy.verdict import decide_function, pair_outputs
from conjugacy.verdict.decide import Context, Identifies
from conjugacy.verdict.evidence import Agreement, agreement, regression_floor

CODE_UNITS = 256


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
    targets = shared_targets(pair)
    outputs = pair_outputs(
        pair.values(pair.a, names[0]),
        pair.values(pair.b, names[1]),
        (pair.a.output_kind, pair.b.output_kind),
        own_targets(pair),
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
    a, b = Network(outputs.a, job.seed), Network(outputs.b, job.seed)
    ladder = judge(a, b, matching.clusters, tolerance=job.tolerance, seed=job.seed)
    decisions: Agreement | None = None
    if outputs.classes is not None:
        decisions = agreement(*outputs.classes, own_targets(pair), matching.clusters, job.seed)
    floor = _function_floor(job, ladder, outputs.kinds, targets)
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
    return replace(axis, where=where), fitted_maps(ladder)


def _function_floor(job: Job, ladder: Ladder, kinds: tuple[str, str], targets: np.ndarray | None) -> Floor:
    clusters = ladder.clusters
    if kinds == ("regression", "regression") and targets is not None:
        floor = regression_floor((ladder.a.values, ladder.b.values), targets, clusters, job.seed)
        if floor is not None:
            return floor
    matching = job.pair.matching
    repeats = Floor() if matching is None else noise_floor(job.pair, ladder, matching.stimuli, job.seed)
    if repeats.value is None and targets is not None and "regression" not in kinds:
        return Floor(source="none on this scale: the networks' own errors are shares of rows, beside the agreement")
    return repeats


def _identifies(job: Job, ladder: Ladder) -> Identifies | None:
    """Try to reconstruct the inputs from each network's outputs, held out."""
    pair, matching = job.pair, job.pair.matching
    if matching is None or (ladder.rung not in (None, "smooth")):
        return None
    inputs = [
        None if layer.inputs is None else layer.inputs[rows].reshape(len(rows), -1)
        for layer, rows in (
            (activations_of(pair.a, pair.a.output_name or ""), matching.rows_a),
            (activations_of(pair.b, pair.b.output_name or ""), matching.rows_b),
        )
    ]
    codes = [own if own is not None else other for own, other in zip(inputs, reversed(inputs), strict=True)]
    if (
        codes[0] is None
        or codes[1] is None
        or any(not np.ptp(code, axis=0).any() for code in codes if code is not None)
    ):
        return None
    job.progress("testing whether the outputs determine the inputs")
    found = [
        _reconstruct(ladder, source, code, job)
        for source, code in zip((ladder.a, ladder.b), codes, strict=True)
        if code is not None
    ]
    return Identifies(found[0][0], found[1][0], (found[0][1], found[1][1]))


def _reconstruct(ladder: Ladder, source: Network, inputs: np.ndarray, job: Job) -> tuple[Estimate, str]:
    if inputs.shape[1] > CODE_UNITS:  # a random code of the inputs carries what they carry
        inputs = (inputs - inputs.mean(axis=0)) @ np.random.default_rng(job.seed).standard_normal(
            (inputs.shape[1], CODE_UNITS)
        )
    direction = judge_direction(source, Network(inputs, job.seed), ladder.clusters, seed=job.seed)
    return ladder.standard.estimate(direction, "smooth"), ladder.standard.determines(direction)
