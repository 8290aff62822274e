"""Arrays of other libraries as numpy arrays that hold every value exactly, or the reason why they cannot be one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from conjugacy.errors import InputError, ShapeError

WIDENED = "widened"
"""What a provenance calls the layers whose type had to be widened: layer -> `bfloat16 as float32`."""

# numpy has no float below 16 bits and no bfloat16: each is held exactly by the type named here
_WIDER = {
    "bfloat16": "float32",
    "float8_e8m0fnu": "float32",
    **{f"{sign}int{bits}": f"{sign}int8" for sign in ("", "u") for bits in (1, 2, 4)},
}
_SMALL_FLOATS = ("float8_", "float6_", "float4_")


def plain_array(values: Any, what: str = "values") -> np.ndarray:
    """Return what numpy, torch, JAX or a nested list holds as a numpy array, exactly; nothing is copied that need not be.

    bfloat16 becomes float32 and float8 becomes float16 (e8m0: float32), which hold each of their values. Text, complex numbers
    and objects are returned as they are.

    Raises
    ------
    InputError
        Where a tensor is sparse, quantised, nested or without values (meta): the message says what to do.
    ShapeError
        Where rows are of unequal length.

    Examples
    --------
    >>> plain_array([[1, 2], [3, 4]]).shape
    (2, 2)
    """
    require_plain(values, what)
    if is_tensor(values):
        return _of_tensor(values, what)
    given: Any = values
    if isinstance(values, (list, tuple)) and values and all(map(is_tensor, cast("list[Any]", values))):
        given = [plain_array(one, what) for one in cast("list[Any]", values)]
    try:
        array = np.asarray(given)
    except (ValueError, TypeError) as error:
        raise ShapeError(f"{what}: rows of unequal length cannot form one array ({error})") from None
    except Exception as error:
        # an array of some library that is deleted, traced, or lies on several machines
        raise InputError(f"{what}: {type(values).__name__} gives no numpy array: {_first_line(error)}") from None
    wider = _wider(array.dtype.name)
    return array if wider is None else array.astype(wider)


def is_tensor(thing: Any) -> bool:
    """Whether something is a tensor of torch, which is not asked for its shape: a nested one has none and raises."""
    return hasattr(thing, "detach")


def is_array(thing: Any) -> bool:
    """Whether something is a tensor, or an array of some library."""
    return is_tensor(thing) or hasattr(thing, "shape")


def require_plain(values: Any, what: str) -> None:
    """Refuse what has no plain array of numbers in it, and say what to do; nothing is copied.

    Raises
    ------
    InputError
        Of a tensor that is sparse, quantised, nested or without values (meta), a sparse matrix, or masked values.
    """
    why = _no_plain_tensor(values) if is_tensor(values) else None
    if why is not None:
        raise InputError(f"{what}: got {why}")
    if type(values).__module__.partition(".")[0] == "scipy" and hasattr(values, "toarray"):
        raise InputError(f"{what}: got a sparse {type(values).__name__}; expected an array: call .toarray() first")
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        hidden = int(np.ma.count_masked(cast("Any", values)))
        raise InputError(
            f"{what}: {hidden} values of the array are masked; leave those rows or units out, or give .filled(...)"
        )


def widening(values: Any) -> str | None:
    """Return in words what `plain_array` makes of a type that numpy does not have; None where it keeps the type.

    Examples
    --------
    >>> widening(np.zeros(3, np.float16)) is None
    True
    """
    name = str(getattr(values, "dtype", "")).removeprefix("torch.")
    wider = _wider(name)
    return None if wider is None else f"{name} as {wider}"


def widenings(layers: Mapping[str, Any]) -> dict[str, str]:
    """Return for each layer whose type has to be widened what it becomes."""
    return {str(key): said for key, values in layers.items() if (said := widening(values)) is not None}


def with_widened(provenance: Mapping[str, Any] | None, found: Mapping[str, str]) -> dict[str, Any]:
    """Return a provenance that says, under `widened`, which layers are held by a wider type than their own."""
    told = dict(provenance or {})
    before: Any = told.get(WIDENED)
    known: dict[str, Any] = cast("dict[str, Any]", before) if isinstance(before, dict) else {}
    return {**told, WIDENED: {**known, **found}} if found else told


def _wider(name: str) -> str | None:
    return _WIDER.get(name, "float16" if name.startswith(_SMALL_FLOATS) else None)


def _of_tensor(tensor: Any, what: str) -> np.ndarray:
    try:
        cpu = tensor.detach().cpu()
        wider = _wider(str(cpu.dtype).removeprefix("torch."))
        if wider is not None:
            cpu = cpu.float() if wider == "float32" else cpu.half()
        return np.asarray(cpu.resolve_conj().resolve_neg().numpy())
    except Exception as error:
        raise InputError(
            f"{what}: a {type(tensor).__name__} of {getattr(tensor, 'dtype', 'no type')} gives no numpy array: "
            f"{_first_line(error)}; expected a dense tensor of numbers"
        ) from None


def _no_plain_tensor(tensor: Any) -> str | None:
    """Return what keeps a torch tensor from being an array, and what to do; None where nothing does."""
    if getattr(tensor, "is_nested", False):
        return (
            "a nested tensor, whose rows are of unequal length; call .to_padded_tensor(0.0) and say by a mask what is padding "
            "(a transformer's own: enable_nested_tensor=False)"
        )
    if getattr(tensor, "is_quantized", False):
        return f"a quantised tensor ({tensor.dtype}); call .dequantize() first"
    if getattr(tensor, "is_meta", False):
        return "a tensor without values (meta); build the model on a device, or fill it with to_empty() and its weights"
    layout = str(getattr(tensor, "layout", "torch.strided"))
    if layout != "torch.strided":
        return f"a sparse tensor ({layout.removeprefix('torch.')}); call .to_dense() first"
    return None


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
