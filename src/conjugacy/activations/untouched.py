"""Run a network and give it back as it was: training flags, buffers and the global random generators."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from conjugacy.activations.randomness import Seed, own_randomness


@contextmanager
def evaluating(model: Any, seed: Seed | None = None) -> Generator[None]:
    """Put a torch module into evaluation mode without gradients; flags, buffers and random state come back.

    With `seed`, what the network draws at random comes from generators seeded with it.
    """
    import torch

    with own_randomness(model, seed), torch.no_grad():
        modules = list(model.modules())
        flags = [getattr(module, "training", None) for module in modules]  # frozen TorchScript has none
        buffers = [
            (module, key, value, value.clone())
            for module in modules
            for key, value in module.named_buffers(recurse=False)
        ]
        try:
            if flags[0] is not None:
                model.eval()
            yield
        finally:
            for module, flag in zip(modules, flags, strict=True):
                if flag is not None:
                    module.training = flag
            for module, key, value, kept in buffers:
                if not torch.equal(value, kept):
                    value.copy_(kept)
                if getattr(module, key) is not value:
                    setattr(module, key, value)
