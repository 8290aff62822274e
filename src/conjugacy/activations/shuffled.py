"""Copies of a live network with its weights in random order: what numbers of this size do, whatever was learned."""

from __future__ import annotations

from typing import Any

from conjugacy.activations.initialise import children_first, deep_copy, put_back, without_making
from conjugacy.activations.randomness import Seed, own_randomness
from conjugacy.activations.unchanged import unchanged_in
from conjugacy.activations.untrained import Untrained, why_none


def shuffled_copy(model: Any, seed: Seed) -> Untrained:
    """Return a copy of a torch module with the entries of every weight tensor in random order.

    Each tensor keeps its numbers, so its norm, mean and spread; what is made from other tensors (weight and spectral
    normalisation, parametrizations) is shuffled as made. Buffers stay. The model and the global random state are left as they
    are.

    Examples
    --------
    >>> import torch
    >>> model = torch.nn.Linear(3, 4)
    >>> copy = shuffled_copy(model, 0).model
    >>> bool((copy.weight == model.weight).all()), bool(torch.isclose(copy.weight.norm(), model.weight.norm()))
    (False, True)
    """
    model = getattr(model, "_orig_mod", model)
    with own_randomness(model, seed):
        try:
            copy = deep_copy(model)
            _shuffle(copy)
        except Exception as error:
            return Untrained(None, f"shuffled weights: raised {type(error).__name__}: {error}", how="shuffled")
        found = unchanged_in(copy, model)
    reason = why_none(found, "shuffled")
    return Untrained(None if reason else copy, reason, how="shuffled")


def _shuffle(copy: Any) -> None:
    import torch

    seen: set[int] = set()
    with torch.no_grad():
        for module in children_first(copy):
            plain = without_making(module)
            for _, tensor in (module if plain is None else plain).named_parameters(recurse=False):
                if id(tensor) not in seen and tensor.is_floating_point():
                    seen.add(id(tensor))
                    order = torch.randperm(tensor.numel(), device=tensor.device)
                    tensor.copy_(tensor.flatten()[order].reshape(tensor.shape))
            if plain is not None:
                put_back(module, plain)
