"""The representation axis: one layer against another, set against untrained copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np

from conjugacy.comparison.as_they_stand import same_weights
from conjugacy.comparison.copies import kind_of
from conjugacy.comparison.few_units import few_units
from conjugacy.comparison.fitted_maps import FittedMaps
from conjugacy.comparison.matched_pair import activations_of, choose_layers, make_pair
from conjugacy.comparison.setup import Setup, conditions, dimensions_of, located, not_judged
from conjugacy.comparison.shared import shared_part
from conjugacy.comparison.stitched import stitched
from conjugacy.errors import InputError
from conjugacy.measure import Measure
from conjugacy.numerics.columns import any_varies
from conjugacy.results import AxisVerdict, Evidence, Reconstruction, Score, SharedPart
from conjugacy.results.later import Later
from conjugacy.transformations import Transformation
from conjugacy.verdict import CONTROLS, Context, KnownLayers, decide_representation, gain_over, judge_control
from conjugacy.verdict.second_opinion import continuity_both_ways


@dataclass(frozen=True, eq=False)
class LayersFound:
    """One layer of each network: the verdict, the maps between them, further measures, what few units tell, what both share."""

    axis: AxisVerdict
    maps: Mapping[str, Transformation] = field(default_factory=dict[str, Transformation])
    scores: tuple[Score, ...] = ()
    few_units: Later[tuple[Reconstruction, Reconstruction] | None] | None = None
    shared: Later[SharedPart | None] | None = None


def representation_axis(setup: Setup, measures: Sequence[Measure]) -> LayersFound:
    """Return the verdict on one layer of each network and what else these two layers show."""
    pair, matching = setup.pair, setup.matching
    names, how = choose_layers(pair, setup.layers)
    setup.progress(f"comparing layer {names[0]} with layer {names[1]}")
    sides = [pair.side(recording, name) for recording, name in zip((pair.a, pair.b), names, strict=True)]
    for recording, name, side in zip((pair.a, pair.b), names, sides, strict=True):
        if not any_varies(side.values):
            raise InputError(
                f"{recording.name!r}, layer {name!r}: no unit varies over these stimuli; choose another layer or other stimuli"
            )
    known = KnownLayers(sides[0], sides[1], matching.stimuli, matching.clusters, setup.asked, matching.told)
    ladder = known.ladder
    one_network = ladder.same is not None or same_weights(pair.a, pair.b)
    if any(setup.controls) and not one_network:
        setup.progress("comparing with copies that learned nothing")
    asked = () if one_network else CONTROLS
    judged = (
        judge_control(kind, ladder, *control_values(setup, names, kind), setup.control_sources.get(kind, ""))
        for kind in asked
    )
    controls = [one for one in judged if one is not None]
    context = Context(names, how, not_judged(pair, ladder, names), known.repeated)
    gain = gain_over(controls, ladder, setup.no_control, one_network=one_network)
    decided = decide_representation(known, context, tuple(one.control for one in controls), gain)
    scores = tuple(measure(sides[0].values, sides[1].values) for measure in measures)
    maps, dimensions = FittedMaps(ladder), cache(lambda: dimensions_of(setup, ladder))
    on_heads = stitched(setup, ladder, names)

    def evidence() -> tuple[Evidence, ...]:
        continuity = continuity_both_ways(ladder.a, ladder.b, ladder.clusters, setup.seed)
        return (*decided.evidence, *continuity, *conditions(setup, ladder, maps, dimensions()), *on_heads)

    axis = replace(decided, where=located(setup, ladder, names), evidence=Later(evidence))
    return LayersFound(
        axis,
        maps,
        scores,
        Later(lambda: few_units(setup, ladder, names, dimensions())),
        Later(lambda: shared_part(setup, ladder, {kind: control_values(setup, names, kind) for kind in asked})),
    )


def control_values(setup: Setup, names: tuple[str, str], kind: str) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return the activations of one kind of copies on the rows of the pair."""
    pair = setup.pair
    found: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    ends = pair.trials or (pair.a, pair.b)
    for side, (recording, name) in enumerate(zip(ends, names, strict=True)):
        for copy in (one for one in setup.controls[side] if kind_of(one) == kind):
            both = make_pair(copy, recording, match="stimuli", groups=None)
            if pair.matching is None or both.matching is None:
                raise InputError("the untrained control was recorded on other trials than the network itself")
            order = np.empty(len(both.matching.rows_b), dtype=np.int64)
            order[both.matching.rows_b] = both.matching.rows_a
            rows = pair.matching.rows_a if side == 0 else pair.matching.rows_b
            values = activations_of(both.a, name).finite[order[rows]]
            if any_varies(values):
                found[side].append(values)
    return found
