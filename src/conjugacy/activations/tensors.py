"""Between torch tensors and matrices of stimuli by units."""

from __future__ import annotations

from typing import Any

import numpy as np

from conjugacy.data.foreign import plain_array, widening
from conjugacy.errors import InputError, ShapeError

__all__ = ["REDUCERS", "as_array", "as_matrix", "to_numpy", "to_tensor", "widening"]

FLATTEN_UP_TO = 4096
REDUCERS = ("flatten", "mean")


def to_tensor(stimuli: Any, model: Any) -> Any:
    """Return the stimuli as a tensor on the model's device; floating arrays in the type of its parameters."""
    import torch

    first = next(model.parameters(), None)
    device = "cpu" if first is None else first.device
    if isinstance(stimuli, torch.Tensor):
        given = stimuli.detach()
        if given.dtype.is_floating_point and first is not None and first.dtype.is_floating_point:
            given = given.to(first.dtype)
        return given.to(device)
    array = np.asarray(stimuli)
    if array.dtype.kind not in "biuf":
        raise InputError(f"stimuli: got values of type {array.dtype}, expected numbers")
    if array.dtype.itemsize > 8:  # torch knows no longer float
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
    # a copy: a network may return a buffer that its next call overwrites
    return np.array(plain_array(tensor, what))


def as_array(values: Any, what: str = "values") -> np.ndarray:
    """Return a tensor, an array of any library, or anything that numpy takes, as an array that holds the same values.

    `widening` of the same values says whether their type had to be widened. Raises as `to_numpy` does.
    """
    return to_numpy(values, what) if hasattr(values, "detach") else plain_array(values, what)


def as_matrix(values: np.ndarray, rows: int, layer: str, reducer: str | None) -> tuple[np.ndarray, str | None]:
    """Return (stimuli, units) from an array with more axes, and what was done in words.

    (m, n) stays; (m, c, h, w) is flattened or averaged over space; (m, t, d) needs a reducer.
    """
    if reducer is not None and reducer not in REDUCERS:
        raise InputError(f"reducer: got {reducer!r}, expected 'flatten' or 'mean'")
    if values.ndim == 1 and len(values) == rows:
        values = values[:, None]
    if values.ndim < 2 or len(values) != rows:
        raise ShapeError(
            f"layer {layer!r}: got shape {values.shape}, expected one row of units for each of {rows} stimuli"
        )
    if values.ndim == 2:
        return values, None
    if values.ndim == 3 and reducer is None:
        raise ShapeError(
            f"layer {layer!r}: got shape {values.shape} (stimuli, tokens, units?); say what becomes of the tokens: "
            "reducer='mean' averages them, reducer='flatten' keeps every one"
        )
    size = int(np.prod(values.shape[1:]))
    chosen = reducer or ("flatten" if size <= FLATTEN_UP_TO else "mean")
    if chosen == "flatten":
        return values.reshape(rows, size), f"{values.shape[1:]} flattened"
    # tokens stand before the units, places behind them
    axes = (1,) if values.ndim == 3 else tuple(range(2, values.ndim))
    half: Any = getattr(values.dtype, "name", None) == "float16"  # its mean would be rounded to half again
    averaged = (values.astype(np.float32) if half else values).mean(axis=axes)
    return averaged, f"{values.shape[1:]} averaged over {'tokens' if values.ndim == 3 else 'space'}"
