"""What a copy still holds of the network that it was copied from."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conjugacy.activations.weights import tensors_of

LEFT = 0.1
"""A tensor counts as left where so large a share of its numbers is the same; in 8 bits a few per cent agree by chance."""


@dataclass(frozen=True)
class Unchanged:
    """Tensors that are the same in a copy, and what share of the numbers they hold.

    Numbers that any initialisation leaves alike do not count: those of a tensor that is one constant, and single zeros and ones.

    Attributes
    ----------
    names : tuple of str
    numbers : int
        In the network; 0 where it holds none that count.
    share : float
        Of these numbers, those that are the same.
    trained_share : float
        The same, of the tensors that training moves: those that need gradients in the copy.
    matched : float
        Share of the network's floating tensors of which the copy has one of the same shape.
    """

    names: tuple[str, ...]
    numbers: int
    share: float
    trained_share: float
    matched: float = 1.0


def unchanged_in(copy: Any, model: Any) -> Unchanged:
    """Compare every floating tensor of a copy with that of the network.

    Examples
    --------
    >>> import torch
    >>> model = torch.nn.Linear(3, 4)
    >>> unchanged_in(model, model).names
    ('weight', 'bias')
    >>> unchanged_in(torch.nn.Linear(3, 4), model).names
    ()
    """
    names: list[str] = []
    numbers = trained = same = same_trained = 0
    for name, before, after in _both(copy, model):
        counted = _counted(before)
        size = int(counted.sum())
        moves = after is not None and bool(after.requires_grad)
        numbers, trained = numbers + size, trained + moves * size
        left = 0 if after is None else int(((before == _plain(after)) & counted).sum())
        if size and left > LEFT * size:
            names.append(name)
            same, same_trained = same + left, same_trained + moves * left
    shapes = ([tuple(t.shape) for t in tensors_of(net).values() if _is_floating(t)] for net in (model, copy))
    matched = _matched(*shapes)
    return Unchanged(tuple(names), numbers, same / max(1, numbers), same_trained / max(1, trained), matched)


def _matched(own: list[tuple[int, ...]], others: list[tuple[int, ...]]) -> float:
    left = list(others)
    found = 0
    for shape in own:
        if shape in left:
            left.remove(shape)
            found += 1
    return found / len(own) if own else 1.0


def _both(copy: Any, model: Any) -> Iterator[tuple[str, Any, Any]]:
    """Return every floating tensor of the network with its counterpart: of the same name, else one that is equal."""
    others = {name: tensor for name, tensor in tensors_of(copy).items() if _is_floating(tensor)}
    own = {name: tensor for name, tensor in tensors_of(model).items() if _is_floating(tensor)}
    spare = [tensor for name, tensor in others.items() if name not in own]
    for name, tensor in own.items():
        before, other = _plain(tensor), others.get(name)
        if other is None:  # a copy that was wrapped calls them otherwise
            other = next(
                (one for one in spare if one.shape == tensor.shape and bool((_plain(one) == before).all())), None
            )
        if other is not None and other.shape == tensor.shape:
            yield name, before, other
        else:
            yield name, before, None


def _is_floating(tensor: Any) -> bool:
    lazy = type(tensor).__name__.startswith("Uninitialized")
    return not lazy and tensor.device.type != "meta" and (tensor.dtype.is_floating_point or tensor.is_quantized)


def _plain(tensor: Any) -> Any:
    """Return the numbers on the CPU in a type that can be compared."""
    found = tensor.detach()
    found = found.dequantize() if found.is_quantized else found
    found = found if str(found.layout) == "torch.strided" else found.to_dense()
    return (found.float() if found.dtype.itemsize < 4 else found).cpu()


def _counted(tensor: Any) -> Any:
    """Return which numbers say where they come from."""
    special = (tensor == 0) | (tensor.abs() == 1) | ~tensor.isfinite()
    if tensor.numel() > 1 and bool((tensor == tensor.flatten()[0]).all()):
        special[...] = True
    return ~special


def most_common(names: tuple[str, ...], at_most: int = 4) -> str:
    """Return the first names, and how many more there are.

    Examples
    --------
    >>> most_common(("a", "b", "c", "d", "e"))
    'a, b, c, d and 1 more'
    """
    more = len(names) - at_most
    return ", ".join(names[:at_most]) + (f" and {more} more" if more > 0 else "")


def in_per_cent(share: float) -> str:
    """Return a share without decimals; what is over none is not told as none."""
    return f"{100 * share:.0f} %" if share >= 0.01 else f"{100 * share:.2g} %" if math.isfinite(share) else "-"
