"""All axes of one comparison, put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from conjugacy.comparison.as_they_stand import as_they_stand, judge_outputs
from conjugacy.comparison.comparison import Comparison
from conjugacy.comparison.dynamics import dynamics_axis
from conjugacy.comparison.function import function_axis
from conjugacy.comparison.output_scores import output_scores
from conjugacy.comparison.part import part_of, saying
from conjugacy.comparison.pictures import layer_map, layer_planes, plane_of
from conjugacy.comparison.representation import LayersFound, representation_axis
from conjugacy.comparison.settings import ON_ROWS, Settings, versions
from conjugacy.comparison.setup import Setup
from conjugacy.comparison.sizes import sizes_of
from conjugacy.comparison.told_of_recording import told_of_recordings
from conjugacy.comparison.without_layers import without_layers
from conjugacy.numerics.process_wide import one_blas_thread
from conjugacy.results import AxisVerdict, LayerPlanes, Verdict
from conjugacy.results.later import Later
from conjugacy.transformations import Transformation
from conjugacy.transformations.chance import CHANCE_DRAWS
from conjugacy.transformations.folds import FOLDS
from conjugacy.transformations.standard import BOOTSTRAP_DRAWS

ONE_THREAD_ROWS = 2000
UNMATCHED = "the trials are unmatched, and a map needs rows that belong together: give trial ids"
NO_HIDDEN = "a network has no layer besides its output, or all repeat the outputs: record hidden layers, or name one"


def compare_matched(setup: Setup, settings: Settings) -> Comparison:
    """Return what a matched pair says on every axis."""
    rows = 0 if setup.pair.matching is None else len(setup.pair.matching.rows_a)
    # many small factorisations: several BLAS threads only wait for each other, above all beside other work
    # of huge outputs the squares are no numbers, which is told where it matters
    with one_blas_thread(rows <= ONE_THREAD_ROWS), np.errstate(over="ignore", invalid="ignore"):
        return _compared(setup, settings, rows)


def _compared(setup: Setup, settings: Settings, rows: int) -> Comparison:
    pair, maps = setup.pair, dict[str, Mapping[str, Transformation]]()
    of_outputs = output_scores(
        pair, [(name, m) for name, m in settings.measures if m.traits.data == "outputs"], setup.threshold
    )
    judged, part = part_of(setup)
    if pair.matching is None:
        function, units = AxisVerdict.not_tested(UNMATCHED), LayersFound(AxisVerdict.not_tested(UNMATCHED))
    else:
        function, maps["function"] = function_axis(judged)
        units = _units(judged, settings)
        function, units = saying(function, part), replace(units, axis=saying(units.axis, part))
    of_layers, said = without_layers(setup, settings, units)
    maps["representation"] = units.maps
    pictures = _pictures(judged, units.axis)
    drop_in = judge_outputs(as_they_stand(setup, settings.margins))
    dynamics = dynamics_axis(setup, [m for _, m in settings.measures if m.traits.data not in ON_ROWS])
    verdict = Verdict(function, units.axis, dynamics.axis)
    return Comparison(
        verdict=verdict,
        tolerance=setup.tolerance,
        seed=setup.seed,
        networks=(pair.a.name or "a", pair.b.name or "b"),
        n_samples=rows,
        settings={**_record(setup, settings, judged), "compared": sizes_of(setup, verdict)},
        drop_in=drop_in,
        notes=(*pair.notes, *said, *told_of_recordings(pair.a, pair.b, units.axis.layers)),
        measures=units.scores + of_layers + of_outputs + dynamics.scores,
        layer_map=pictures.get("layer_map"),
        plane=pictures.get("plane"),
        layer_planes=pictures.get("layer_planes"),
        few_units=units.few_units,
        shared=units.shared,
        sweeps=dynamics.sweeps,
        motion=dynamics.motion,
        transformations={axis: found for axis, found in maps.items() if found},
    )


def _units(setup: Setup, settings: Settings) -> LayersFound:
    """Return the representation axis, where there are layers to compare."""
    ends = setup.pair.a, setup.pair.b
    if setup.layers is None and any(recording.deepest is None for recording in ends):
        return LayersFound(AxisVerdict.not_tested(NO_HIDDEN))
    return representation_axis(setup, [m for _, m in settings.measures if m.traits.data == "activations"])


def _pictures(setup: Setup, axis: AxisVerdict) -> dict[str, Later[Any]]:
    """Return the pictures that there are, none of them drawn yet."""
    if axis.layers is None:
        return {}
    found = cache(lambda: layer_map(setup.pair)), cache(lambda: plane_of(setup, axis))

    def planes() -> LayerPlanes | None:
        plane = found[1]()
        return None if plane is None else layer_planes(setup, found[0](), plane)

    return {"layer_map": Later(found[0]), "plane": Later(found[1]), "layer_planes": Later(planes)}


def _record(setup: Setup, settings: Settings, judged: Setup) -> dict[str, Any]:
    """Return the settings as the JSON record tells them."""
    matching, part = setup.pair.matching, judged.pair.matching
    rows = {} if part is None or part is matching else {"rows_judged": len(part.rows_a)}
    return {
        **settings.record,
        "folds": FOLDS,
        "bootstrap_draws": BOOTSTRAP_DRAWS,
        "permutations": CHANCE_DRAWS,
        "independent_groups": None if matching is None else matching.n_clusters,
        **rows,
        "versions": versions(),
        "provenance": {"a": dict(setup.pair.a.provenance), "b": dict(setup.pair.b.provenance)},
    }
