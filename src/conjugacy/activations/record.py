"""Record a live network: its layers and outputs on given stimuli, through forward hooks that leave no trace."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from conjugacy.activations.called import run_callable
from conjugacy.activations.forward import Passes, run_torch
from conjugacy.activations.heads import Heads
from conjugacy.activations.moving import Moving, World, burst_covariances, moved_jacobians, shown_by
from conjugacy.activations.tensors import as_array
from conjugacy.activations.untrained import is_torch_module
from conjugacy.data import Layers, Recording, layer_names
from conjugacy.data.content_ids import BY_CONTENT, content_ids
from conjugacy.errors import InputError, ShapeError

KEEP_INPUT_BYTES = 64 * 2**20
Ran = tuple[dict[str, np.ndarray], dict[str, Any], Heads]  # layers, where they come from, and which are outputs


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
    batch_size: int = 256,
    reducer: str | None = None,
    jacobians: Sequence[str] | bool = (),
    bursts: Any = None,
    burst_sd: float | None = None,
    burst_layers: Sequence[str] = (),
    world: World | None = None,
    world_step: float | None = None,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
) -> Recording:
    """Run a network over the stimuli and return its layers and outputs.

    A torch module is run in evaluation mode without gradients, batch by batch; its training flags, hooks, parameters,
    buffers and the global random state are afterwards as they were. Only one thread at a time runs a network. Any other callable
    is called once with a copy of all stimuli, twice where it draws random numbers, and returns the outputs, or a mapping of
    layer names to arrays.

    Several outputs, in a tuple, list, mapping or record, are recorded under where they stand: `outputs.boxes`, `outputs[1]`; the
    only one is called `outputs`. Caches, states, attention weights, single numbers, what has not one row for each stimulus, and
    hidden layers that are returned too are no outputs: the provenance lists them under `left_out`, and why.

    Parameters
    ----------
    model : torch.nn.Module or callable
        The network.
    stimuli : array or tensor, (m, ...)
        One row per stimulus; floating arrays are given to a torch module in the type of its parameters.
    layers : str or list of str, optional
        Names of submodules (`encoder.2`); without it every leaf module that is not merely reshaping and runs once in each
        pass, in the order in which they run; of more than 64, 64 evenly spread ones, and the provenance says so.
        What the network returns is always recorded.
    ids : sequence, (m,), optional
        Stimulus ids; without them, ids made from what each stimulus holds, so that recordings of the same stimuli match whatever
        their order.
    groups : sequence, (m,), optional
        Groups of rows that depend on each other.
    targets : array, (m,) or (m, q), optional
        What the network was to answer.
    name : str, optional
        As in `Recording`.
    output : str or int, optional
        The only output to record, where the network returns several: `boxes`, `outputs.boxes`, 1, `outputs[1]`.
    output_kind : str or mapping, optional
        As in `Recording`.
    batch_size : int
        Stimuli per forward pass.
    reducer : {"flatten", "mean"}, optional
        What becomes of axes beyond (stimuli, units). Without it, maps of a convolution (m, c, h, w) are flattened up to
        4096 values and averaged over space beyond; three axes (tokens) need a reducer.
    jacobians : sequence of str or bool
        Layers (`outputs` among them) whose derivatives with respect to the stimulus are recorded too, the deepest hidden one for
        True; torch modules only. With `world`, by its coordinates.
    bursts : int or array, (m, N, ...), optional
        Network inputs a little beside every stimulus, made in the world; or how many to draw: around the coordinates that
        `world` is given, else around the network's own input. What the layers do there is recorded as covariances.
    burst_sd : float, optional
        Standard deviation of the bursts along every coordinate of the world (or of the network's input).
    burst_layers : sequence of str
        Layers whose covariances are recorded; without any the deepest hidden one.
    world : callable, optional
        From coordinates (m, p) to network inputs (m, ...); `stimuli` are coordinates then.
    world_step : float, optional
        Step of the central differences of `world`; without it a thousandth of a coordinate's standard deviation.
    seed : int
        Draws bursts, and what the network itself draws at random, from a random state of its own.
    progress : callable, optional
        Called with a sentence now and then.

    Raises
    ------
    UnknownNameError
        Where a layer or an output does not exist; near names are told.
    ModelError
        Where the model itself raises.
    ShapeError, InputError
        Where a layer does not give one row per stimulus, runs several times in a pass or not in every one; where bursts do not
        fit the stimuli.

    Examples
    --------
    >>> import numpy as np, conjugacy as cj
    >>> cj.record(lambda x: x @ np.ones((3, 2)), np.zeros((5, 3))).outputs.shape
    (5, 2)
    """
    if batch_size != int(batch_size) or batch_size < 1:
        raise InputError(f"batch_size: got {batch_size!r}, expected a whole number, at least 1")
    moving = Moving(jacobians, bursts, burst_sd, burst_layers, world, world_step, seed)
    coordinates, shown = (None, _as_shown(stimuli)) if world is None else shown_by(world, stimuli)
    wanted = layer_names(layers)
    asked = _Asked(
        model, shown, coordinates, wanted, Passes(int(batch_size), reducer, progress, output, seed=seed), moving
    )
    arrays, provenance, heads = asked.run()
    asked = replace(asked, passes=replace(asked.passes, heads=heads))
    inputs, left_out = _inputs(shown)
    if left_out:
        provenance["inputs"] = f"left out: {left_out}"
    if ids is None:
        ids, provenance["ids"] = _ids(shown if coordinates is None else coordinates)
    return Recording.from_arrays(
        arrays,
        stimuli=ids,
        groups=groups,
        inputs=inputs,
        name=name,
        output_layer=next(iter(heads.paths)) if len(heads.paths) == 1 else None,
        output_kind=output_kind,
        targets=targets,
        provenance={**provenance, **moving.described()},
        covariances=asked.covariances(arrays),
        jacobians=asked.jacobians(arrays),
    )


@dataclass(frozen=True, eq=False)
class _Asked:
    """What is to be recorded: a network on what it is shown, how it is run, and how its layers are moved."""

    model: Any
    shown: Any
    coordinates: np.ndarray | None  # of the world that made what is shown, (m, p)
    layers: list[str] | None
    passes: Passes
    moving: Moving

    def run(self) -> Ran:
        """Return the layers, and where they come from."""
        return _run(self.model, self.shown, self.layers, self.passes)

    def covariances(self, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return what the layers do over bursts, where these were asked for."""
        if self.moving.bursts is None:
            return {}
        passes = replace(self.passes, progress=None)  # every few bursts are a run of their own

        def answers(inputs: Any, layers: Sequence[str]) -> dict[str, np.ndarray]:
            return _run(self.model, inputs, layers, passes)[0]

        return burst_covariances(answers, arrays, self.shown, self.coordinates, self.moving, self.passes.progress)

    def jacobians(self, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return the derivatives of layers, where these were asked for."""
        if not self.moving.jacobians:
            return {}
        return moved_jacobians(self.model, arrays, self.shown, self.coordinates, self.moving, self.passes.reducer)


def _run(model: Any, inputs: Any, layers: Sequence[str] | None, passes: Passes) -> Ran:
    if is_torch_module(model):
        return run_torch(model, inputs, layers, passes)
    if callable(model):
        return run_callable(model, inputs, layers, passes)
    raise InputError(f"model: got {type(model).__name__}, expected a torch module or a callable")


def _as_shown(stimuli: Any) -> Any:
    """Return the stimuli as an array, or the tensor that they are, with at least one row."""
    try:
        shown = stimuli if hasattr(stimuli, "detach") else np.asarray(stimuli)
    except ValueError as error:
        raise ShapeError(f"stimuli: the rows do not make an array ({error}); expected rows of one shape") from None
    if shown.ndim == 0 or len(shown) == 0:
        raise ShapeError(f"stimuli: got shape {tuple(shown.shape)}, expected one row per stimulus")
    return shown


def _inputs(shown: Any) -> tuple[np.ndarray | None, str | None]:
    """Return the stimuli as (stimuli, values), or why the recording does without them."""
    if math.prod(shown.shape) * 8 > KEEP_INPUT_BYTES:
        return None, "larger than 64 MiB"
    array = as_array(shown)
    if array.dtype.kind not in "biuf":
        return None, f"values of type {array.dtype}"
    return array.reshape(len(array), -1), None


def _ids(stimuli: Any) -> tuple[np.ndarray | None, str]:
    """Return ids made from what the stimuli hold, and how they came about."""
    array = as_array(stimuli)
    found = content_ids(array)
    return (
        found,
        f"none: stimuli of type {array.dtype} have no ids of their own; give ids=" if found is None else BY_CONTENT,
    )
