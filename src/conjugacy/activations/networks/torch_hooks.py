"""What modules of a torch network give while it runs, collected through hooks that leave no trace."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
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
    return full(tensor.detach()).clone()


def full(tensor: Any) -> Any:
    """Return a tensor as it is; of a quantised one the numbers that it stands for."""
    return tensor.dequantize() if tensor.is_quantized else tensor


@dataclass(eq=False)
class Taking:
    """What is kept of the answers of modules, each call under a name of its own.

    Attributes
    ----------
    keep : callable
        What is kept of an answer.
    see : callable, optional
        Told of every call.
    whole : callable, optional
        Makes of a name, a module, its arguments and its answer what is kept in place of the answer.
    most : int
        Calls of one module that are kept.
    """

    keep: Callable[[Any], Any] = plain
    see: Callable[[str, Any, Any, Any], None] | None = None
    whole: Callable[[str, Any, Any, Any], Any] | None = None
    most: int = MOST_CALLS
    seen: dict[str, Any] = field(default_factory=dict[str, Any])
    _calls: dict[str, int] = field(default_factory=dict[str, int])

    def take(self, layer: str, module: Any, args: Any, output: Any) -> None:
        """Keep what a module gave in one call."""
        count = self._calls[layer] = self._calls.get(layer, 0) + 1
        if count <= self.most:
            name = layer if count == 1 else f"{layer}#{count}"
            self.seen[name] = self.keep(output if self.whole is None else self.whole(name, module, args, output))
            if self.see is not None:
                self.see(name, module, args, output)


@contextmanager
def hooked(
    modules: Mapping[str, Any], wanted: Sequence[str], take: Callable[[str, Any, Any, Any], None]
) -> Generator[None]:
    """Have `take` told of every call of the wanted modules: name, module, arguments, answer; the hooks go whatever happens."""

    def told(layer: str) -> Callable[..., None]:
        def hook(module: Any, args: Any, output: Any) -> None:
            take(layer, module, args, output)

        return hook

    handles = [modules[layer].register_forward_hook(told(layer)) for layer in wanted]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def collecting(
    modules: Mapping[str, Any], wanted: Sequence[str], seen: dict[str, Any], keep: Callable[[Any], Any]
) -> Generator[None]:
    """Collect in `seen` what is kept of the answers of the wanted modules, each call under a name of its own."""
    with hooked(modules, wanted, Taking(keep, seen=seen).take):
        yield
