"""The head of a network: its outputs when one layer is given instead of computed."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import numpy as np

from conjugacy.activations.answers import part_at, replaced
from conjugacy.activations.heads import heads_of
from conjugacy.activations.tensors import to_numpy, to_tensor
from conjugacy.activations.untouched import evaluating
from conjugacy.data import HEAD
from conjugacy.errors import InputError, ModelError, ShapeError, UnknownNameError

ROWS_AT_ONCE = 256


def head_outputs(model: Any, stimuli: Any, layer: str, values: np.ndarray, *, output: str = HEAD) -> np.ndarray:
    """Return a torch module's outputs (m, q) when `layer` answers with given values.

    What comes before the layer is shown zeros: whatever flows around it carries nothing of the stimuli.

    Parameters
    ----------
    model : torch.nn.Module
        Left as it was.
    stimuli : array or tensor, (m, ...)
        For their shape and type only.
    layer : str
        A submodule that runs once in a pass.
    values : array, (m, n)
        What the layer is to answer, flattened; n must be its number of values.
    output : str
        Which output, where there are several, as `record` names them.

    Raises
    ------
    UnknownNameError, ShapeError, InputError
        Where there is no such layer or output, it has another number of values, or it does not run once.
    ModelError
        Where the model raises.

    Examples
    --------
    >>> import torch
    >>> model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.ReLU())
    >>> head_outputs(model, np.ones((1, 3)), "0", np.array([[1.0, -1.0]]))
    array([[1., 0.]], dtype=float32)
    """
    import torch

    modules = dict(model.named_modules())
    if layer not in modules or layer == "":
        raise UnknownNameError.of("layer", layer, [n for n in modules if n], where="in the model")
    shown = to_tensor(stimuli, model)
    if len(shown) != len(values):
        raise ShapeError(f"got {len(values)} rows for {len(shown)} stimuli")
    path = heads_of(model, shown[:ROWS_AT_ONCE]).path_of(output)
    found: list[np.ndarray] = []
    with evaluating(model):
        for start in range(0, len(shown), ROWS_AT_ONCE):
            rows = slice(start, start + ROWS_AT_ONCE)
            with _answering(modules[layer], layer, torch.as_tensor(np.array(values[rows]))) as ran:
                answer = _outputs(model, torch.zeros_like(shown[rows]), path)
            if len(ran) != 1 or answer is None:
                raise InputError(f"layer {layer!r} ran {len(ran)} times in a pass; expected once")
            found.append(to_numpy(answer).reshape(len(values[rows]), -1))
    return np.concatenate(found)


@contextmanager
def _answering(module: Any, layer: str, values: Any) -> Generator[list[str]]:
    """Let a module answer with given values; what is yielded grows by its name whenever it runs."""
    ran: list[str] = []

    def answer_instead(module: Any, args: Any, output: Any) -> Any:
        ran.append(layer)
        return replaced(output, values, layer)

    handle = module.register_forward_hook(answer_instead)
    try:
        yield ran
    finally:
        handle.remove()


def _outputs(model: Any, shown: Any, path: str) -> Any:
    """Return one tensor that a network answers, or None where there is none."""
    try:
        return part_at(model(shown), path)
    except (InputError, ShapeError):
        raise  # of the layer that is replaced
    except Exception as error:
        raise ModelError(f"the model raised {type(error).__name__}: {error}") from error
