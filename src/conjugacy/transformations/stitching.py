"""Stitching: the front of one network, a transformation, and the head of another, as one torch module. Imports torch."""

from __future__ import annotations

from typing import Any

import torch

from conjugacy.activations.forward import collecting, first_tensor
from conjugacy.activations.inject import replaced
from conjugacy.errors import InputError, UnknownNameError


class Stitched(torch.nn.Module):
    """The front of one network up to a layer, a map, and the head of another from a layer on.

    The head's own front is shown zeros of the stimulus' shape, so nothing of the stimulus reaches the head around the map.

    Parameters
    ----------
    front, head : torch.nn.Module
    front_layer, head_layer : str
        Submodules that run once in a pass.
    between : torch.nn.Module
        Maps (m, n_front) to (m, n_head), `transformation.to_torch()` for one; both layers are flattened.
    """

    def __init__(
        self, front: torch.nn.Module, front_layer: str, between: torch.nn.Module, head: torch.nn.Module, head_layer: str
    ) -> None:
        super().__init__()
        for model, layer in ((front, front_layer), (head, head_layer)):
            names = [n for n, _ in model.named_modules() if n]
            if layer not in names:
                raise UnknownNameError.of("layer", layer, names, where="in the model")
        self.front, self.between, self.head = front, between, head
        self.front_layer, self.head_layer = front_layer, head_layer

    def forward(self, x: torch.Tensor) -> Any:
        """Run the stitched network on a batch."""
        seen: dict[str, list[Any]] = {}
        with collecting(dict(self.front.named_modules()), [self.front_layer], seen, keep=lambda tensor: tensor):
            self.front(x)
        states = seen.get(self.front_layer, [])
        if len(states) != 1 or states[0] is None:
            raise InputError(
                f"layer {self.front_layer!r} ran {len(states)} times in a pass; expected once, with a tensor"
            )
        mapped = self.between(states[0].flatten(1))
        module = dict(self.head.named_modules())[self.head_layer]
        handle = module.register_forward_hook(lambda _, __, output: replaced(output, mapped, self.head_layer))
        try:
            return first_tensor(self.head(torch.zeros_like(x)))
        finally:
            handle.remove()
