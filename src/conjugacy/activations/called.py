"""Networks that are any callable: run once on all stimuli, their answers sorted into layers and outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import is_dataclass
from typing import Any, cast

import numpy as np

from conjugacy.activations.answers import is_values, named_parts
from conjugacy.activations.forward import Passes
from conjugacy.activations.heads import Heads
from conjugacy.activations.random_pass import RandomPass, own_seed, passes_apart
from conjugacy.activations.randomness import own_randomness, state_of_all
from conjugacy.activations.tensors import as_array, as_matrix
from conjugacy.data import HEAD, head_named, is_head
from conjugacy.errors import InputError, ModelError, UnknownNameError


def run_callable(
    model: Callable[[Any], Any], shown: Any, layers: Sequence[str] | None, passes: Passes
) -> tuple[dict[str, np.ndarray], dict[str, Any], Heads]:
    """Call a network once; return its layers as (stimuli, units), where they come from, and which are its outputs.

    A mapping holds layers by name, the outputs among them as `outputs`, or several as `outputs.NAME` or `outputs[1]`. What is
    no mapping is the output, or, as a tuple of arrays with one row for each stimulus, several.

    Raises
    ------
    ModelError
        Where the model raises.
    InputError, UnknownNameError, ShapeError
        Where it returns no output, has no layer of a name that was asked for, or rows are not those of the stimuli.
    """
    answer, random = _answer(model, shown, passes.seed)
    found, outputs = _sorted(answer, len(shown))
    for layer in layers or ():
        if layer not in found and layer not in outputs:
            raise UnknownNameError.of("layer", layer, [*found, *outputs], where="in what the model returned")
    heads = _heads(outputs, len(shown), passes.output)
    if not heads.paths:
        raise InputError(
            f"the model returned the layers {sorted(found)}, expected one of them to be {HEAD!r}, or several '{HEAD}.NAME'"
        )
    chosen = {name: outputs[path][0] for name, path in heads.paths.items()}
    chosen = {name: values for name, values in found.items() if layers is None or name in layers} | chosen
    order = [name for name in (*found, *heads.paths) if name in chosen]
    arrays = {name: as_matrix(as_array(chosen[name]), len(shown), name, passes.reducer)[0] for name in order}
    provenance = {"model": getattr(model, "__qualname__", type(model).__name__), **heads.described()}
    return arrays, provenance if random is None else {**provenance, "random_pass": random.said}, heads


def _answer(model: Callable[[Any], Any], shown: Any, seed: int) -> tuple[Any, RandomPass | None]:
    """Call a network once; where it draws from the global generators, once more from a random state of its own."""
    with own_randomness(None, seed):
        before = state_of_all(None)
        answer = _called(model, shown)
        if state_of_all(None) == before:
            return answer, None
    first = _numbers(answer, len(shown))
    with own_randomness(None, own_seed(seed, first.tobytes())):
        answer = _called(model, shown)
    return answer, passes_apart(first, _numbers(answer, len(shown)))


def _called(model: Callable[[Any], Any], shown: Any) -> Any:
    try:
        # a copy: what is computed in place must not reach the caller's data
        return model(shown.detach().clone() if hasattr(shown, "detach") else shown.copy())
    except Exception as error:
        raise ModelError(f"the model raised {type(error).__name__}: {error}") from error


def _numbers(answer: Any, rows: int) -> np.ndarray:
    """Return everything that an answer holds for every row, (m, n)."""
    layers, outputs = _sorted(answer, rows)
    parts = [as_array(part) for part in (*layers.values(), *(part for part, _ in outputs.values())) if is_values(part)]
    found = [part.reshape(rows, -1) for part in parts if part.ndim and len(part) == rows and part.dtype.kind in "biuf"]
    return np.concatenate([np.zeros((rows, 0)), *found], axis=1).astype(np.float64)


def _sorted(answer: Any, rows: int) -> tuple[dict[str, Any], dict[str, tuple[Any, str | None]]]:
    """Return layers by name, and what is returned as outputs with why it is none."""
    if isinstance(answer, Mapping):
        given = {str(key): value for key, value in cast("Mapping[Any, Any]", answer).items()}
        layers = {name: value for name, value in given.items() if not is_head(name)}
        outputs = [part for name, value in given.items() if is_head(name) for part in _parts(value, name, rows)]
    else:
        layers, outputs = {}, list(_parts(answer, HEAD, rows))
    return layers, {name: (part, why) for name, part, why in outputs}


def _parts(value: Any, name: str, rows: int) -> list[tuple[str, Any, str | None]]:
    several = isinstance(value, Mapping) or hasattr(value, "_fields") or (is_dataclass(value) and not is_values(value))
    if isinstance(value, tuple):
        parts = [part for part in cast("tuple[Any, ...]", value) if is_values(part)]
        several = several or any(len(part.shape) > 0 and len(part) == rows for part in parts)
    return list(named_parts(value, name)) if several else [(name, value, None)]


def _heads(outputs: Mapping[str, tuple[Any, str | None]], rows: int, output: str | int | None) -> Heads:
    whys = {name: why or _without_rows(part, rows) for name, (part, why) in outputs.items()}
    if output is not None:
        chosen = head_named(output, outputs, "in what the model returned")
        whys = {name: None if name == chosen else why or "another output was asked for" for name, why in whys.items()}
    kept = [name for name, why in whys.items() if why is None]
    if not kept and outputs:
        kept = list(outputs)[:1]  # refused with its shape where it is made a matrix
    alone = len(kept) == 1 and output is None
    left_out = {name: why for name, why in whys.items() if why is not None and name not in kept}
    hints = {name: ("logits", f"it is called {name!r}") for name in kept if "logit" in name.lower() and not alone}
    return Heads({HEAD: kept[0]} if alone else {name: name for name in kept}, left_out, {}, hints)


def _without_rows(part: Any, rows: int) -> str | None:
    if is_values(part) and (not part.shape or len(part) != rows):
        return f"shape {tuple(part.shape)}, not one row for each of {rows} stimuli"
    return None
