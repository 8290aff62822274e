"""Untrained copies of a live network: the control for everything that two networks share without having learned."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from conjugacy.activations.initialise import deep_copy, draw_anew, has_configuration
from conjugacy.activations.networks.origin import comes_from
from conjugacy.activations.randomness import Seed, own_randomness
from conjugacy.activations.unchanged import Unchanged, in_per_cent, most_common, unchanged_in
from conjugacy.data.foreign import is_array
from conjugacy.errors import InputError

UNTRAINED_COPIES = 3
"""Copies of each network that are made where nobody says how many."""

MOST_LEFT, MOST_FIXED = 0.05, 0.5
"""Largest share of trained numbers that a control may still hold, and of all numbers that its construction may fix."""

Made = Literal["factory", "constructor", "init", "reset", "shuffled"]
HOW: dict[Made, str] = {
    "factory": "made by the factory that was given",
    "constructor": "made again from the network's configuration",
    "init": "drawn again by the network's own init, from another key",
    "reset": "each module's own initialisation; what the network's constructor did on top is not known",
    "shuffled": "the entries of every weight tensor in random order",
}
WAY_OUT = "give a function that makes the untrained network, or recordings of it, as untrained_a and untrained_b"


@dataclass(frozen=True, eq=False)
class Untrained:
    """A copy of a network that stands for it untrained, or why there is none.

    Attributes
    ----------
    model : torch.nn.Module or None
        The copy.
    reason : str or None
        Why there is none.
    unchanged : tuple of str
        Tensors that are the same as in the trained network, although they might have been drawn.
    how : {"factory", "constructor", "reset", "shuffled"}
        What made it.
    told : str, optional
        The same in words of the kind of network that made it.
    """

    model: Any | None
    reason: str | None = None
    unchanged: tuple[str, ...] = ()
    how: Made = "reset"
    told: str | None = None

    @property
    def said(self) -> str:
        """How it was made, in words, with what it still holds of the trained network."""
        left = f"; left as in the trained network: {most_common(self.unchanged)}" if self.unchanged else ""
        return f"{self.told or HOW[self.how]}{left}"


def is_torch_module(thing: Any) -> bool:
    """Whether `thing` is a torch module, and no layer of Keras on torch; torch is not imported to find out."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(thing, torch.nn.Module) and not comes_from(thing, "keras", "Layer")


def untrained_copy(model: Any, seed: Seed, factory: Callable[[], Any] | None = None) -> Untrained:
    """Return a copy of a torch module as it was before training.

    The best that is at hand makes it: the factory; for Hugging Face networks `type(model)(model.config)`; else every submodule's
    own `reset_parameters()`, children before their parents as at construction. Every floating tensor of the copy is then compared
    with that of the network, so that no copy that holds trained numbers passes for an untrained one: there is none where these
    are more than 5 % of all (of a network that is constructed: of those that training moves). The model and the global random
    state are left as they are.

    Parameters
    ----------
    model : torch.nn.Module
    seed : int or tuple of int
        Draws the copy.
    factory : callable, optional
        Without arguments: the untrained network.

    Examples
    --------
    >>> import torch
    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Tanh())
    >>> found = untrained_copy(model, 0)
    >>> bool((found.model[0].weight == model[0].weight).all()), found.how
    (False, 'reset')
    """
    if not is_torch_module(model):
        return _of_callable(seed, factory)
    model = getattr(model, "_orig_mod", model)  # a compiled module runs the code of the network that it was made from
    how: Made = "factory" if factory is not None else "constructor" if has_configuration(model) else "reset"
    with own_randomness(model, seed):
        try:
            copy = _drawn(model) if factory is None else factory()
        except Exception as error:
            return Untrained(None, f"{HOW[how]}: raised {type(error).__name__}: {error}", how=how)
        if not is_torch_module(copy):
            return Untrained(None, f"the factory returned {type(copy).__name__}, expected a torch module", how=how)
        found = unchanged_in(copy, model)
    reason = (
        why_none(found, how)
        if found.matched > 0.5
        else "the factory makes another network: its tensors have other shapes"
    )
    return Untrained(None if reason else copy, reason, found.names, how)


def untrained_copies(model: Any, count: int, seed: int, factory: Callable[[], Any] | None = None) -> list[Any]:
    """Return several untrained copies of a torch module, as `untrained_copy` makes them.

    Raises
    ------
    InputError
        Where there is none; the message says why.

    Examples
    --------
    >>> import torch
    >>> a, b = untrained_copies(torch.nn.Linear(2, 2), 2, seed=0)
    >>> bool((a.weight == b.weight).all())
    False
    """
    copies: list[Any] = []
    for i in range(count):
        # spread out, so that no copy starts from the very numbers that the network itself started from
        made = untrained_copy(model, (seed, i), factory)
        if made.model is None:
            raise InputError(f"cannot make an untrained copy: {made.reason}; {WAY_OUT}, or controls='none'")
        copies.append(made.model)
    return copies


def _drawn(model: Any) -> Any:
    copy = deep_copy(model)
    draw_anew(copy)
    return copy


def _of_callable(seed: Seed, factory: Callable[[], Any] | None) -> Untrained:
    if factory is None:
        return Untrained(None, "only the weights of torch modules can be drawn again")
    with own_randomness(seed=seed):
        try:
            copy = factory()
        except Exception as error:
            return Untrained(None, f"{HOW['factory']}: raised {type(error).__name__}: {error}", how="factory")
    if not callable(copy) or is_array(copy):
        return Untrained(None, f"the factory returned {type(copy).__name__}, expected a network", how="factory")
    return Untrained(copy, how="factory")


def why_none(found: Unchanged, how: Made) -> str | None:
    """Say why a copy is no control; None where it is one.

    Trained numbers that it still holds are at most 5 % of all. What a constructor or a factory makes may hold more tables that
    are the same whatever was trained: then 5 % of what training moves, and half of all. In random order a few numbers keep their
    place by chance, and buffers stay: half of all.
    """
    if found.numbers == 0:
        return f"{HOW[how]}: the network holds no numbers that could be drawn again"
    held = [(found.share, MOST_LEFT if how == "reset" else MOST_FIXED)]
    if how != "shuffled":
        held.append((found.trained_share, MOST_LEFT))
    over = [share for share, most in held if share > most]
    if not over:
        return None
    names = most_common(found.names)
    return f"{in_per_cent(max(over))} of the numbers would still be those of the trained network ({names}): {HOW[how]}"
