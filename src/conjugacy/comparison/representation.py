"""The representation axis: one layer against another, set against untrained copies; and the pictures of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from conjugacy.comparison.few_units import few_units
from conjugacy.comparison.matched_pair import Pair, activations_of, choose_layers, layer_map, make_pair
from conjugacy.comparison.setup import (
    Job,
    conditions,
    dimensions_of,
    fitted_maps,
    located,
    noise_floor,
    not_judged,
    shared_targets,
)
from conjugacy.comparison.stitched import stitched
from conjugacy.data import merge_labels, row_labels
from conjugacy.errors import InputError
from conjugacy.measure import Measure
from conjugacy.results import AxisVerdict, LayerMap, LayerPlanes, Plane, Reconstruction, Score
from conjugacy.transformations import Layer, Transformation, judge
from conjugacy.verdict import decide_representation, gain_over, untrained_control
from conjugacy.verdict.decide import Context
from conjugacy.verdict.second_opinion import continuity_both_ways

PLANE_ROWS = 2000
CHOICE_ROWS = 300  # of every layer, for the pair that a reader chooses


@dataclass(frozen=True, eq=False)
class Layers:
    """One layer of each network: the verdict, the maps between them, further measures, and what few units tell."""

    axis: AxisVerdict
    maps: dict[str, Transformation]
    scores: tuple[Score, ...]
    few_units: tuple[Reconstruction, Reconstruction] | None


def representation_axis(job: Job, layers: Sequence[str] | str | None, measures: Sequence[Measure]) -> Layers:
    """Return the verdict on one layer of each network and what else these two layers show."""
    pair, matching = job.pair, job.pair.matching
    if matching is None:
        raise InputError("the rows are not matched")
    names, how, used = choose_layers(pair, layers, job.seed)
    keep = np.arange(len(matching.clusters)) if used is None else np.flatnonzero(~np.isin(matching.clusters, used))
    clusters = merge_labels([matching.clusters[keep]], len(keep))
    job.progress(f"comparing layer {names[0]} with layer {names[1]}")
    values = [pair.values(r, n)[keep] for r, n in ((pair.a, names[0]), (pair.b, names[1]))]
    for recording, name, layer in ((pair.a, names[0], values[0]), (pair.b, names[1], values[1])):
        if not np.ptp(layer, axis=0).any():
            raise InputError(
                f"{recording.name!r}, layer {name!r}: no unit varies over these stimuli; choose another layer or other stimuli"
            )
    clusters, repeated = _same_states(clusters, values)
    ladder = judge(
        Layer(values[0], job.seed), Layer(values[1], job.seed), clusters, tolerance=job.tolerance, seed=job.seed
    )
    copies = _control_values(job, names, keep)
    if any(copies):
        job.progress("comparing with untrained controls")
    control = untrained_control(ladder, copies[0], copies[1], job.control_source)
    floor = noise_floor(pair, ladder, matching.stimuli[keep], job.seed)
    context = Context(names, how, matching.stimuli[keep], floor, not_judged(pair, ladder, names), repeated)
    axis = decide_representation(ladder, context, control, gain_over(control, ladder))
    scores = tuple(measure(values[0], values[1]) for measure in measures)
    maps, dimensions = fitted_maps(ladder), dimensions_of(job, ladder)
    more = (
        *continuity_both_ways(ladder.a, ladder.b, ladder.clusters, job.seed),
        *conditions(job, ladder, maps, dimensions),
        *stitched(job, ladder, names, keep),
    )
    axis = replace(axis, where=located(job, ladder, names, keep), evidence=axis.evidence + more)
    return Layers(axis, maps, scores, few_units(job, ladder, names, keep, dimensions))


def _same_states(clusters: np.ndarray, values: Sequence[np.ndarray]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Put rows together whose states are equal in both layers: held out one by one they would only be looked up."""
    states = row_labels(np.hstack(values))
    merged = merge_labels([clusters, states], len(clusters))
    count = int(clusters.max()) - int(merged.max())
    if not count:
        return clusters, ()
    return merged, (
        f"rows repeat states: in {len(clusters)} rows both layers hold {int(states.max()) + 1} different states; equal ones are "
        "held out together and count as one",
    )


def _control_values(job: Job, names: tuple[str, str], keep: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return the untrained copies' activations on the rows of the pair."""
    pair = job.pair
    found: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    ends = pair.trials or (pair.a, pair.b)
    for side, (recording, name) in enumerate(zip(ends, names, strict=True)):
        for copy in job.controls[side]:
            both = make_pair(copy, recording, match="stimuli", groups=None)
            if pair.matching is None or both.matching is None:
                raise InputError("the untrained control was recorded on other trials than the network itself")
            order = np.empty(len(both.matching.rows_b), dtype=np.int64)
            order[both.matching.rows_b] = both.matching.rows_a
            rows = pair.matching.rows_a if side == 0 else pair.matching.rows_b
            values = activations_of(both.a, name).values[order[rows[keep]]]
            if np.ptp(values, axis=0).any():
                found[side].append(values)
    return found


def whole_layer_map(pair: Pair) -> LayerMap:
    """Return the descriptive map over all layers that vary, outputs included."""
    names = [
        [name for name in recording.layers if np.ptp(pair.values(recording, name), axis=0).any()]
        for recording in (pair.a, pair.b)
    ]
    return layer_map(pair, names[0], names[1])


def plane_of(job: Job, axis: AxisVerdict) -> Plane | None:
    """Return both layers in two principal coordinates, the second turned onto the first."""
    pair, matching = job.pair, job.pair.matching
    if axis.layers is None or matching is None:
        return None
    rows = _plane_rows(job)
    a, b = (
        _two(Layer(pair.values(recording, name)[rows], job.seed).points)
        for recording, name in ((pair.a, axis.layers[0]), (pair.b, axis.layers[1]))
    )
    u, _, vt = np.linalg.svd(b.T @ a)
    targets = shared_targets(pair)
    if targets is not None and targets.ndim == 1:
        colours, source = targets[rows].astype(np.float64), "target of each stimulus"
    else:
        colours, source = a[:, 0], "first principal coordinate of A"
    names = tuple(str(s) for s in matching.stimuli[rows])
    return Plane(a, b @ (u @ vt), colours, source, names)


def layer_planes(job: Job, found: LayerMap, plane: Plane) -> LayerPlanes:
    """Return every layer of the map in two principal coordinates, on evenly taken rows of the plane."""
    pair, total = job.pair, len(plane.rows)
    rows = np.unique(np.linspace(0, total - 1, min(CHOICE_ROWS, total)).astype(np.int64))
    chosen = _plane_rows(job)[rows]
    a, b = (
        tuple(_two(_coordinates(pair.values(recording, name)[chosen])) for name in names)
        for recording, names in ((pair.a, found.layers_a), (pair.b, found.layers_b))
    )
    return LayerPlanes(a, b, rows)


def _coordinates(values: np.ndarray) -> np.ndarray:
    return Layer(values).points if np.ptp(values, axis=0).any() else np.zeros((len(values), 2))


def _plane_rows(job: Job) -> np.ndarray:
    """Return the rows that are drawn, of all that are matched."""
    rows = np.arange(0 if job.pair.matching is None else len(job.pair.matching.rows_a))
    if len(rows) > PLANE_ROWS:
        rows = np.sort(np.random.default_rng(job.seed).choice(rows, PLANE_ROWS, replace=False))
    return rows


def _two(points: np.ndarray) -> np.ndarray:
    return np.column_stack([points, np.zeros((len(points), 2))])[:, :2]
