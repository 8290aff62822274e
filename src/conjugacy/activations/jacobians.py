"""How a torch module's layers move when a stimulus moves a little: exact derivatives, by automatic differentiation."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from conjugacy.activations.answers import first_tensor, part_at
from conjugacy.activations.heads import heads_of
from conjugacy.activations.networks.torch_hooks import collecting
from conjugacy.activations.tensors import as_matrix, to_numpy, to_tensor
from conjugacy.activations.untouched import evaluating
from conjugacy.data import HEAD, is_head
from conjugacy.errors import ConjugacyError, InputError, ModelError, UnknownNameError
from conjugacy.numerics.process_wide import no_warnings

ROWS_AT_ONCE = 64
AsRows = Callable[[Any, str], Any]


def jacobians(
    model: Any,
    stimuli: Any,
    layers: Sequence[str] = (HEAD,),
    *,
    reducer: str | None = "flatten",
    as_rows: AsRows | None = None,
) -> dict[str, np.ndarray]:
    """Return the derivatives of layers with respect to the stimulus, exact, by `torch.func`.

    Parameters
    ----------
    model : torch.nn.Module
        Run in evaluation mode, one stimulus at a time as far as it can tell; left as it was.
    stimuli : array or tensor, (m, ...)
        Real numbers.
    layers : sequence of str
        Names of submodules that run once in a pass, or of outputs as `record` names them.
    reducer : {"flatten", "mean"}, optional
        What becomes of a layer's axes beyond one; None as in `record`.
    as_rows : callable, optional
        From what a layer gives, and its name, to rows of units, in place of `reducer`.

    Returns
    -------
    dict of str to array, (m, n, d)
        d counts the values of one stimulus.

    Raises
    ------
    InputError, UnknownNameError
        Where the stimuli are no real numbers, or a layer does not exist or gives no tensor.
    ModelError
        Where the model cannot be differentiated this way (control flow that looks at values, operations without derivatives).

    Examples
    --------
    >>> import torch
    >>> J = jacobians(torch.nn.Linear(3, 2), np.zeros((5, 3)))["outputs"]
    >>> J.shape
    (5, 2, 3)
    """
    import torch

    data = _real(to_tensor(stimuli, model))
    answers, rows = _layers(model, layers, data), as_rows or _rows_by(reducer)

    def one(stimulus: Any) -> dict[str, Any]:
        found = {
            layer: tensor.reshape(1, -1) if tensor.ndim < 2 else tensor
            for layer, tensor in answers(stimulus[None]).items()
        }
        return {layer: rows(tensor, layer).reshape(-1) for layer, tensor in found.items()}

    with _differentiating(model):
        answer = torch.func.vmap(torch.func.jacrev(one), chunk_size=ROWS_AT_ONCE)(data)
    return _arrays(answer, len(data))


def derivatives_along(
    model: Any, stimuli: Any, directions: np.ndarray, layers: Sequence[str], *, as_rows: AsRows | None = None
) -> dict[str, np.ndarray]:
    """Return the derivatives of layers along p directions given at every stimulus, exact, (m, n, p).

    Parameters
    ----------
    model, stimuli, layers
        As in `jacobians`.
    directions : array, (p, m, ...)
    as_rows : callable, optional
        As in `jacobians`.

    Raises
    ------
    InputError, UnknownNameError, ModelError
        As in `jacobians`.
    """
    import torch

    data = _real(to_tensor(stimuli, model))
    along = [to_tensor(direction, model).to(data.dtype) for direction in directions]
    answers, rows_by = _layers(model, layers, data), as_rows or _rows_by(None)
    parts: dict[str, list[np.ndarray]] = {layer: [] for layer in layers}
    with _differentiating(model):
        for start in range(0, len(data), ROWS_AT_ONCE):
            rows = slice(start, start + ROWS_AT_ONCE)
            slopes = [torch.func.jvp(answers, (data[rows],), (one[rows],))[1] for one in along]
            for layer in layers:
                columns = [rows_by(to_numpy(s[layer]), layer) for s in slopes]
                parts[layer].append(np.stack(columns, axis=2).astype(np.float64))
    return {layer: np.concatenate(found) for layer, found in parts.items()}


def _rows_by(reducer: str | None) -> AsRows:
    return lambda values, layer: as_matrix(values, len(values), layer, reducer)[0]


def _real(data: Any) -> Any:
    if not data.dtype.is_floating_point:
        raise InputError(f"jacobians: the stimuli are of type {data.dtype}; derivatives need real numbers")
    return data


def _layers(model: Any, layers: Sequence[str], data: Any) -> Callable[[Any], dict[str, Any]]:
    """Return the function from stimuli to the tensors of the layers asked for."""
    modules = dict(model.named_modules())
    for layer in layers:
        if not is_head(layer) and (layer.partition("#")[0] not in modules or layer == ""):
            raise UnknownNameError.of("layer", layer, [n for n in modules if n], where="in the model")
    hidden = [layer for layer in layers if not is_head(layer)]
    outputs = [layer for layer in layers if is_head(layer)]
    heads = heads_of(model, data[:ROWS_AT_ONCE]) if outputs else None
    paths = {layer: heads.path_of(layer) for layer in outputs} if heads else {}

    def answers(stimuli: Any) -> dict[str, Any]:
        seen: dict[str, Any] = {}
        with collecting(modules, [layer.partition("#")[0] for layer in hidden], seen, keep=first_tensor):
            answer = model(stimuli)
        found = {layer: seen.get(layer.removesuffix("#1")) for layer in hidden}
        found |= {layer: part_at(answer, path) for layer, path in paths.items()}
        for layer, tensor in found.items():
            if tensor is None:
                raise InputError(f"layer {layer!r} gives no tensor; derivatives need one")
        return found

    return answers


@contextmanager
def _differentiating(model: Any) -> Generator[None]:
    import torch

    # slower, not wrong; and an affair of torch itself
    unsaid = no_warnings("There is a performance drop", ".*torch.jit.script")
    with evaluating(model), torch.enable_grad(), unsaid:
        try:
            yield
        except ConjugacyError:
            raise
        except Exception as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise ModelError(f"jacobians: the model cannot be differentiated row by row: {reason}") from error


def _arrays(answer: Mapping[str, Any], rows: int) -> dict[str, np.ndarray]:
    found = {layer: to_numpy(tensor).astype(np.float64) for layer, tensor in answer.items()}
    return {layer: array.reshape(rows, array.shape[1], -1) for layer, array in found.items()}
