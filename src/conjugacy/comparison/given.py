"""The two networks that are given, as recordings: live ones are recorded, with untrained copies as controls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from conjugacy.activations import RecordOptions, as_recording, head_outputs, is_live, jacobians, record
from conjugacy.activations.live_steps import step_of
from conjugacy.activations.networks.torch_forms import runs_by_modules
from conjugacy.activations.shown import Shown
from conjugacy.activations.untrained import is_torch_module
from conjugacy.comparison.copies import Copies, copies_of
from conjugacy.comparison.setup import Head
from conjugacy.data import Activations, Recording, Trajectories, deepest_or_output
from conjugacy.errors import InputError, ModelError
from conjugacy.transformations.flows import Step

LARGEST_JACOBIANS, MOST_OUTPUTS = 20_000_000, 64  # numbers, and outputs, for which derivatives are computed unasked


@dataclass(frozen=True, eq=False)
class Showing:
    """What live networks are shown and were to answer, and what is made of them.

    Attributes
    ----------
    stimuli : Shown or None
    targets, output
        As in `compare`; the output of this network.
    seed : int
        Draws the copies that learned nothing, and what each network itself draws at random.
    with_controls : bool
        Whether such copies are made.
    tell : callable
        Called with a sentence as the work goes on.
    layers_alone : bool
        Whether nothing is asked but what layers answered: no derivatives, heads or steps.
    missing : tuple of str
        What is left out for NaN where a recording is read.
    """

    stimuli: Shown | None
    targets: Any
    seed: int
    with_controls: bool
    tell: Callable[[str], None]
    output: str | int | None = None
    how: RecordOptions = field(default_factory=RecordOptions)
    layers_alone: bool = False
    missing: tuple[str, ...] = ()

    def record(self, network: Any, layers: list[str] | None, name: str, **more: Any) -> Recording:
        """Return a live network, or a copy of it, recorded."""
        return record(network, self.stimuli, layers, name=name, output=self.output, **self.how.by_name, **more)


@dataclass(frozen=True, eq=False)
class Given:
    """One network: its recording, copies of it that learned nothing, and its head and its step where it lives."""

    recording: Recording
    copies: Copies
    head: Head | None = None
    step: Step | None = None


def network_given(network: Any, name: str, showing: Showing, untrained: Any, layer: str | None) -> Given:
    """Return one network, recorded now where it lives, after its copies; `untrained` is what was given of it before training.

    Raises
    ------
    InputError
        Where a live network is given without stimuli.
    """
    if is_live(network) and showing.stimuli is None:
        raise InputError("live networks need stimuli: compare(model_a, model_b, stimuli=x)")
    wanted = None if layer is None else [layer]
    own = 2 * showing.seed + (name == "b")  # a network whose pass is random draws otherwise in B's place

    def run(live: Any, called: str, **more: Any) -> Recording:
        return showing.record(live, wanted, called, seed=own, **more)

    def read(given: Any, called: str) -> Recording:
        return _recording(given, called, showing)

    copies = Copies()
    if showing.with_controls:  # before anything else touches the network
        if is_torch_module(network):
            showing.tell(f"recording copies of {name} that learned nothing")
        given = showing.how.untrained if untrained is None else untrained
        copies = copies_of(network, name, given, run, read, showing.seed)
    if showing.stimuli is None or not is_live(network):
        return Given(read(network, name), copies)
    showing.tell(f"recording {name}")
    recording = run(network, name, targets=showing.targets)
    if showing.layers_alone:
        return Given(recording, copies)
    recording = _with_jacobians(network, showing.stimuli, recording)
    recording, step = _with_step(network, showing, recording, layer)
    return Given(recording, copies, _head(network, showing.stimuli, recording), step)


def with_targets(given: tuple[Given, Given], live: tuple[bool, bool], targets: Any) -> tuple[Recording, Recording]:
    """Return both recordings with the targets that were given in place of their own: those of one count for both.

    They belong to the stimuli that live networks were shown, else to the rows of A.
    """
    a, b = (one.recording for one in given)
    if targets is None:
        return a, b
    a = a if live[0] else replace(a, targets=None if live[1] else targets)
    return a, b if live[1] else replace(b, targets=None)


def _recording(given: Any, name: str, showing: Showing) -> Recording:
    """Return what stands for a recorded network, with one of its outputs alone where it was asked for."""
    found = as_recording(given, name=name, missing=showing.missing)
    return found if showing.output is None else found.only_output(showing.output)


def _with_jacobians(network: Any, stimuli: Shown, recording: Recording) -> Recording:
    """Return a recording with the derivatives of its outputs where they are small and the network has them."""
    reduced = recording.provenance.get("reduced", {})
    small = [head for head in recording.heads if head not in reduced and _is_small(recording.layer(head))]
    if not runs_by_modules(network) or not small or stimuli.named:
        return recording
    try:
        return replace(recording, jacobians=jacobians(network, stimuli.main, small))
    except (ModelError, InputError) as error:
        return replace(recording, provenance={**recording.provenance, "jacobians": f"none: {error}"})


def _is_small(outputs: Any) -> bool:
    if not isinstance(outputs, Activations) or outputs.inputs is None or outputs.shape[1] > MOST_OUTPUTS:
        return False
    return outputs.values.size * outputs.inputs[0].size <= LARGEST_JACOBIANS


def _with_step(
    network: Any, showing: Showing, recording: Recording, layer: str | None
) -> tuple[Recording, Step | None]:
    """Return a recording of trajectories with why its network cannot be stepped live, or the step of the layer compared."""
    if not recording.is_dynamic or showing.stimuli is None:
        return recording, None
    name = deepest_or_output(recording).name if layer is None else layer
    states = recording.layers.get(name)
    if not isinstance(states, Trajectories):
        return recording, None
    step, why = step_of(network, showing.stimuli, name, states, showing.how)
    if why is None:
        return recording, step
    told = (*recording.provenance.get("passes", ()), f"its steps are not taken live: {why}")
    return replace(recording, provenance={**recording.provenance, "passes": list(told)}), None


def _head(network: Any, stimuli: Shown, recording: Recording) -> Head | None:
    """Return a live torch module from a layer on, to its first output, where neither is read over tokens."""
    output, reduced = recording.output_name, recording.provenance.get("reduced", {})
    if not runs_by_modules(network) or output is None or output in reduced or stimuli.named:
        return None
    return lambda layer, values: head_outputs(network, stimuli.main, layer, values, output=output)
