"""What drives a network from one time point to the next: what it is shown, and that made into an input again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from conjugacy.activations.shown import Shown
from conjugacy.activations.tensors import as_array

MOST_WORDS = 64  # different tokens up to which each is a channel of the drive


@dataclass(frozen=True, eq=False)
class Driven:
    """What a network is shown over time, as numbers that act on the step from one time point to the next.

    States of a network that reads its input point by point know the input of their own time: the step from t to t + 1 is driven
    by what is shown at t + 1.

    Attributes
    ----------
    name : str
        Of the input; empty where it has none.
    channels : array, (k, t, j)
        What is shown at each time; of whole numbers a channel for each of them.
    words : int array or None
        Which these are.
    lone : bool
        Whether the input has no axis for channels.
    beside : mapping
        What else the network takes: masks, single numbers.
    """

    name: str
    channels: np.ndarray
    words: np.ndarray | None
    lone: bool
    beside: Mapping[str, Any]

    @classmethod
    def of(cls, shown: Shown) -> Driven | None:
        """Return what drives a network; None where there is more than one input, or the only one is no course of numbers.

        Examples
        --------
        >>> Driven.of(Shown({"": np.array([[3, 3, 5]])})).next([3])[0].tolist()
        [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]
        """
        masks = {name: part for name, part in shown.parts.items() if "mask" in name}
        if len(shown.parts) - len(masks) != 1:
            return None
        name = next(key for key in shown.parts if key not in masks)
        main, beside = as_array(shown.parts[name]), {**masks, **shown.beside}
        if main.dtype.kind == "f" and main.ndim in (2, 3):
            return cls(name, main if main.ndim == 3 else main[:, :, None], None, main.ndim == 2, beside)
        if main.dtype.kind not in "iu" or main.ndim != 2:
            return None
        words = np.unique(main)
        return None if len(words) > MOST_WORDS else cls(name, (main[:, :, None] == words) * 1.0, words, True, beside)

    def next(self, lengths: Sequence[int]) -> tuple[np.ndarray, ...]:
        """Return for each trial what acts on the step from every time point, (t_i, j): nothing new on that from the last."""
        later = [np.minimum(np.arange(1, n + 1), n - 1) for n in lengths]
        return tuple(trial[at] for trial, at in zip(self.channels, later, strict=True))

    def shown(self, fed: np.ndarray | None, count: int) -> Any:
        """Return one time point of so many rows as a network takes it, from the channels that act on the step to it, (m, j)."""
        if fed is None:
            fed = np.zeros((count, self.channels.shape[2]))
        one: np.ndarray = fed if self.words is None else self.words[fed.argmax(axis=1)]
        one = one.reshape(count, 1) if self.lone else one[:, None]
        if not self.name:
            return one
        ones = {
            key: np.ones((count, 1), np.int64) if hasattr(part, "shape") else part for key, part in self.beside.items()
        }
        return {self.name: one, **ones}
