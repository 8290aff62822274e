"""What longer and shorter inputs show of a network with a mask: whether padding is ignored, and which axes hold tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from conjugacy.activations.calling import is_one_number
from conjugacy.activations.shown import MASKS
from conjugacy.activations.tensors import as_array

MORE = 2  # columns of padding


@dataclass(frozen=True, eq=False)
class Columns:
    """Inputs by name whose mask says which columns hold tokens.

    Attributes
    ----------
    parts : mapping of str to array or tensor, (m, ..., t, ...)
    mask : bool array, (m, t)
    """

    parts: Mapping[str, Any]
    mask: np.ndarray

    @property
    def length(self) -> int:
        """How many columns there are."""
        return self.mask.shape[1]

    @property
    def in_front(self) -> bool:
        """Whether padding stands before the tokens; where there is none, it would come after them."""
        return bool(not self.mask[:, 0].all() and self.mask[:, -1].all())

    def padded(self) -> dict[str, Any]:
        """Return the inputs with two more columns of padding, on the side where padding is.

        Examples
        --------
        >>> ids, mask = np.array([[0, 5, 6]]), np.array([[0, 1, 1]])
        >>> Columns({"ids": ids, "attention_mask": mask}, mask.astype(bool)).padded()["ids"]
        array([[0, 0, 0, 5, 6]])
        """
        side = (MORE, 0) if self.in_front else (0, MORE)
        found: dict[str, Any] = {}
        for name, part in self.parts.items():
            at = self._axis(name, part)
            fill = 0 if name in MASKS else self._filler(part, at)
            found[name] = part if at is None else _padded(part, at, side, fill)
        return found

    def halved(self) -> dict[str, Any]:
        """Return the inputs with half of the columns, on the side where tokens are."""
        half = -(-self.length // 2)
        kept = slice(self.length - half, None) if self.in_front else slice(half)
        found: dict[str, Any] = {}
        for name, part in self.parts.items():
            at = self._axis(name, part)
            found[name] = part if at is None else part[(*[slice(None)] * at, kept)]
        return found

    @property
    def can_be_halved(self) -> bool:
        """Whether half of the columns are fewer, and hold a token of every row."""
        half = -(-self.length // 2)
        kept = self.mask[:, -half:] if self.in_front else self.mask[:, :half]
        return half < self.length and bool(kept.any(axis=1).all())

    def real(self, values: np.ndarray, at: int, longer: bool = False) -> np.ndarray:
        """Return what stands at tokens alone, (tokens, ...), from values with the tokens along an axis, padded further or not."""
        moved = np.moveaxis(values, at, 1)
        if longer:
            moved = moved[:, MORE:] if self.in_front else moved[:, :-MORE]
        return moved[self.mask]

    def _axis(self, name: str, part: Any) -> int | None:
        """Return the axis of an input that holds the columns of the mask; what is decoded has columns of its own."""
        if name.startswith("decoder") or is_one_number(part):
            return None
        return next((i for i, n in enumerate(part.shape) if i > 0 and n == self.length), None)

    def _filler(self, part: Any, at: int | None) -> float:
        """Return what stands at padding of an input that has one number at each place."""
        if at is None or len(part.shape) != 2 or self.mask.all():
            return 0
        found = np.unique(as_array(part)[~self.mask])
        return found[0].item() if len(found) == 1 else 0


def _padded(part: Any, at: int, side: tuple[int, int], fill: float) -> Any:
    if not hasattr(part, "detach"):
        return np.pad(part, [side if i == at else (0, 0) for i in range(part.ndim)], constant_values=fill)
    import torch

    widths = [0, 0] * (part.ndim - at - 1) + list(side)
    return torch.nn.functional.pad(part, widths, value=fill)


def with_tokens(axes: str | None, shape: tuple[int, ...], longer: tuple[int, ...]) -> str | None:
    """Return the axes of a layer of which one alone grew with padding: it holds tokens, whatever its kind says.

    Examples
    --------
    >>> with_tokens(None, (7, 5, 9), (7, 5, 11)), with_tokens(None, (7, 5, 9), (7, 5, 9))
    ('but', None)
    >>> with_tokens("byxu", (7, 5, 2, 9), (7, 7, 2, 9)), with_tokens("byxu", (7, 2, 5, 9), (7, 2, 7, 9))
    ('btxu', 'bytu')
    """
    if axes == "byxu" and len(longer) == 4:  # heads beside tokens, and no places
        grown = [i for i in (1, 2) if longer[i] != shape[i]]
        return axes if len(grown) != 1 else axes[: grown[0]] + "t" + axes[grown[0] + 1 :]
    if len(shape) != 3 or len(longer) != 3 or (axes is not None and axes[0] != "b"):
        return axes
    grown = [i for i in range(3) if longer[i] != shape[i]]
    if len(grown) != 1 or grown[0] == 0 or (axes is not None and axes[grown[0]] == "t"):
        return axes
    return "btu" if grown[0] == 1 else "but"


def untouched(axes: str | None, shape: tuple[int, ...], shorter: tuple[int, ...]) -> bool:
    """Whether a layer has as many tokens or places whatever the number of columns: the mask says nothing of it."""
    return axes is not None and "t" in axes and shape == shorter
