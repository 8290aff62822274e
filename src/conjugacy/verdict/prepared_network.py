"""What the verdict on a pair needs of one network, computed once; and two of them on their common rows."""

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
from conjugacy.data.check import require_squares
from conjugacy.errors import InputError
from conjugacy.numerics.columns import any_varies
from conjugacy.transformations import Layer, Standard, prepare
from conjugacy.verdict.inputs import input_code, inputs_from_outputs
from conjugacy.verdict.kinds import CLASS_KINDS, Told, guess_kind, hint_of, require_kind
from conjugacy.verdict.outputs import output_form
from conjugacy.verdict.rows_seen import RowsSeen, near_inputs
from conjugacy.verdict.sides import Ready, Side


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
        The layer computed, in this order; None where outputs are the same for every stimulus.
    states : int array or None
        Numbers that equal rows share, in this order; None where all rows differ.
    kind, targets : optional
        What outputs are said to be, and what the network was to answer, rows as given.
    dt : float or None
        The step of trajectories; None of activations.
    name, hint : str or None, (str, str) or None
        Of outputs: what they are called, and what the module that made them suggests of their kind.
    """

    given: Activations
    order: np.ndarray
    ready: Ready
    states: np.ndarray | None
    kind: str | None = None
    targets: np.ndarray | None = None
    dt: float | None = None
    name: str | None = None
    hint: tuple[str, str] | None = None

    def side(self, rows: np.ndarray) -> Side:
        """Return what this network brings to a pair on some of its rows."""
        values = self.given.values
        return Side(
            values if np.array_equal(rows, np.arange(len(values))) else values[rows],  # a copy is as large as the layer
            self.kind,
            None if self.targets is None else self.targets[rows],
            self.given.inputs,
            rows,
            self.ready,
            None if self.states is None else self.states[np.argsort(self.order)[rows]],
            self.name,
            self.hint,
        )


@dataclass(frozen=True, eq=False)
class PreparedOutputs:
    """All outputs of one network, ready for every pair that it is part of.

    Attributes
    ----------
    heads : tuple of PreparedNetwork
        In the order of the recording, each under its name.
    """

    heads: tuple[PreparedNetwork, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What the outputs are called."""
        return tuple(head.name or "" for head in self.heads)

    def head(self, name: str) -> PreparedNetwork:
        """Return one output by its name."""
        return self.heads[self.names.index(name)]


def prepare_layer(data: Any, seed: int, *, first_alone: bool = False) -> PreparedNetwork:
    """Prepare one layer: Activations, trajectories, an array, or the deepest hidden layer of a recording."""
    given = _hidden(data) if isinstance(data, Recording) else data
    targets = data.targets if isinstance(data, Recording) and not data.is_dynamic else None
    layer, dt = _flat(given), _step(given)
    order, clusters = _own_rows(layer)
    values = layer.values if np.array_equal(order, np.arange(len(order))) else layer.values[order]
    network = prepare(Layer(values, seed), clusters, seed=seed, first_alone=first_alone)
    ready = Ready(network, clusters, look=_look(layer, order, values, seed))
    states = row_labels(values)
    states = states if states.max() + 1 < len(states) else None
    return PreparedNetwork(layer, order, ready, states, targets=targets, dt=dt)


def prepare_outputs(data: Any, seed: int, tolerance: float) -> PreparedOutputs:
    """Prepare all outputs of a recording, or activations that are outputs."""
    recording = data if isinstance(data, Recording) else Recording({"outputs": _flat(data, masks=True)})
    if not recording.heads:
        raise InputError(
            f"{recording.name or 'the recording'!r} has no output layer: save it as 'outputs', or name it with output_layer"
        )
    return PreparedOutputs(tuple(_prepared_head(recording, head, seed, tolerance) for head in recording.heads))


def _prepared_head(recording: Recording, head: str, seed: int, tolerance: float) -> PreparedNetwork:
    outputs = recording.layer(head)
    layer = replace(_flat(recording.first), values=_flat(outputs, masks=True).values, masked=True, units=None)
    require_squares(layer.finite, f"outputs {head!r} of {recording.name or 'the recording'!r}")
    order, clusters = _own_rows(layer)
    # those of trajectories belong to trials, not to time points
    targets = None if recording.is_dynamic else recording.targets_of(head)
    given, hint = recording.kind_of(head), hint_of(recording.provenance, head)
    kind = given or guess_kind(layer.values, Told(None, targets, head, hint))[0]
    require_kind(layer.values, kind, recording.name or head)
    values = output_form(layer.values, kind)[order]
    network, found, look = None, None, None
    if any_varies(values):
        look = _look(layer, order, values, seed, near=kind == "regression")
        network = prepare(Layer(values, seed), clusters, seed=seed)
        if kind not in CLASS_KINDS and layer.inputs is not None and any_varies(layer.inputs):
            code = input_code(layer.inputs[order], seed)
            found = inputs_from_outputs(network, code, Standard(clusters, tolerance, seed))
    ready = Ready(network, clusters, found, look)
    return PreparedNetwork(layer, order, ready, None, given, targets, _step(outputs), head, hint)


def _look(layer: Activations, order: np.ndarray, values: np.ndarray, seed: int, *, near: bool = True) -> RowsSeen:
    """Return what the rows show, where no groups say how they depend on each other."""
    if layer.groups is not None:
        return RowsSeen.of(values, near=False)
    look = RowsSeen.of(values, near=near)
    return look if layer.inputs is None else replace(look, shown=near_inputs(input_code(layer.inputs[order], seed)))


def _hidden(recording: Recording) -> Activations | Trajectories:
    layer, first = recording.layer(require_deepest(recording).name), recording.first
    if isinstance(layer, Activations) and isinstance(first, Activations):  # whose labels count for all layers
        return layer.relabelled(stimuli=first.stimuli, groups=first.groups, inputs=first.inputs)
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
    return Matching(a.order, b.order, stimuli, a.ready.clusters, (), a.given.groups is not None)


def _same_labels(a: Activations, b: Activations) -> bool:
    if a.shape[0] != b.shape[0]:
        return False
    pairs = ((a.stimuli, b.stimuli), (a.groups, b.groups), (a.inputs, b.inputs))
    return all(x is y or (x is not None and y is not None and _equal(x, y)) for x, y in pairs)


def _equal(x: np.ndarray, y: np.ndarray) -> bool:
    return x.dtype.kind == y.dtype.kind and np.array_equal(x, y)
