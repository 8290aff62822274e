"""What a laboratory's file holds, whatever its kind: named arrays, lists of arrays, and what is left where it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, eq=False)
class Held:
    """The arrays of one file, with axes in the order that the program shows that wrote it.

    Attributes
    ----------
    arrays : mapping of str to array
        Numbers, or text as numpy unicode.
    lists : mapping of str to tuple of array
        Lists of arrays of unequal shape: cells, fields of an array of structs.
    axes : mapping of str to tuple of str
        Names of an array's axes, where the file has them.
    left_out : mapping of str to str
        What was not read, and why.
    told : tuple of str
        What was done on the way, as sentences.
    """

    arrays: Mapping[str, np.ndarray]
    lists: Mapping[str, tuple[np.ndarray, ...]] = field(default_factory=dict[str, tuple[np.ndarray, ...]])
    axes: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    left_out: Mapping[str, str] = field(default_factory=dict[str, str])
    told: tuple[str, ...] = ()

    def words(self, name: str) -> str:
        """Return an array or a list and its shape, as a message names it.

        Examples
        --------
        >>> Held({"rates": np.zeros((3, 4))}).words("rates")
        "'rates' (3 x 4)"
        """
        if name in self.arrays:
            return f"{name!r} ({' x '.join(map(str, self.arrays[name].shape)) or 'one value'})"
        return f"{name!r} (a list of {len(self.lists[name])} arrays)"
