"""Untrained copies of a live network: the control for everything that two networks share without having learned."""

from __future__ import annotations

import copy
import sys
from typing import Any

import numpy as np

from conjugacy.errors import InputError


def is_torch_module(thing: Any) -> bool:
    """Whether `thing` is a torch module; torch is not imported to find out."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(thing, torch.nn.Module)


def is_live(thing: Any) -> bool:
    """Whether `thing` is a network that can be run: a torch module, or any callable that is no array."""
    return is_torch_module(thing) or (callable(thing) and not hasattr(thing, "shape"))


def untrained_copies(model: Any, count: int, seed: int) -> list[Any]:
    """Return copies of a torch module with freshly drawn parameters.

    Every submodule's own `reset_parameters()` draws them; running statistics start anew. The model and torch's random
    state are left as they are.

    Raises
    ------
    InputError
        Where a submodule holds parameters of its own and has no `reset_parameters()`.

    Examples
    --------
    >>> import torch
    >>> a, b = untrained_copies(torch.nn.Linear(2, 2), 2, seed=0)
    >>> bool((a.weight == b.weight).all())
    False
    """
    import torch

    for name, module in model.named_modules():
        own = next(module.parameters(recurse=False), None)
        if own is not None and not hasattr(module, "reset_parameters"):
            raise InputError(
                f"cannot make an untrained copy: module {name or type(module).__name__!r} ({type(module).__name__}) holds "
                "parameters and has no reset_parameters(); add one, give recordings as untrained_a and untrained_b, "
                "or controls='none'"
            )
    copies: list[Any] = []
    with torch.random.fork_rng():
        for i in range(count):
            # spread out, so that no copy starts from the very numbers that the network itself started from
            torch.manual_seed(int(np.random.SeedSequence([seed, i]).generate_state(1)[0]))
            fresh = copy.deepcopy(model)
            for module in fresh.modules():
                if hasattr(module, "reset_parameters"):
                    module.reset_parameters()
            copies.append(fresh)
    return copies
