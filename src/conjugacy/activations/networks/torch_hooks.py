"""What modules of a torch network give while it runs, collected through hooks that leave no trace."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from conjugacy.activations.answers import first_tensor
from conjugacy.activations.networks.watched import is_packed

MOST_CALLS = 64


def plain(output: Any) -> Any:
    """Return the tensor that a module hands on as a plain one of one row for each stimulus, copied; None where there is none."""
    import torch

    packed: Any = output[0] if isinstance(output, tuple) and len(output) and is_packed(output[0]) else output
    if is_packed(packed):
        return torch.nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)[0].detach()
    tensor = first_tensor(output)
    if tensor is None:
        return None
    if tensor.is_nested:
        return torch.nested.to_padded_tensor(tensor.detach(), 0.0)
    return tensor.detach().clone()


@contextmanager
def collecting(
    modules: Mapping[str, Any],
    wanted: Sequence[str],
    seen: dict[str, Any],
    keep: Callable[[Any], Any] = plain,
    see: Callable[[str, Any, Any, Any], None] | None = None,
    *,
    whole: Callable[[str, Any, Any, Any], Any] | None = None,
    most: int = MOST_CALLS,
) -> Generator[None]:
    """Collect what the wanted modules give, each call under a name of its own; the hooks go whatever happens.

    Parameters
    ----------
    modules, wanted, seen
        By name; of these; where it is put.
    keep : callable
        What is kept of an answer.
    see : callable, optional
        Told of every call.
    whole : callable, optional
        Makes of a name, a module, its arguments and its answer what is kept in place of the answer.
    most : int
        Calls of one module that are collected.
    """
    calls: dict[str, int] = {}

    def collect(layer: str) -> Callable[..., None]:
        def hook(module: Any, args: Any, output: Any) -> None:
            calls[layer] = calls.get(layer, 0) + 1
            if calls[layer] <= most:
                name = layer if calls[layer] == 1 else f"{layer}#{calls[layer]}"
                seen[name] = keep(output if whole is None else whole(name, module, args, output))
                if see is not None:
                    see(name, module, args, output)

        return hook

    handles = [modules[layer].register_forward_hook(collect(layer)) for layer in wanted]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
