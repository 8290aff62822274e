"""What the verdict on a pair needs of one network, worked out once; and two of them on their common rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from conjugacy.data import Activations, Recording, Trajectories, match_rows, merge_labels, row_labels
from conjugacy.errors import InputError
from conjugacy.measure import as_activations
from conjugacy.results import Estimate
from conjugacy.transformations import Layer, Standard, prepare
from conjugacy.verdict import guess_kind, output_form
from conjugacy.verdict.known import input_code, reconstructed


@dataclass(frozen=True, eq=False)
class Output:
    """What the function axis knows of a network besides its outputs' values.

    Attributes
    ----------
    kind : str or None
        What the outputs are said to be; None where it is to be guessed.
    targets : array or None
        What the network was to answer, rows as given.
    gives_inputs : (Estimate, str) or None
        What the outputs leave unexplained of the inputs, and whether they determine them; None where inputs are not known.
    """

    kind: str | None
    targets: np.ndarray | None
    gives_inputs: tuple[Estimate, str] | None


@dataclass(frozen=True, eq=False)
class PreparedNetwork:
    """One network, ready for every pair that it is part of.

    Attributes
    ----------
    layer : Activations
        The layer, or the outputs, with the labels of the rows as given.
    order : int array, (m,)
        The rows in which the network stands: by id.
    clusters : int array, (m,)
        Which of these depend on each other, beside a network with the same labels.
    states : int array or None
        Numbers that equal rows share; None where all rows differ.
    network : Layer or None
        None where outputs are the same for every stimulus.
    output : Output or None
        On the function axis only.
    """

    layer: Activations
    order: np.ndarray
    clusters: np.ndarray
    states: np.ndarray | None
    network: Layer | None
    output: Output | None = None


@dataclass(frozen=True, eq=False)
class MatchedRows:
    """The rows that two networks have in common: which they are in each, their ids, and which depend on each other."""

    a: np.ndarray
    b: np.ndarray
    stimuli: np.ndarray
    clusters: np.ndarray


def prepare_layer(data: Any, seed: int) -> PreparedNetwork:
    """Prepare one layer: Activations, trajectories, an array, or the deepest hidden layer of a recording."""
    layer = _flat(_hidden(data) if isinstance(data, Recording) else data)
    order, clusters = _own_rows(layer)
    values = layer.values if np.array_equal(order, np.arange(len(order))) else layer.values[order]
    network = prepare(Layer(values, seed), clusters, seed=seed)
    states = row_labels(values)
    return PreparedNetwork(layer, order, clusters, states if states.max() + 1 < len(states) else None, network)


def prepare_outputs(data: Any, seed: int, tolerance: float) -> PreparedNetwork:
    """Prepare the outputs of a recording, or activations that are outputs."""
    recording = data if isinstance(data, Recording) else Recording({"outputs": _flat(data)})
    outputs = recording.outputs
    if outputs is None:
        raise InputError(
            f"{recording.name or 'the recording'!r} has no output layer: save it as 'outputs', or name it with output_layer"
        )
    first = _flat(recording.first)
    layer = replace(first, values=_flat(outputs).values, units=None)
    order, clusters = _own_rows(layer)
    # those of trajectories belong to trials, not to time points
    targets, given = None if recording.is_dynamic else recording.targets, recording.output_kind
    kind = given or guess_kind(layer.values, targets)[0]
    values = output_form(layer.values, kind)[order]
    if not np.ptp(values, axis=0).any():
        return PreparedNetwork(layer, order, clusters, None, None, Output(given, targets, None))
    network = prepare(Layer(values, seed), clusters, seed=seed)
    found: tuple[Estimate, str] | None = None
    if layer.inputs is not None and np.ptp(layer.inputs, axis=0).any():
        found = reconstructed(network, input_code(layer.inputs[order], seed), Standard(clusters, tolerance, seed))
    return PreparedNetwork(layer, order, clusters, None, network, Output(given, targets, found))


def _hidden(recording: Recording) -> Activations | Trajectories:
    outputs = recording.outputs
    for name in reversed(recording.hidden_layers):
        layer = recording.layer(name)
        if outputs is None or not np.array_equal(_flat(layer).values, _flat(outputs).values):
            first = recording.first
            if isinstance(layer, Activations) and isinstance(first, Activations):  # whose labels count for all layers
                return replace(layer, stimuli=first.stimuli, groups=first.groups, inputs=first.inputs)
            return layer
    raise InputError(f"{recording.name or 'the recording'!r} has no layer besides its output")


def _flat(data: Any) -> Activations:
    return data.flatten() if isinstance(data, Trajectories) else as_activations(data)


def _own_rows(layer: Activations) -> tuple[np.ndarray, np.ndarray]:
    matching = match_rows(layer, layer)
    return matching.rows_a, matching.clusters


def matched_rows(a: PreparedNetwork, b: PreparedNetwork) -> MatchedRows:
    """Match the rows; networks with the same labels stand in the same rows already.

    Raises
    ------
    StimuliError, ShapeError
        Where the rows cannot be matched.
    """
    if _same_labels(a.layer, b.layer):
        stimuli = a.order if a.layer.stimuli is None else a.layer.stimuli[a.order]
        return MatchedRows(a.order, b.order, stimuli, a.clusters)
    matching = match_rows(a.layer, b.layer)
    return MatchedRows(matching.rows_a, matching.rows_b, matching.stimuli, matching.clusters)


def _same_labels(a: Activations, b: Activations) -> bool:
    if a.shape[0] != b.shape[0]:
        return False
    pairs = ((a.stimuli, b.stimuli), (a.groups, b.groups), (a.inputs, b.inputs))
    return all(x is y or (x is not None and y is not None and _equal(x, y)) for x, y in pairs)


def _equal(x: np.ndarray, y: np.ndarray) -> bool:
    return x.dtype.kind == y.dtype.kind and np.array_equal(x, y)


def network_of(prepared: PreparedNetwork, values: np.ndarray, seed: int) -> Layer:
    """Return the prepared network where these are its values (m, n); else, in other rows or another form, a new one."""
    if prepared.network is not None and np.array_equal(prepared.network.values, values):
        return prepared.network
    return Layer(values, seed)


def together_where_equal(a: PreparedNetwork, b: PreparedNetwork, rows: MatchedRows) -> np.ndarray:
    """Return the clusters, rows whose states are equal in both layers put together; held out alone they would be looked up."""
    if a.states is None or b.states is None:
        return rows.clusters
    places = [np.argsort(p.order)[chosen] for p, chosen in ((a, rows.a), (b, rows.b))]
    joint = a.states[places[0]] * (int(b.states.max()) + 1) + b.states[places[1]]
    merged = merge_labels([rows.clusters, joint], len(joint))
    return merged if merged.max() < rows.clusters.max() else rows.clusters
