"""Run a network and give it back as it was: training flags, buffers and torch's random state."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Any


@contextmanager
def evaluating(model: Any) -> Generator[None]:
    """Put a torch module into evaluation mode without gradients; flags, buffers and random state come back."""
    import torch

    modules = list(model.modules())
    flags = [module.training for module in modules]
    buffers = [
        (module, key, value, value.clone()) for module in modules for key, value in module.named_buffers(recurse=False)
    ]
    with forked_randomness(model), torch.no_grad():
        try:
            model.eval()
            yield
        finally:
            for module, flag in zip(modules, flags, strict=True):
                module.training = flag
            for module, key, value, kept in buffers:
                if not torch.equal(value, kept):
                    value.copy_(kept)
                if getattr(module, key) is not value:
                    setattr(module, key, value)


@contextmanager
def forked_randomness(model: Any) -> Generator[None]:
    """Give the random state of the CPU and of the model's own devices back; other devices are not woken."""
    import torch

    with ExitStack() as stack:
        stack.enter_context(torch.random.fork_rng(devices=[]))
        for device in _own_devices(model):
            stack.enter_context(torch.random.fork_rng(devices=[device], device_type=device.type))
        yield


def seed_randomness(model: Any, seed: int) -> None:
    """Seed the generators of the CPU and of the model's own devices, and no others."""
    import torch

    torch.default_generator.manual_seed(seed)
    for device in _own_devices(model):
        backend: Any = torch.get_device_module(device.type)
        generators = getattr(backend, "default_generators", None)
        if generators is None:
            backend.manual_seed(seed)
        else:
            generators[device.index].manual_seed(seed)


def _own_devices(model: Any) -> list[Any]:
    places = {tensor.device for tensors in (model.parameters(), model.buffers()) for tensor in tensors}
    return sorted((place for place in places if place.type not in ("cpu", "meta")), key=str)
