"""Arrays that were computed before, as far as a bound of memory goes: what was asked for long ago goes first."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, eq=False)
class Kept:
    """Some arrays under keys.

    Attributes
    ----------
    most : int
        Bytes that are kept at the most; an array beyond a quarter of it would push out the others, and is not kept.
    arrays : dict
        What is kept; what was asked for last stands last.
    choose : Generator
        Chooses what goes.

    Examples
    --------
    >>> kept = Kept(most=320)
    >>> [float(kept.get("a", made).sum()) for made in (lambda: np.ones(10), lambda: np.zeros(10))]  # made once
    [10.0, 10.0]
    >>> [float(kept.get("b", made).sum()) for made in (lambda: np.ones(11), lambda: np.zeros(11))]  # too large
    [11.0, 0.0]
    """

    most: int
    arrays: dict[Hashable, np.ndarray] = field(default_factory=dict[Hashable, np.ndarray])
    choose: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0), repr=False)

    def takes(self, size: int) -> bool:
        """Return whether an array of so many bytes is kept."""
        return 4 * size <= self.most

    def get(self, key: Hashable, made: Callable[[], np.ndarray]) -> np.ndarray:
        """Return the array of a key; it is made where there is none."""
        found = self.arrays.pop(key, None)
        if found is not None:
            self.arrays[key] = found
            return found
        found = made()
        if self.takes(found.nbytes):
            while found.nbytes + sum(x.nbytes for x in self.arrays.values()) > self.most:
                self.arrays.pop(self._old())
            self.arrays[key] = found
        return found

    def _old(self) -> Hashable:
        """Return one of the older half of the keys: who goes round and round asks next for what was asked for longest ago."""
        older = list(self.arrays)[: (len(self.arrays) + 1) // 2]
        return older[self.choose.integers(len(older))]
