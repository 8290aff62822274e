"""Forward passes of a torch module, batch by batch, with hooks on the layers that are recorded."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from conjugacy.activations.answers import first_tensor
from conjugacy.activations.heads import Heads, heads_of
from conjugacy.activations.random_pass import ROWS, RandomPass, own_seed, random_pass
from conjugacy.activations.randomness import Seed
from conjugacy.activations.tensors import as_array, as_matrix, to_numpy, to_tensor
from conjugacy.activations.untouched import evaluating
from conjugacy.activations.weights import weights_hash
from conjugacy.data import is_head
from conjugacy.errors import ConjugacyError, InputError, MissingExtraError, ModelError, UnknownNameError

MAX_LAYERS = 64
KEPT_NAME = "that name is kept for what the network returns"


@dataclass(frozen=True, eq=False)
class Passes:
    """How a network is run over stimuli: so many at once, what becomes of further axes, and whom to tell.

    Attributes
    ----------
    batch_size : int
    reducer : {"flatten", "mean"}, optional
        As in `record`.
    progress : callable, optional
    output : str or int, optional
        The only output that is wanted.
    heads : Heads, optional
        Which parts of what a torch module returns are its outputs, where that is known.
    seed : int
        Draws what the network itself draws at random, together with its weights: no two networks share a random state.
    """

    batch_size: int = 256
    reducer: str | None = None
    progress: Callable[[str], None] | None = None
    output: str | int | None = None
    heads: Heads | None = None
    seed: int = 0


def run_torch(
    model: Any, stimuli: Any, layers: Sequence[str] | None, passes: Passes
) -> tuple[dict[str, np.ndarray], dict[str, Any], Heads]:
    """Run a torch module batch by batch; return its layers as (stimuli, units), where they come from, which are outputs."""
    try:
        import torch
    except ImportError:
        raise MissingExtraError.of("recording a torch module", "torch") from None
    modules = dict(model.named_modules())
    _require_layers(modules, layers or ())
    lazy = [n for n, p in model.named_parameters() if torch.nn.parameter.is_lazy(p)]
    if lazy:
        raise InputError(f"parameter {lazy[0]!r} has no shape yet; run the model once before it is recorded")
    leaves = _leaves(modules) if layers is None else []
    data = to_tensor(stimuli, model)
    heads = passes.heads or heads_of(model, data[: passes.batch_size], passes.output)
    wanted = _Wanted(modules, tuple(_spread(leaves) if layers is None else layers), layers is None, heads)
    left_out: dict[str, str] = {}
    weights = weights_hash(model)
    collected, notes = _collected(model, data, wanted, passes, (own_seed(passes.seed, weights), left_out))
    if layers is not None:
        arrays = _as_asked(collected, wanted)
    else:
        arrays = _by_default(collected, wanted, left_out)
        left_out |= {n: KEPT_NAME for n, m in modules.items() if is_head(n) and not any(True for _ in m.children())}
    described = heads.described()
    left_out |= described.pop("left_out", {})
    provenance = {
        "model": type(model).__name__,
        "parameters": int(sum(p.numel() for p in model.parameters())),
        "weights_sha256": weights,
        "torch": torch.__version__,
        "reduced": {layer: note for layer, note in notes.items() if layer in arrays},
        **described,
    }
    random = _random_pass(model, data, wanted, passes)
    if random is not None:
        provenance["random_pass"] = random.said
    if left_out:
        provenance["left_out"] = left_out
    if len(wanted.layers) < len(leaves):
        provenance["layers"] = (
            f"{len(wanted.layers)} of {len(leaves)} leaf modules, evenly spread; name layers to choose others"
        )
    return arrays, provenance, heads


@dataclass(frozen=True, eq=False)
class _Wanted:
    """Layers to record, named by the user or taken by default, among all modules."""

    modules: Mapping[str, Any]
    layers: tuple[str, ...]
    by_default: bool
    heads: Heads


def _collected(
    model: Any, data: Any, wanted: _Wanted, passes: Passes, drawn: tuple[Seed, dict[str, str]]
) -> tuple[dict[str, list[np.ndarray]], dict[str, str]]:
    """Return what every layer gave in each batch where it ran, and how it was reduced; say why others are left out."""
    collected: dict[str, list[np.ndarray]] = {}
    notes: dict[str, str] = {}
    size, (seed, left_out) = passes.batch_size, drawn
    with evaluating(model, seed):
        for start in range(0, len(data), size):
            batch = data[start : start + size].clone()  # the first layer may work in place
            where = f"rows {start} to {start + len(batch) - 1}"
            for layer, values in _one_batch(model, batch, wanted, where, left_out).items():
                matrix, note = as_matrix(values, len(batch), layer, passes.reducer)
                collected.setdefault(layer, []).append(matrix)
                if note:
                    notes[layer] = note
            if passes.progress and start // size % 10 == 9:
                passes.progress(f"recorded {start + len(batch)} of {len(data)} stimuli")
    return collected, notes


def _random_pass(model: Any, data: Any, wanted: _Wanted, passes: Passes) -> RandomPass | None:
    """Return how far a few rows' answers differ from pass to pass; None where they do not."""
    batch = data[: min(ROWS, passes.batch_size)]

    def run(seed: int) -> dict[str, np.ndarray]:
        with evaluating(model, seed):
            return _one_batch(model, batch.clone(), wanted, "the first rows", {})

    try:
        return random_pass(run)
    except ConjugacyError:
        return None  # it takes batches of one size only


