"""The function axis: outputs against outputs, decisions beside them, and whether the outputs give the inputs away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from conjugacy.comparison.fitted_maps import FittedMaps
from conjugacy.comparison.heads import HeadPair
from conjugacy.comparison.setup import (
    Setup,
    conditions,
    dimensions_of,
    input_codes,
    located,
    not_judged,
)
from conjugacy.results import AxisVerdict, Evidence
from conjugacy.results.later import Later
from conjugacy.transformations import RUNGS, Ladder, Transformation
from conjugacy.verdict import Context, decide_function
from conjugacy.verdict.decide import decide_constant
from conjugacy.verdict.heads import combined
from conjugacy.verdict.second_opinion import (
    beyond_floor,
    continuity_both_ways,
    errors_over_floor,
    gradients_both_ways,
)

TOO_LARGE = "outputs are so large that their squares overflow: no map between them can be judged; see drop-in"
Maps = Mapping[str, Transformation]


def function_axis(setup: Setup) -> tuple[AxisVerdict, Maps]:
    """Return the verdict on the outputs and the maps between them; of several outputs the maps of the one that decides."""
    pair = setup.pair
    missing = [repr(r.name) for r in (pair.a, pair.b) if not r.heads]
    if missing:
        return AxisVerdict.not_tested(
            f"no output layer in {' and '.join(missing)}: save it as 'outputs', or name it with output_layer"
        ), {}
    heads, pairs = setup.outputs
    if not heads:
        return AxisVerdict.not_tested(
            f"the networks have no output of the same name ({', '.join(pair.a.heads)}; {', '.join(pair.b.heads)}): name one of "
            "each with output="
        ), {}
    found = [_judged(setup, head) for head in heads]
    axis = combined([one for one, _ in found], pairs)
    maps = next((maps for one, maps in found if one.layers == axis.layers), found[0][1])
    return axis, maps


def _judged(setup: Setup, head: HeadPair) -> tuple[AxisVerdict, Maps]:
    pair, known, names = setup.pair, head.known, head.names
    setup.progress(f"comparing {names[0]}" if len(pair.a.heads) > 1 else "comparing outputs")
    if known.too_large:
        return replace(AxisVerdict.not_tested(TOO_LARGE), layers=names), {}
    if any(known.constant):
        return decide_constant(known, names, (pair.a.name or "a", pair.b.name or "b")), {}
    ladder, kinds = known.ladder, known.outputs.kinds
    if not known.outputs.are_classes and known.asked_of_inputs is not None:
        setup.progress("testing whether the outputs determine the inputs")
    context = Context(names, "the output layers", not_judged(pair, ladder, names), known.outputs.notes)
    axis = decide_function(known, context)
    maps = FittedMaps(ladder)
    over_floor = _over_floor(axis, kinds)
    later = Later(lambda: (*axis.evidence, *over_floor, *_more(setup, ladder, axis.layers or ("", ""), kinds, maps)))
    return replace(
        axis,
        where=located(setup, ladder, names, known.targets),
        evidence=later,
        warnings=axis.warnings + beyond_floor(axis.answer, over_floor),
    ), maps


def _over_floor(axis: AxisVerdict, kinds: tuple[str, str]) -> tuple[Evidence, ...]:
    """Return the map's error over the floor, of values."""
    if kinds != ("regression", "regression"):
        return ()
    last = axis.rung_result(RUNGS[-1])
    return errors_over_floor((last.a_to_b, last.b_to_a), axis.floor)


def _more(
    setup: Setup, ladder: Ladder, names: tuple[str, str], kinds: tuple[str, str], maps: Maps
) -> tuple[Evidence, ...]:
    """Return the second opinions: continuity and gradients, which fit no map, and the map's condition."""
    found: tuple[Evidence, ...] = ()
    if "labels" not in kinds:
        found += continuity_both_ways(ladder.a, ladder.b, ladder.clusters, setup.seed)
        found += conditions(setup, ladder, maps, dimensions_of(setup, ladder))
    gradients = _gradients(setup, names)
    return found if gradients is None else found + gradients_both_ways(*gradients)


def _gradients(setup: Setup, names: tuple[str, str]) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the derivatives of both outputs with respect to the same inputs, where they were recorded."""
    pair, matching = setup.pair, setup.pair.matching
    found = [r.jacobians.get(name) for r, name in zip((pair.a, pair.b), names, strict=True)]
    if matching is None or found[0] is None or found[1] is None or found[0].shape[2] != found[1].shape[2]:
        return None
    a, b = input_codes(pair, setup.seed)
    if a is None or b is None or a.shape != b.shape or not np.allclose(a, b):
        return None  # derivatives with respect to other inputs have nothing to do with each other
    return found[0][matching.rows_a], found[1][matching.rows_b]
