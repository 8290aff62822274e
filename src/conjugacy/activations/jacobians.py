"""How a torch module's layers move when a stimulus moves a little: exact derivatives, by automatic differentiation."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from conjugacy.activations.forward import OUTPUT, collecting, first_tensor
from conjugacy.activations.tensors import to_numpy, to_tensor
from conjugacy.activations.untouched import evaluating
from conjugacy.errors import InputError, ModelError, UnknownNameError

ROWS_AT_ONCE = 64


def jacobians(model: Any, stimuli: Any, layers: Sequence[str] = (OUTPUT,)) -> dict[str, np.ndarray]:
    """Return the derivatives of layers with respect to the stimulus, exact, by `torch.func`.

    Parameters
    ----------
    model : torch.nn.Module
        Run in evaluation mode, one stimulus at a time as far as it can tell; left as it was.
    stimuli : array or tensor, (m, ...)
        Real numbers.
    layers : sequence of str
        Names of submodules that run once in a pass, or `outputs`.

    Returns
    -------
    dict of str to array, (m, n, d)
        d counts the values of one stimulus; all axes of a layer are flattened.

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

    data = to_tensor(stimuli, model)
    if not data.dtype.is_floating_point:
        raise InputError(f"jacobians: the stimuli are of type {data.dtype}; derivatives need real numbers")
    modules = dict(model.named_modules())
    for layer in layers:
        if layer != OUTPUT and (layer not in modules or layer == ""):
            raise UnknownNameError.of("layer", layer, [n for n in modules if n], where="in the model")
    hidden = [layer for layer in layers if layer != OUTPUT]

    def one(stimulus: Any) -> dict[str, Any]:
        seen: dict[str, list[Any]] = {}
        with collecting(modules, hidden, seen, keep=lambda tensor: tensor):
            answer = model(stimulus[None])
        found = {layer: seen.get(layer, [None])[-1] for layer in hidden}
        if OUTPUT in layers:
            found[OUTPUT] = first_tensor(answer)
        for layer, tensor in found.items():
            if tensor is None:
                raise InputError(f"layer {layer!r} gives no tensor; derivatives need one")
        return {layer: tensor.reshape(-1) for layer, tensor in found.items()}

    with evaluating(model), torch.enable_grad(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="There is a performance drop")  # slower, not wrong
        try:
            answer = torch.func.vmap(torch.func.jacrev(one), chunk_size=ROWS_AT_ONCE)(data)
        except InputError:
            raise
        except Exception as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise ModelError(f"jacobians: the model cannot be differentiated row by row: {reason}") from error
    return _arrays(answer, len(data))


def _arrays(answer: Mapping[str, Any], rows: int) -> dict[str, np.ndarray]:
    found = {layer: to_numpy(tensor).astype(np.float64) for layer, tensor in answer.items()}
    return {layer: array.reshape(rows, array.shape[1], -1) for layer, array in found.items()}
