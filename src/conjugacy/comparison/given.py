"""The two networks that are given, as recordings: live ones are recorded, with untrained copies as controls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from conjugacy.activations import as_recording, head_outputs, is_live, jacobians, record, untrained_copies
from conjugacy.activations.untrained import UNTRAINED_COPIES, is_torch_module
from conjugacy.comparison.setup import Head
from conjugacy.data import Activations, Recording
from conjugacy.errors import InputError, ModelError

LARGEST_JACOBIANS, MOST_OUTPUTS = 20_000_000, 64  # numbers, and outputs, for which derivatives are worked out unasked


@dataclass(frozen=True, eq=False)
class Shown:
    """What live networks are shown and were to answer, and what is made of them.

    Attributes
    ----------
    stimuli, targets
        As in `compare`.
    seed : int
        Draws the untrained copies.
    with_controls : bool
        Whether untrained copies are made.
    tell : callable
        Called with a sentence as the work goes on.
    """

    stimuli: Any
    targets: Any
    seed: int
    with_controls: bool
    tell: Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Given:
    """One network: its recording, untrained copies of it, whether these were made here, and its head where it lives."""

    recording: Recording
    copies: tuple[Recording, ...] = ()
    made: bool = False
    head: Head | None = None


def network_given(network: Any, name: str, shown: Shown, untrained: Any, layer: str | None) -> Given:
    """Return one network, recorded now where it lives; `untrained` are recordings of it before training.

    Raises
    ------
    InputError
        Where a live network is given without stimuli.
    """
    many = list(untrained) if isinstance(untrained, (list, tuple)) else [] if untrained is None else [untrained]
    copies = tuple(as_recording(one, name=f"untrained {name}") for one in many) if shown.with_controls else ()
    if not is_live(network):
        return Given(as_recording(network, name=name), copies)
    if shown.stimuli is None:
        raise InputError("live networks need stimuli: compare(model_a, model_b, stimuli=x)")
    wanted = None if layer is None else [layer]
    shown.tell(f"recording {name}")
    recording = _recorded(network, shown, wanted, name)
    head = _head(network, shown.stimuli)
    if copies or not shown.with_controls or not hasattr(network, "state_dict"):
        return Given(recording, copies, head=head)
    shown.tell(f"recording {UNTRAINED_COPIES} untrained copies of {name}")
    made = untrained_copies(network, UNTRAINED_COPIES, shown.seed)
    copies = tuple(record(copy, shown.stimuli, wanted, name=f"untrained {name}") for copy in made)
    return Given(recording, copies, made=True, head=head)


def source_of_controls(given: tuple[Given, Given]) -> str:
    """Say where untrained copies come from."""
    if any(one.made for one in given):
        return f"{UNTRAINED_COPIES} re-initialised copies of each network"
    return "given recordings"


def _recorded(network: Any, shown: Shown, layers: list[str] | None, name: str) -> Recording:
    """Record a live network, with the derivatives of its outputs where they are small and it has them."""
    recording = record(network, shown.stimuli, layers, targets=shown.targets, name=name)
    outputs = recording.outputs
    if not is_torch_module(network) or not isinstance(outputs, Activations) or outputs.inputs is None:
        return recording
    if outputs.values.size * outputs.inputs[0].size > LARGEST_JACOBIANS or outputs.shape[1] > MOST_OUTPUTS:
        return recording
    try:
        found = jacobians(network, shown.stimuli)
    except (ModelError, InputError) as error:
        return replace(recording, provenance={**recording.provenance, "jacobians": f"none: {error}"})
    return replace(recording, jacobians=found)


def _head(network: Any, stimuli: Any) -> Head | None:
    """Return a live torch module from a layer on."""
    if not is_torch_module(network):
        return None
    return lambda layer, values: head_outputs(network, stimuli, layer, values)
