"""What was compared, in numbers: the layers, how much was recorded of them, and at which step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conjugacy.comparison.matched_pair import activations_of
from conjugacy.comparison.setup import Setup
from conjugacy.data import Recording, Trajectories
from conjugacy.results import Verdict


def sizes_of(setup: Setup, verdict: Verdict) -> dict[str, dict[str, Any]]:
    """Return for `a` and for `b` the layer that was compared and its sizes, as the JSON record tells them."""
    pair = setup.pair
    layers = next((axis.layers for axis in (verdict.dynamics, verdict.representation) if axis.layers), None)
    ends = (pair.a, pair.b) if pair.trials is None else pair.trials
    return {
        side: {**({} if layers is None else _sizes(recording, layers[i])), **_outputs(verdict, recording, i)}
        for i, (side, recording) in enumerate(zip("ab", ends, strict=True))
    }


def _sizes(recording: Recording, name: str) -> Mapping[str, Any]:
    layer = recording.layer(name)
    if not isinstance(layer, Trajectories):
        return {"layer": name, "units": int(layer.values.shape[1])}
    found = {
        "layer": name,
        "trials": len(layer.values),
        "time_points": [min(layer.lengths), max(layer.lengths)],
        "units": layer.n_units,
        "dt": layer.dt,
    }
    if layer.conditions is not None:
        found["conditions"] = len(set(layer.conditions.tolist()))
    if layer.drive is not None:
        found["inputs"] = int(layer.drive[0].shape[1])
    return found


def _outputs(verdict: Verdict, recording: Recording, side: int) -> Mapping[str, Any]:
    """Return how many outputs the layer on the function axis has, where that was compared."""
    layers = verdict.function.layers
    if layers is None or layers[side] not in recording.layers:
        return {}
    return {"outputs": int(activations_of(recording, layers[side]).values.shape[1])}
