"""Record a live network: its layers and outputs on given stimuli, through forward hooks that leave no trace."""

from __future__ import annotations

import copy
import hashlib
import math
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from conjugacy.activations.tensors import as_matrix, to_numpy, to_tensor
from conjugacy.activations.untouched import evaluating
from conjugacy.activations.untrained import is_torch_module
from conjugacy.data import Recording
from conjugacy.errors import InputError, MissingExtraError, ModelError, ShapeError, UnknownNameError

OUTPUT = "outputs"
KEEP_INPUT_BYTES = 64 * 2**20
MAX_LAYERS = 64


def record(
    model: Any,
    stimuli: Any,
    layers: Sequence[str] | None = None,
    *,
    ids: Any = None,
    groups: Any = None,
    targets: Any = None,
    name: str | None = None,
    output_kind: str | None = None,
    batch_size: int = 256,
    reducer: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> Recording:
    """Run a network over the stimuli and return its layers and outputs.

    A torch module is run in evaluation mode without gradients, batch by batch; its training flags, hooks, parameters,
    buffers and the random state are afterwards as they were. Of a module that returns a tuple the first tensor is recorded.
    Any other callable is called once with a copy of all stimuli and returns the outputs, or a mapping of layer names to arrays.

    Parameters
    ----------
    model : torch.nn.Module or callable
        The network.
    stimuli : array or tensor, (m, ...)
        One row per stimulus; floating arrays are given to a torch module in the type of its parameters.
    layers : sequence of str, optional
        Names of submodules (`encoder.2`); without it every leaf module that is not merely reshaping and runs once in each
        pass, in the order in which they run; of more than 64, 64 evenly spread ones, and the provenance says so.
        The final return value is always the layer `outputs`.
    ids, groups : sequence, (m,), optional
        Stimulus ids, and groups of rows that depend on each other.
    targets : array, (m,) or (m, q), optional
        What the network was to answer.
    name, output_kind : str, optional
        As in `Recording`.
    batch_size : int
        Stimuli per forward pass.
    reducer : {"flatten", "mean"}, optional
        What becomes of axes beyond (stimuli, units). Without it, maps of a convolution (m, c, h, w) are flattened up to
        4096 values and averaged over space beyond; three axes (tokens) need a reducer.
    progress : callable, optional
        Called with a sentence now and then.

    Raises
    ------
    UnknownNameError
        Where a layer does not exist; near names are told.
    ModelError
        Where the model itself raises.
    ShapeError, InputError
        Where a layer does not give one row per stimulus, runs several times in a pass or not in every one.

    Examples
    --------
    >>> import numpy as np, conjugacy as cj
    >>> cj.record(lambda x: x @ np.ones((3, 2)), np.zeros((5, 3))).outputs.shape
    (5, 2)
    """
    if batch_size < 1:
        raise InputError(f"batch_size: got {batch_size}, expected at least 1")
    shown = _as_shown(stimuli)
    wanted = None if layers is None else list(dict.fromkeys([layers] if isinstance(layers, str) else layers))
    if is_torch_module(model):
        arrays, provenance = _run_torch(model, shown, wanted, int(batch_size), reducer, progress)
    elif callable(model):
        arrays, provenance = _run_callable(model, shown, wanted, reducer)
    else:
        raise InputError(f"model: got {type(model).__name__}, expected a torch module or a callable")
    inputs, left_out = _inputs(shown)
    if left_out:
        provenance["inputs"] = f"left out: {left_out}"
    return Recording.from_arrays(
        arrays,
        stimuli=ids,
        groups=groups,
        inputs=inputs,
        name=name,
        output_layer=OUTPUT,
        output_kind=output_kind,
        targets=targets,
        provenance=provenance,
    )


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
    array = to_numpy(shown) if hasattr(shown, "detach") else shown
    if array.dtype.kind not in "biuf":
        return None, f"values of type {array.dtype}"
    return array.reshape(len(array), -1), None


def _run_callable(
    model: Callable[[Any], Any], stimuli: Any, layers: Sequence[str] | None, reducer: str | None
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    try:
        answer = model(copy.deepcopy(stimuli))  # a copy: what is computed in place must not reach the caller's data
    except Exception as error:
        raise ModelError(f"the model raised {type(error).__name__}: {error}") from error
    found: dict[str, Any] = dict(answer) if isinstance(answer, Mapping) else {OUTPUT: answer}
    for layer in layers or ():
        if layer not in found:
            raise UnknownNameError.of("layer in what the model returned", layer, found)
    if OUTPUT not in found:
        raise InputError(
            f"the model returned the layers {sorted(map(str, found))}, expected one of them to be {OUTPUT!r}"
        )
    keep = [k for k in found if layers is None or k in layers or k == OUTPUT]
    rows = len(stimuli)
    arrays = {str(k): as_matrix(_as_array(found[k]), rows, str(k), reducer)[0] for k in keep}
    return arrays, {"model": getattr(model, "__qualname__", type(model).__name__)}


def _as_array(value: Any) -> np.ndarray:
    return to_numpy(value) if hasattr(value, "detach") else np.asarray(value)


def _run_torch(
    model: Any,
    stimuli: Any,
    layers: Sequence[str] | None,
    batch_size: int,
    reducer: str | None,
    progress: Callable[[str], None] | None,
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    try:
        import torch
    except ImportError:
        raise MissingExtraError.of("recording a torch module", "torch") from None
    modules = dict(model.named_modules())
    for layer in layers or ():
        if layer not in modules or layer == "":
            raise UnknownNameError.of("layer in the model", layer, [n for n in modules if n])
        if layer == OUTPUT:
            raise InputError(f"layer {layer!r}: that name is kept for the network's return value; rename the module")
    lazy = [n for n, p in model.named_parameters() if torch.nn.parameter.is_lazy(p)]
    if lazy:
        raise InputError(f"parameter {lazy[0]!r} has no shape yet; run the model once before it is recorded")
    leaves = _leaves(modules) if layers is None else []
    wanted = list(layers) if layers is not None else _spread(leaves)
    data = to_tensor(stimuli, model)
    collected: dict[str, list[np.ndarray]] = {}
    notes: dict[str, str] = {}
    with evaluating(model):
        for start in range(0, len(data), batch_size):
            batch = data[start : start + batch_size].clone()  # the first layer may work in place
            where = f"rows {start} to {start + len(batch) - 1}"
            for layer, values in _one_batch(model, modules, batch, wanted, layers is None, where).items():
                matrix, note = as_matrix(values, len(batch), layer, reducer)
                collected.setdefault(layer, []).append(matrix)
                if note:
                    notes[layer] = note
            if progress and start // batch_size % 10 == 9:
                progress(f"recorded {start + len(batch)} of {len(data)} stimuli")
    batches = len(collected[OUTPUT])
    for layer in layers or ():
        if len(collected.get(layer, ())) < batches:
            raise InputError(
                f"layer {layer!r} ran in {len(collected.get(layer, ()))} of {batches} forward passes and did not run in "
                "the others; choose a layer that every stimulus goes through"
            )
    provenance = {
        "model": type(model).__name__,
        "parameters": int(sum(p.numel() for p in model.parameters())),
        "weights_sha256": weights_hash(model),
        "torch": torch.__version__,
        "reduced": notes,
    }
    if len(wanted) < len(leaves):
        provenance["layers"] = (
            f"{len(wanted)} of {len(leaves)} leaf modules, evenly spread; name layers to choose others"
        )
    arrays = {layer: np.concatenate(parts) for layer, parts in collected.items() if len(parts) == batches}
    if layers is None:  # the last module is the output under another name
        arrays = {k: v for k, v in arrays.items() if k == OUTPUT or not np.array_equal(v, arrays[OUTPUT])}
    return arrays, provenance


def _one_batch(
    model: Any, modules: Mapping[str, Any], batch: Any, wanted: Sequence[str], by_default: bool, where: str
) -> dict[str, np.ndarray]:
    """Run one batch and return what the wanted layers and the network gave."""
    seen: dict[str, list[Any]] = {}
    with _hooks(modules, wanted, seen):
        try:
            answer = model(batch)
        except Exception as error:
            raise ModelError(f"the model raised on {where}: {type(error).__name__}: {error}") from error
    final = _tensor(answer)
    if final is None:
        raise InputError(
            f"the model returned {type(answer).__name__}, expected a tensor (or a tuple that begins with one)"
        )
    found: dict[str, np.ndarray] = {}
    for layer, tensors in seen.items():
        if len(tensors) > 1 or tensors[0] is None or tensors[0].ndim < 2 or len(tensors[0]) != len(batch):
            if by_default:
                continue  # nobody asked for this one
            raise InputError(_why_not(layer, tensors, len(batch)))
        found[layer] = to_numpy(tensors[0])
    output = to_numpy(final)
    found[OUTPUT] = output[:, None] if output.ndim == 1 else output
    return found


def _why_not(layer: str, tensors: Sequence[Any], rows: int) -> str:
    if len(tensors) > 1:
        return f"layer {layer!r} runs {len(tensors)} times in one forward pass; record a layer that runs once"
    if tensors[0] is None:
        return f"layer {layer!r} returned no tensor; record a layer inside it, or after it"
    return f"layer {layer!r} returned shape {tuple(tensors[0].shape)}, expected one row of units for each of {rows} stimuli"


def _tensor(value: Any) -> Any:
    """Return the tensor in a module's answer: itself, the first of a tuple, or a `logits` field; else None."""
    if hasattr(value, "detach"):
        return value
    if isinstance(value, (tuple, list)) and value and hasattr(value[0], "detach"):
        return value[0]
    logits = getattr(value, "logits", None)
    return logits if hasattr(logits, "detach") else None


def _leaves(modules: Mapping[str, Any]) -> list[str]:
    """Return the leaf modules except those that only reshape or pass on."""
    passing = {"Identity", "Flatten", "Unflatten", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout"}
    return [
        n for n, m in modules.items() if n and not any(True for _ in m.children()) and type(m).__name__ not in passing
    ]


def _spread(names: list[str]) -> list[str]:
    if len(names) <= MAX_LAYERS:
        return names
    return [names[i] for i in np.unique(np.linspace(0, len(names) - 1, MAX_LAYERS).round().astype(int))]


@contextmanager
def _hooks(modules: Mapping[str, Any], wanted: Sequence[str], seen: dict[str, list[Any]]) -> Generator[None]:
    """Collect what the wanted modules give; the hooks are removed whatever happens."""

    def collect(layer: str) -> Callable[..., None]:
        def hook(module: Any, args: Any, output: Any) -> None:
            tensor = _tensor(output)
            # a later in-place operation must not change what was recorded
            seen.setdefault(layer, []).append(None if tensor is None else tensor.detach().clone())

        return hook

    handles = [modules[layer].register_forward_hook(collect(layer)) for layer in wanted]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def weights_hash(model: Any) -> str:
    """Return the sha256 of all parameters and buffers, names included."""
    digest = hashlib.sha256()
    for key, value in model.state_dict().items():
        digest.update(key.encode())
        if hasattr(value, "detach"):
            array = np.ascontiguousarray(to_numpy(value))
            digest.update(f"{value.dtype} {array.shape}".encode() + array.tobytes())
    return digest.hexdigest()
