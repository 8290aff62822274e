"""Record a live network: its layers and outputs on given stimuli."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast, overload

import numpy as np

from conjugacy.activations.kept import InMemory, Keeper, OnDisk
from conjugacy.activations.moving import Moving, World, burst_covariances, moved_jacobians, shown_by
from conjugacy.activations.networks.choose import network_of
from conjugacy.activations.networks.protocol import Network
from conjugacy.activations.options import RecordOptions, options_of
from conjugacy.activations.passes import Ran
from conjugacy.activations.recorded import Belonging, belonging_of_tokens, of_one_length, of_tokens, trajectories
from conjugacy.activations.recorder import Recorder
from conjugacy.activations.shown import Shown, as_shown
from conjugacy.data import Layers, Recording, is_head, layer_names
from conjugacy.data.foreign import with_widened
from conjugacy.errors import InputError, ShapeError
from conjugacy.storage.streamed import streamed_layers


@overload
def record(model: Any, stimuli: Any, layers: Layers = None, *, to: None = None, **options: Any) -> Recording: ...
@overload
def record(model: Any, stimuli: Any, layers: Layers = None, *, to: str | os.PathLike[str], **options: Any) -> Path: ...
def record(
    model: Any,
    stimuli: Any,
    layers: Layers = None,
    *,
    ids: Any = None,
    groups: Any = None,
    targets: Any = None,
    name: str | None = None,
    output: str | int | None = None,
    output_kind: str | Mapping[str, str] | None = None,
    jacobians: Sequence[str] | bool = (),
    bursts: Any = None,
    burst_sd: float | None = None,
    burst_layers: Sequence[str] = (),
    world: World | None = None,
    world_step: float | None = None,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
    to: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    **options: Any,
) -> Recording | Path:
    """Run a network over the stimuli and return its layers and outputs.

    A torch module runs in evaluation mode without gradients, batch by batch. Afterwards its training flags, hooks, parameters,
    buffers and the global random state are as before; only one thread at a time runs a network. Any other callable is called once
    with a copy of all stimuli, or by batches with `batch_size`. It returns the outputs, or a mapping of layer names to arrays.

    A few rows are run first. They show which axis of a layer follows the stimuli, whether rows influence each other, and whether
    the pass draws at random or keeps a state; see `passes` in the provenance.

    Several outputs are recorded by their place: `outputs.boxes`, `outputs[1]`; a single one is `outputs`. Caches, states,
    attention weights, single numbers, values without one row per stimulus, and hidden layers that are also returned are not
    outputs; `left_out` in the provenance lists them with the reason.

    Parameters
    ----------
    model : torch.nn.Module, fitted scikit-learn estimator, ONNX model or callable
    stimuli : array or tensor, (m, ...), list of texts, data frame, mapping of names to these, or iterable of batches
        One row per stimulus; floats are converted to the type of a torch module's parameters. A mapping is passed by name
        (`input_ids`, `attention_mask`). Of the batches of a DataLoader, the first part is shown.
    layers : str or list of str, optional
        Names of submodules (`encoder.2`; `cell#2` is the second call of `cell`). Default: every innermost module that runs in
        each pass and does not merely reshape, in the order in which they run; of more than 64, an evenly spread 64. Outputs are
        always recorded.
    ids : sequence, (m,), optional
        Stimulus ids. Default: made from the content of each stimulus, so that recordings of the same stimuli match in any order.
    groups : sequence, (m,), optional
        Groups of rows that depend on each other.
    targets : array, (m,) or (m, q), optional
        The right answers.
    name : str, optional
        As in `Recording`.
    output : str or int, optional
        The only output to record if there are several: `boxes`, `outputs.boxes`, 1, `outputs[1]`.
    output_kind : str or mapping, optional
        As in `Recording`.
    jacobians : sequence of str or bool
        Layers (also `outputs`) whose derivatives by the stimulus are recorded too; True means the deepest hidden one. Torch
        modules only. With `world`, derivatives are by its coordinates.
    bursts : int or array, (m, N, ...), optional
        Network inputs close to every stimulus, made in the world; or how many to draw, around the coordinates given to `world` or
        around the network's own input. The covariances of layers over them are recorded.
    burst_sd : float, optional
        Standard deviation of the bursts along every coordinate of the world (or of the network's input).
    burst_layers : sequence of str
        Layers whose covariances are recorded. Default: the deepest hidden one.
    world : callable, optional
        From coordinates (m, p) to network inputs (m, ...); `stimuli` are then coordinates.
    world_step : float, optional
        Step of the central differences of `world`. Default: a thousandth of a coordinate's standard deviation.
    seed : int
        Seeds bursts, and what the network itself draws.
    progress : callable, optional
        A function that is called with a sentence now and then.
    to : path, optional
        A `.zarr` folder to write while the network runs, so that only one batch is in memory. `load` reads it.
    overwrite : bool
        Whether to replace an existing folder.
    options
        As in `RecordOptions`: `tokens`, `mask`, `axes`, `reducer`, `batch_size`, `dtype`, `device`.

    Returns
    -------
    Recording, or the path of `to`

    Raises
    ------
    UnknownNameError
        If a layer or an output does not exist; the nearest names are given.
    ModelError
        If the model itself raises.
    ShapeError, InputError
        If a layer has not one row per stimulus, runs several times in a pass or not in every pass, or bursts do not fit.
    TypeError
        If there is no such option.

    Examples
    --------
    >>> import numpy as np, conjugacy as cj
    >>> cj.record(lambda x: x @ np.ones((3, 2)), np.zeros((5, 3))).outputs.shape
    (5, 2)
    """
    how = options_of(options, record)
    moving = Moving(jacobians, bursts, burst_sd, burst_layers, world, world_step, seed)
    coordinates, given = (None, stimuli) if world is None else shown_by(world, stimuli)
    shown = as_shown(given)
    passes = replace(how.passes(shown, progress), seed=seed)
    by_place = [
        name
        for name, one in (("ids", ids), ("groups", groups), ("targets", targets), ("mask", how.mask))
        if one is not None
    ]
    if shown.shuffled and by_place:
        raise InputError(
            f"{by_place[0]}: belong to the stimuli by place, and the loader draws their order at random; give one with "
            "shuffle=False, or the stimuli as an array"
        )
    keeps_tokens = passes.reduction.keeps_tokens
    if keeps_tokens and (moving.jacobians or moving.bursts is not None):
        raise InputError(f"tokens={how.tokens!r}: derivatives and bursts are of stimuli; leave tokens, or these, out")
    network = placed(network_of(model, output), how)
    if passes.reduction.tokens == "time" and hasattr(network, "in_time"):
        network = cast("Any", network).in_time()
    asked = _Asked(model, network, shown, coordinates, layer_names(layers), Recorder(network, passes), moving)
    numbered: Any = getattr(network, "numbered", None)  # a network that knows its classes by names
    targets = targets if targets is None or numbered is None else numbered(targets)
    beside = _Beside(name, output_kind, ids, groups, targets)
    if to is not None:
        return asked.to_file(Path(to), beside, overwrite=overwrite)
    ran = asked.run(InMemory())
    arrays = ran.arrays
    if keeps_tokens and layers is None:
        arrays, others = of_one_length(arrays, passes.reduction.mask)
        ran.left_out |= others
    if not arrays:
        why = "; ".join(f"{name!r} {said}" for name, said in list(ran.left_out.items())[:3])
        raise ShapeError(f"nothing can be recorded: {why}")
    settings, rows = asked.settings(ran, list(arrays), beside)
    if passes.reduction.tokens == "time":
        return trajectories(arrays, rows, shown, targets=targets, **settings)
    if passes.reduction.tokens == "each":
        arrays, rows = of_tokens(arrays, rows, shown)
    return Recording.from_arrays(
        arrays,
        stimuli=rows.ids,
        groups=rows.groups,
        inputs=rows.inputs,
        targets=rows.targets,
        covariances=asked.covariances(arrays),
        jacobians=asked.jacobians(arrays),
        **settings,
    )


@dataclass(frozen=True, eq=False)
class _Beside:
    """What the caller says of the recording."""

    name: str | None
    output_kind: str | Mapping[str, str] | None
    ids: Any
    groups: Any
    targets: Any


def placed(network: Network, how: RecordOptions) -> Network:
    """Return the network with parameters of another type, or on another device, where these were asked for."""
    if how.dtype is None and how.device is None:
        return network
    moved: Any = getattr(network, "moved", None)
    if moved is None:
        raise InputError("dtype and device are for torch modules; record other networks first, ready to run")
    return moved(how.dtype, how.device)


def _provenance(network: Network, ran: Ran, shown: Shown, without_inputs: str | None) -> dict[str, Any]:
    described = dict(network.described())
    hints = {head: hint for head, hint in described.pop("output_hint", {}).items() if head not in ran.reduced}
    if hints:  # a mean over tokens is no score that the network decides by
        described["output_hint"] = hints
    left_out = {**ran.left_out, **described.pop("left_out", {})}
    found = {**described, "reduced": ran.reduced} if ran.reduced or "torch" in described else described
    if left_out:
        found["left_out"] = left_out
    if ran.more:
        found["layers"] = ran.more
    notes = [*shown.notes, *ran.notes]
    if notes:
        found["passes"] = notes
    if without_inputs:
        found["inputs"] = f"left out: {without_inputs}"
    return with_widened(found, {name: said for name, said in ran.widened.items() if name in ran.kept.names})


@dataclass(frozen=True, eq=False)
class _Asked:
    """What is to be recorded: a network on what it is shown, how it is run, and how its layers are moved."""

    model: Any
    network: Network
    shown: Shown
    coordinates: np.ndarray | None  # of the world that made what is shown, (m, p)
    layers: list[str] | None
    recorder: Recorder
    moving: Moving

    def run(self, kept: Keeper) -> Ran:
        """Return the layers, and what is to be told of them."""
        return self.recorder.run(self.shown, self.layers, kept)

    def settings(self, ran: Ran, layers: Sequence[str], beside: _Beside) -> tuple[dict[str, Any], Belonging]:
        """Return what a recording says of the network, and what belongs to its rows."""
        inputs, without = self.shown.inputs
        provenance = {**_provenance(self.network, ran, self.shown, without), **self.moving.described()}
        ids = beside.ids
        if ids is None:
            shown = self.shown if self.coordinates is None else Shown({"": self.coordinates})
            ids, provenance["ids"] = shown.ids
        heads = [layer for layer in layers if is_head(layer)]
        settings: dict[str, Any] = {
            "name": beside.name,
            "output_layer": heads[0] if len(heads) == 1 else None,
            "output_kind": beside.output_kind,
            "provenance": provenance,
        }
        return settings, Belonging(ids, beside.groups, beside.targets, inputs, self.recorder.passes.reduction.mask)

    def to_file(self, path: Path, beside: _Beside, *, overwrite: bool) -> Path:
        """Write the layers to a file while the network runs."""
        reduction = self.recorder.passes.reduction
        if self.moving.jacobians or self.moving.bursts is not None or reduction.tokens == "time":
            raise InputError("to=: derivatives, bursts and trajectories are not streamed; record in memory, and save")
        length = None if reduction.mask is None else reduction.mask.shape[1]
        if length is None and len(self.shown.shape) > 1:
            length = self.shown.shape[1]
        with streamed_layers(path, overwrite=overwrite) as sink:
            ran = self.run(OnDisk(sink, length))
            settings, rows = self.settings(ran, ran.kept.names, beside)
            if reduction.tokens == "each":
                there = np.ones((len(self.shown), length or 0), bool) if reduction.mask is None else reduction.mask
                rows = belonging_of_tokens(there, rows, self.shown)
            arrays = {"stimuli": rows.ids, "groups": rows.groups, "inputs": rows.inputs, "targets": rows.targets}
            return sink.finish({name: value for name, value in settings.items() if value is not None}, arrays)

    def covariances(self, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return what the layers do over bursts, where these were asked for."""
        if self.moving.bursts is None:
            return {}
        progress = self.recorder.passes.progress
        self.recorder.passes = replace(self.recorder.passes, progress=None)  # every few bursts are a run of their own

        def answers(inputs: Any, layers: Sequence[str]) -> dict[str, np.ndarray]:
            return self.recorder.run(as_shown(inputs), layers).arrays

        return burst_covariances(answers, arrays, self._single(), self.coordinates, self.moving, progress)

    def jacobians(self, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return the derivatives of layers, where these were asked for."""
        if not self.moving.jacobians:
            return {}
        as_rows = self.recorder.as_rows
        return moved_jacobians(self.model, arrays, self._single(), self.coordinates, self.moving, as_rows)

    def _single(self) -> Any:
        if self.shown.named:
            raise InputError("derivatives and bursts need one input; the network is shown several by name")
        return self.shown.main
