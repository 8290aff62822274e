"""Untrained copies of a live network: the control for everything that two networks share without having learned."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Generator
from typing import Any

import numpy as np

from conjugacy.activations.untouched import forked_randomness, seed_randomness
from conjugacy.errors import InputError, ModelError

UNTRAINED_COPIES = 3
"""Copies of each network that are made where nobody says how many."""


def is_torch_module(thing: Any) -> bool:
    """Whether `thing` is a torch module; torch is not imported to find out."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(thing, torch.nn.Module)


def untrained_copies(model: Any, count: int, seed: int) -> list[Any]:
    """Return copies of a torch module with freshly drawn parameters.

    Every submodule's own `reset_parameters()` draws them, children before their parents as at construction; the running
    statistics of normalisation start anew, other buffers are kept. The model and torch's random state are left as they are.

    Raises
    ------
    InputError
        Where a submodule holds parameters of its own and has no `reset_parameters()`, or the model cannot be copied.
    ModelError
        Where a `reset_parameters()` raises.

    Examples
    --------
    >>> import torch
    >>> a, b = untrained_copies(torch.nn.Linear(2, 2), 2, seed=0)
    >>> bool((a.weight == b.weight).all())
    False
    """
    for name, module in model.named_modules():
        own = next(module.parameters(recurse=False), None)
        if own is not None and _reset_of(module) is None:
            raise InputError(
                f"cannot make an untrained copy: module {name or type(module).__name__!r} ({type(module).__name__}) holds "
                "parameters and has no reset_parameters(); add one, give recordings as untrained_a and untrained_b, "
                "or controls='none'"
            )
    copies: list[Any] = []
    with forked_randomness(model):
        for i in range(count):
            # spread out, so that no copy starts from the very numbers that the network itself started from
            seed_randomness(model, int(np.random.SeedSequence([seed, i]).generate_state(1)[0]))
            copies.append(_fresh_copy(model))
    return copies


def _fresh_copy(model: Any) -> Any:
    try:
        fresh = copy.deepcopy(model)
    except Exception as error:
        raise InputError(
            f"cannot make an untrained copy: copying {type(model).__name__} raised {type(error).__name__}: {error}; "
            "give recordings as untrained_a and untrained_b, or controls='none'"
        ) from error
    for module in _children_first(fresh, set()):
        reset = _reset_of(module)
        if reset is None:
            continue
        try:
            reset()
        except Exception as error:
            raise ModelError(
                f"{type(module).__name__}.{reset.__name__}() raised {type(error).__name__}: {error}"
            ) from error
    return fresh


def _reset_of(module: Any) -> Callable[[], Any] | None:
    """Return the method that draws a module's parameters; torch's attention and transformer have it underscored."""
    return getattr(module, "reset_parameters", None) or getattr(module, "_reset_parameters", None)


def _children_first(module: Any, seen: set[Any]) -> Generator[Any]:
    """Walk over the modules, each once; a parent may set what its children have drawn."""
    seen.add(module)
    for child in module.children():
        if child not in seen:
            yield from _children_first(child, seen)
    yield module
