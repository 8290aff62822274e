"""Between torch tensors and matrices of stimuli by units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from conjugacy.activations.calling import is_one_number
from conjugacy.activations.tokens import Reduction
from conjugacy.data.foreign import plain_array, widening
from conjugacy.errors import InputError, ShapeError

__all__ = ["as_array", "as_matrix", "to_numpy", "to_tensor", "widening"]


def to_tensor(stimuli: Any, model: Any) -> Any:
    """Return stimuli as a tensor on the model's device, or a mapping of such; floating arrays in the type of its parameters."""
    if isinstance(stimuli, Mapping):
        parts = cast("Mapping[str, Any]", stimuli).items()
        return {name: part if is_one_number(part) else _to_tensor(part, model) for name, part in parts}
    return _to_tensor(stimuli, model)


def _to_tensor(stimuli: Any, model: Any) -> Any:
    import torch

    first = next(model.parameters(), None)
    device = "cpu" if first is None else first.device
    if isinstance(stimuli, torch.Tensor):
        given = stimuli.detach()
        if given.dtype.is_floating_point and first is not None and first.dtype.is_floating_point:
            given = given.to(first.dtype)
        return given.to(device)
    array = plain_array(stimuli, "stimuli")
    if array.dtype.kind in "OUS" and array.size and isinstance(array.ravel()[0], str):
        raise InputError(
            "stimuli: got text, expected numbers: give what the tokenizer makes of it, as "
            "dict(tokenizer(texts, padding=True, return_tensors='np'))"
        )
    if array.dtype.kind not in "biuf":
        raise InputError(f"stimuli: got values of type {array.dtype}, expected numbers")
    if array.dtype.itemsize > 8:  # torch knows no longer float
        with np.errstate(over="ignore"):  # what a network makes of infinity is told
            array = array.astype(np.float64)
    tensor = torch.from_numpy(array.astype(array.dtype.newbyteorder("=")))
    if array.dtype.kind == "f":
        floating = first is not None and first.dtype.is_floating_point
        tensor = tensor.to(first.dtype if first is not None and floating else torch.float32)
    return tensor.to(device)


def to_numpy(tensor: Any, what: str = "a tensor") -> np.ndarray:
    """Return a tensor as an array of its own, exactly; bfloat16, which numpy does not know, as float32, float8 as float16.

    Raises
    ------
    InputError
        Where it is sparse, quantised, nested or without values: what to do.
    """
    array = plain_array(tensor, what)
    # a copy, as what was widened is: a network may return a buffer that its next call overwrites
    return array if widening(tensor) else np.array(array)


def as_array(values: Any, what: str = "values") -> np.ndarray:
    """Return a tensor, an array of any library, or anything that numpy takes, as an array that holds the same values.

    `widening` of the same values says whether their type had to be widened. Raises as `to_numpy` does.
    """
    return to_numpy(values, what) if hasattr(values, "detach") else plain_array(values, what)


def as_matrix(values: np.ndarray, rows: int, layer: str, reducer: str | None) -> tuple[np.ndarray, str | None]:
    """Return (stimuli, units) from an array with more axes, read as in files, and what was done in words.

    (m, n) stays; (m, c, h, w) is flattened or averaged over space; (m, t, d) needs a reducer.
    """
    reduction = Reduction(reducer=reducer)
    if values.ndim == 1 and len(values) == rows:
        values = values[:, None]
    if values.ndim < 2 or len(values) != rows:
        raise ShapeError(
            f"layer {layer!r}: got shape {values.shape}, expected one row of units for each of {rows} stimuli"
        )
    if values.ndim == 3 and reducer is None:
        raise ShapeError(
            f"layer {layer!r}: got shape {values.shape} (stimuli, tokens, units?); say what becomes of the tokens: "
            "reducer='mean' averages them, reducer='flatten' keeps every one"
        )
    axes = {2: "bu", 3: "btu", 4: "bcyx", 5: "bczyx"}.get(values.ndim, "bcyx")
    return reduction.apply(values, axes, layer)
