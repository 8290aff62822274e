"""The global random generators: seeded for a while and given back as they were, by one thread at a time."""

from __future__ import annotations

import os
import random
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import numpy as np

_one_at_a_time = threading.RLock()
"""Generators are shared by all threads: without it one would draw from what another has seeded."""


def _new_lock() -> None:
    global _one_at_a_time
    _one_at_a_time = threading.RLock()


if hasattr(os, "register_at_fork"):  # a thread that held it is not there in the child
    os.register_at_fork(after_in_child=_new_lock)

Seed = int | tuple[int, ...]


@contextmanager
def own_randomness(model: Any = None, seed: Seed | None = None) -> Generator[None]:
    """Seed the global generators, where a seed is given, and give them back as they were.

    They are those of Python, numpy and torch: of torch that of the CPU, those of the model's own devices, and of CUDA where it
    is in use; other devices are not woken. Only one thread at a time is inside.

    Examples
    --------
    >>> import numpy as np
    >>> with own_randomness(seed=3):
    ...     first = np.random.random()
    >>> with own_randomness(seed=3):
    ...     again = np.random.random()
    >>> first == again
    True
    """
    with _one_at_a_time:
        give_back = _kept(model)
        try:
            if seed is not None:
                seed_all(model, seed)
            yield
        finally:
            for back in give_back:
                back()


def seed_all(model: Any, seed: Seed) -> None:
    """Seed the generators that `own_randomness` gives back."""
    number = int(np.random.SeedSequence(seed).generate_state(1)[0])
    random.seed(number)
    np.random.seed(number)
    for generator in _torch_generators(model):
        generator.manual_seed(number)


def state_of_all(model: Any = None) -> bytes:
    """Return the state of the generators as bytes: what has drawn has changed it."""
    numpy_state: Any = np.random.get_state(legacy=False)
    found = [repr(random.getstate()), repr(numpy_state["state"]["pos"]), numpy_state["state"]["key"].tobytes().hex()]
    found += [generator.get_state().cpu().numpy().tobytes().hex() for generator in _torch_generators(model)]
    return "|".join(found).encode()


def _kept(model: Any) -> list[Callable[[], None]]:
    """Return what gives every generator its present state back."""
    python_state, numpy_state = random.getstate(), np.random.get_state()

    def of_torch(generator: Any) -> Callable[[], None]:
        state = generator.get_state()
        return lambda: generator.set_state(state)

    return [
        lambda: random.setstate(python_state),
        lambda: np.random.set_state(numpy_state),
        *(of_torch(generator) for generator in _torch_generators(model)),
    ]


class _OfDevice:
    """The generator of a device whose backend hands out none: by the backend's own functions."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def get_state(self) -> Any:
        return self._backend.get_rng_state()

    def set_state(self, state: Any) -> None:
        self._backend.set_rng_state(state)

    def manual_seed(self, seed: int) -> None:
        self._backend.manual_seed(seed)


def _torch_generators(model: Any) -> list[Any]:
    """Return torch's generators; none where torch is not loaded, since nothing can have drawn from them."""
    torch = sys.modules.get("torch")
    if torch is None:
        return []
    found = [torch.default_generator]
    places = _own_devices(model)
    if torch.cuda.is_available() and torch.cuda.is_initialized():
        found += list(torch.cuda.default_generators)
        places = [place for place in places if place.type != "cuda"]
    for place in places:
        backend: Any = torch.get_device_module(place.type)
        generators = getattr(backend, "default_generators", None)
        found.append(_OfDevice(backend) if generators is None else generators[place.index or 0])
    return found


def _own_devices(model: Any) -> list[Any]:
    if not hasattr(model, "parameters") or not hasattr(model, "buffers"):
        return []
    places = {tensor.device for tensors in (model.parameters(), model.buffers()) for tensor in tensors}
    return sorted((place for place in places if place.type not in ("cpu", "meta")), key=str)