def _as_asked(collected: Mapping[str, list[np.ndarray]], wanted: _Wanted) -> dict[str, np.ndarray]:
    """Return the layers asked for and the outputs; a layer that missed a pass is refused."""
    batches = _batches(collected, wanted)
    for layer in wanted.layers:
        if len(collected.get(layer, ())) < batches:
            raise InputError(
                f"layer {layer!r} ran in {len(collected.get(layer, ()))} of {batches} forward passes and did not run in "
                "the others; choose a layer that every stimulus goes through"
            )
    return {layer: np.concatenate(parts) for layer, parts in collected.items()}


def _by_default(
    collected: Mapping[str, list[np.ndarray]], wanted: _Wanted, left_out: dict[str, str]
) -> dict[str, np.ndarray]:
    """Return the layers that ran in every pass, but for the last modules, which are the outputs under other names."""
    batches = _batches(collected, wanted)
    left_out |= {
        layer: f"ran in {len(parts)} of {batches} forward passes"
        for layer, parts in collected.items()
        if len(parts) < batches and layer not in left_out
    }
    arrays = {layer: np.concatenate(parts) for layer, parts in collected.items() if layer not in left_out}
    outputs = {name: arrays[name] for name in wanted.heads.paths}
    again = {
        layer: next(
            (name for name, output in outputs.items() if layer != name and np.array_equal(values, output)), None
        )
        for layer, values in arrays.items()
        if layer not in outputs
    }
    left_out |= {layer: f"equal to {name}" for layer, name in again.items() if name is not None}
    return {layer: values for layer, values in arrays.items() if again.get(layer) is None}


def _batches(collected: Mapping[str, list[np.ndarray]], wanted: _Wanted) -> int:
    """Return the number of passes; an output that some of them lack is refused."""
    counts = {name: len(collected.get(name, ())) for name in wanted.heads.paths}
    most = max(counts.values())
    for name, count in counts.items():
        if count < most:
            raise InputError(
                f"the model returned {wanted.heads.paths[name]} in {count} of {most} forward passes; choose an output that it "
                "always returns (output=)"
            )
    return most


def _require_layers(modules: Mapping[str, Any], layers: Sequence[str]) -> None:
    for layer in layers:
        if layer not in modules or layer == "":
            raise UnknownNameError.of("layer", layer, [n for n in modules if n], where="in the model")
        if is_head(layer):
            raise InputError(f"layer {layer!r}: {KEPT_NAME}; rename the module")


def _one_batch(model: Any, batch: Any, wanted: _Wanted, where: str, left_out: dict[str, str]) -> dict[str, np.ndarray]:
    """Run one batch and return what the wanted layers and the network gave."""
    seen: dict[str, list[Any]] = {}
    with collecting(wanted.modules, wanted.layers, seen):
        try:
            answer = model(batch)
        except Exception as error:
            raise ModelError(f"the model raised on {where}: {type(error).__name__}: {error}") from error
    found: dict[str, np.ndarray] = {}
    for layer, tensors in seen.items():
        if len(tensors) > 1 or tensors[0] is None or tensors[0].ndim < 2 or len(tensors[0]) != len(batch):
            why, way_out = _why_not(tensors, len(batch))
            if not wanted.by_default:
                raise InputError(f"layer {layer!r} {why}; {way_out}")
            left_out.setdefault(layer, why)  # nobody asked for this one
            continue
        found[layer] = to_numpy(tensors[0])
    outputs = {name: as_array(part) for name, part in wanted.heads.of(answer).items()}
    return found | {name: array[:, None] if array.ndim == 1 else array for name, array in outputs.items()}


def _why_not(tensors: Sequence[Any], rows: int) -> tuple[str, str]:
    """Return why a layer cannot be recorded, and what to do."""
    if len(tensors) > 1:
        return f"runs {len(tensors)} times in one forward pass", "record a layer that runs once"
    if tensors[0] is None:
        return "returned no tensor", "record a layer inside it, or after it"
    shape = tuple(tensors[0].shape)
    return f"returned shape {shape}, expected one row of units for each of {rows} stimuli", "record another layer"


def _leaves(modules: Mapping[str, Any]) -> list[str]:
    """Return the leaf modules except those that only reshape or pass on."""
    passing = {"Identity", "Flatten", "Unflatten", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout"}
    return [
        n
        for n, m in modules.items()
        if n and not is_head(n) and not any(True for _ in m.children()) and type(m).__name__ not in passing
    ]


def _spread(names: list[str]) -> list[str]:
    if len(names) <= MAX_LAYERS:
        return names
    return [names[i] for i in np.unique(np.linspace(0, len(names) - 1, MAX_LAYERS).round().astype(int))]


def _detached(tensor: Any) -> Any:
    """Return a copy: a later in-place operation must not change what was recorded."""
    return tensor.detach().clone()


@contextmanager
def collecting(
    modules: Mapping[str, Any],
    wanted: Sequence[str],
    seen: dict[str, list[Any]],
    keep: Callable[[Any], Any] = _detached,
) -> Generator[None]:
    """Collect what the wanted modules give; the hooks are removed whatever happens."""

    def collect(layer: str) -> Callable[..., None]:
        def hook(module: Any, args: Any, output: Any) -> None:
            tensor = first_tensor(output)
            seen.setdefault(layer, []).append(None if tensor is None else keep(tensor))

        return hook

    handles = [modules[layer].register_forward_hook(collect(layer)) for layer in wanted]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
