"""What the verdict on a pair needs of one network, worked out once; and two of them on their common rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from conjugacy.data import (
    Activations,
    Matching,
    Recording,
    Trajectories,
    as_activations,
    match_rows,
    require_deepest,
    row_labels,
)
from conjugacy.errors import InputError
from conjugacy.transformations import Layer, Standard, prepare
from conjugacy.verdict.inputs import GivesInputs, input_code, inputs_from_outputs
from conjugacy.verdict.kinds import CLASS_KINDS, Told, guess_kind
from conjugacy.verdict.known import Ready, Side
from conjugacy.verdict.outputs import output_form


@dataclass(frozen=True, eq=False)
class PreparedNetwork:
    """One network, ready for every pair that it is part of.

    Attributes
    ----------
    given : Activations
        The layer, or the outputs, with the labels of the rows as given.
    order : int array, (m,)
        The rows in which the network stands: by id.
    ready : Ready
        The layer worked out, in this order; None where outputs are the same for every stimulus.
    states : int array or None
        Numbers that equal rows share, in this order; None where all rows differ.
    kind, targets : optional
        Of outputs: what they are said to be, and what the network was to answer, rows as given.
    dt : float or None
        The step of trajectories; None of activations.
    """

    given: Activations
    order: np.ndarray
    ready: Ready
    states: np.ndarray | None
    kind: str | None = None
    targets: np.ndarray | None = None
    dt: float | None = None

    def side(self, rows: np.ndarray) -> Side:
        """Return what this network brings to a pair on some of its rows."""
        return Side(
            self.given.values[rows],
            self.kind,
            None if self.targets is None else self.targets[rows],
            self.given.inputs,
            rows,
            self.ready,
            None if self.states is None else self.states[np.argsort(self.order)[rows]],
        )


def prepare_layer(data: Any, seed: int) -> PreparedNetwork:
    """Prepare one layer: Activations, trajectories, an array, or the deepest hidden layer of a recording."""
    given = _hidden(data) if isinstance(data, Recording) else data
    layer, dt = _flat(given), _step(given)
    order, clusters = _own_rows(layer)
    values = layer.values if np.array_equal(order, np.arange(len(order))) else layer.values[order]
    ready = Ready(prepare(Layer(values, seed), clusters, seed=seed), clusters)
    states = row_labels(values)
    return PreparedNetwork(layer, order, ready, states if states.max() + 1 < len(states) else None, dt=dt)


def prepare_outputs(data: Any, seed: int, tolerance: float) -> PreparedNetwork:
    """Prepare the outputs of a recording, or activations that are outputs."""
    recording = data if isinstance(data, Recording) else Recording({"outputs": _flat(data, masks=True)})
    outputs = recording.outputs
    if outputs is None:
        raise InputError(
            f"{recording.name or 'the recording'!r} has no output layer: save it as 'outputs', or name it with output_layer"
        )
    layer = replace(_flat(recording.first), values=_flat(outputs, masks=True).values, masked=True, units=None)
    order, clusters = _own_rows(layer)
    # those of trajectories belong to trials, not to time points
    targets, given = (
        None if recording.is_dynamic else recording.targets_of(recording.output_name),
        recording.kind_of(recording.output_name),
    )
    kind = given or guess_kind(layer.values, Told(None, targets, recording.output_name))[0]
    values = output_form(layer.values, kind)[order]
    if not np.ptp(values, axis=0).any():
        return PreparedNetwork(layer, order, Ready(None, clusters), None, given, targets, _step(outputs))
    network = prepare(Layer(values, seed), clusters, seed=seed)
    found: GivesInputs | None = None
    if kind not in CLASS_KINDS and layer.inputs is not None and np.ptp(layer.inputs, axis=0).any():
        found = inputs_from_outputs(network, input_code(layer.inputs[order], seed), Standard(clusters, tolerance, seed))
    return PreparedNetwork(layer, order, Ready(network, clusters, found), None, given, targets, _step(outputs))


def _hidden(recording: Recording) -> Activations | Trajectories:
    layer, first = recording.layer(require_deepest(recording).name), recording.first
    if isinstance(layer, Activations) and isinstance(first, Activations):  # whose labels count for all layers
        return replace(layer, stimuli=first.stimuli, groups=first.groups, inputs=first.inputs)
    return layer


def _flat(data: Any, *, masks: bool = False) -> Activations:
    return data.flatten() if isinstance(data, Trajectories) else as_activations(data, masks=masks)


def _step(data: Any) -> float | None:
    return data.dt if isinstance(data, Trajectories) else None


def _own_rows(layer: Activations) -> tuple[np.ndarray, np.ndarray]:
    matching = match_rows(layer, layer)
    return matching.rows_a, matching.clusters


def matched_rows(a: PreparedNetwork, b: PreparedNetwork) -> Matching:
    """Match the rows; networks with the same labels stand in the same rows already.

    Raises
    ------
    InputError, StimuliError, ShapeError
        Where the rows cannot be matched.
    """
    if (a.dt is None) != (b.dt is None):
        raise InputError("one network holds trajectories and the other activations; compare like with like")
    if a.dt != b.dt:
        raise InputError(
            f"the trajectories have steps of {a.dt:g} and {b.dt:g}: bring both to one step (Trajectories.resampled), or use "
            "compare, which does so"
        )
    if not _same_labels(a.given, b.given):
        return match_rows(a.given, b.given)
    stimuli = a.order if a.given.stimuli is None else a.given.stimuli[a.order]
    return Matching(a.order, b.order, stimuli, a.ready.clusters, ())


def _same_labels(a: Activations, b: Activations) -> bool:
    if a.shape[0] != b.shape[0]:
        return False
    pairs = ((a.stimuli, b.stimuli), (a.groups, b.groups), (a.inputs, b.inputs))
    return all(x is y or (x is not None and y is not None and _equal(x, y)) for x, y in pairs)


def _equal(x: np.ndarray, y: np.ndarray) -> bool:
    return x.dtype.kind == y.dtype.kind and np.array_equal(x, y)
