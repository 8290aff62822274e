"""Every number that a torch module holds: parameters, buffers, what is packed in quantised modules."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import numpy as np

from conjugacy.data.foreign import plain_array

DEEPEST = 10  # packed weights lie in tuples in tuples


def tensors_of(model: Any) -> dict[str, Any]:
    """Return every tensor of a module by name, each once.

    Besides parameters and buffers these are tensors that quantised modules keep packed, and tensors that need gradients and are
    registered nowhere.

    Examples
    --------
    >>> import torch
    >>> list(tensors_of(torch.nn.Linear(2, 2)))
    ['weight', 'bias']
    """
    found: dict[str, Any] = {}
    seen: set[int] = set()
    for name, tensor in (*model.named_parameters(), *model.named_buffers(), *_packed(model), *_loose(model)):
        if id(tensor) not in seen:
            seen.add(id(tensor))
            found[name] = tensor
    return found


def weights_hash(model: Any) -> str:
    """Return the sha256 of everything in the state of a module, names included."""
    digest = hashlib.sha256()
    for key, value in model.state_dict().items():
        digest.update(key.encode())
        for _, tensor in _inside(value, key, DEEPEST):
            array = np.ascontiguousarray(plain_array(tensor.dequantize() if tensor.is_quantized else tensor))
            digest.update(f"{tensor.dtype} {array.shape}".encode())
            digest.update(array.reshape(-1).view(np.uint8).data if array.size else b"")  # no copy of what may be large
    return digest.hexdigest()


def parameters_in(model: Any) -> int:
    """Return how many parameters a module has, those that quantised modules keep packed among them."""
    return int(sum(tensor.numel() for tensor in (*model.parameters(), *(tensor for _, tensor in _packed(model)))))


def has_quantised(model: Any) -> bool:
    """Whether a module holds quantised tensors, of torch's own or of torchao."""
    return any(tensor.is_quantized or hasattr(tensor, "__tensor_flatten__") for tensor in tensors_of(model).values())


def _packed(model: Any) -> Iterator[tuple[str, Any]]:
    """Return the tensors of the state that are no parameters or buffers, or stand in something else."""
    several: Any = {"remove_duplicate": False}  # of what is shared every name
    registered = {name for name, _ in (*model.named_parameters(**several), *model.named_buffers(**several))}
    for key, value in model.state_dict().items():
        if key not in registered and not (_is_tensor(value) and value.ndim == 0):  # the scale of a quantised module
            yield from _inside(value, key, DEEPEST)


def _loose(model: Any) -> Iterator[tuple[str, Any]]:
    for where, module in model.named_modules():
        registered = {id(tensor) for own in (module._parameters, module._buffers) for tensor in own.values()}
        for key, value in vars(module).items():
            if key in ("_parameters", "_buffers", "_modules"):
                continue
            for name, tensor in _inside(value, f"{where}.{key}" if where else key, 2):
                if tensor.requires_grad and tensor.is_leaf and id(tensor) not in registered:
                    yield name, tensor


def _inside(value: Any, name: str, deepest: int) -> Iterator[tuple[str, Any]]:
    """Return the tensors in lists, tuples, mappings and packed objects."""
    if _is_tensor(value) and hasattr(value, "__tensor_flatten__"):  # made of plain tensors, as those of torchao
        for part in value.__tensor_flatten__()[0]:
            yield from _inside(getattr(value, part), f"{name}.{part}", deepest - 1)
    elif _is_tensor(value):
        yield name, value
    elif deepest > 0:
        for key, part in _parts(value):
            yield from _inside(part, f"{name}.{key}", deepest - 1)


def _parts(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        yield from cast("Mapping[Any, Any]", value).items()
    elif isinstance(value, (list, tuple)):
        yield from enumerate(cast("Sequence[Any]", value))
    elif type(value).__name__ == "ScriptObject" and hasattr(value, "__getstate__"):
        yield "packed", value.__getstate__()


def _is_tensor(value: Any) -> bool:
    return hasattr(value, "detach") and hasattr(value, "is_quantized")
