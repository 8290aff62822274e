"""Whether a copy still holds what its network was trained to: arrays against arrays, whatever library they come from."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from conjugacy.activations.networks.protocol import NoControlError
from conjugacy.activations.unchanged import LEFT, Unchanged
from conjugacy.activations.untrained import Made, why_none
from conjugacy.data.foreign import plain_array


def require_redrawn(trained: Mapping[str, np.ndarray], copy: Mapping[str, np.ndarray], how: Made) -> None:
    """Refuse a copy that holds more than 5 % of the trained numbers; as for torch, ones, zeros and constants do not count.

    Parameters
    ----------
    trained, copy : mapping of str to array
        Weights by name.
    how : str
        What made the copy.

    Raises
    ------
    NoControlError
        Naming what stayed.

    Examples
    --------
    >>> require_redrawn({"kernel": np.arange(2.0, 6.0)}, {"kernel": np.arange(7.0, 11.0)}, "reset")
    """
    names: list[str] = []
    numbers = same = 0
    for name, before in trained.items():
        if before.dtype.kind in "biu":
            continue
        counted = _counted(plain_array(before))
        size, after = int(counted.sum()), copy.get(name)
        numbers += size
        left = 0 if after is None or after.shape != before.shape else int(((before == after) & counted).sum())
        if size and left > LEFT * size:
            names.append(name)
            same += left
    share = same / max(1, numbers)
    reason = why_none(Unchanged(tuple(names), numbers, share, share), how)
    if reason is not None:
        raise NoControlError(f"{reason}; give untrained=, which makes the network again, or controls='none'")


def _counted(array: np.ndarray) -> np.ndarray:
    """Return which numbers say where they come from."""
    special = (array == 0) | (np.abs(array) == 1) | ~np.isfinite(array)
    return ~special if array.size == 1 or not (array == array.flat[0:1]).all() else np.zeros(array.shape, bool)
