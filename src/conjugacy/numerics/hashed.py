"""A number for every label that depends on the label alone: rows are drawn by it, whatever their order and company."""

from __future__ import annotations

import numpy as np


def hashed(labels: np.ndarray) -> np.ndarray:
    """Return 64 well-mixed bits for every integer or text, (m,).

    The steps are those of splitmix64 (Steele, Lea and Flood 2014); text is taken character by character.

    Examples
    --------
    >>> hashed(np.array(["b", "a"])).tolist() == hashed(np.array(["a", "b", "longer"]))[[1, 0]].tolist()
    True
    >>> len(np.unique(hashed(np.arange(1000))))
    1000
    """
    labels = np.asarray(labels)
    if labels.dtype.kind != "U":
        return _mixed(labels.astype(np.int64).view(np.uint64))
    codes = np.ascontiguousarray(labels).view(np.uint32).reshape(len(labels), -1)
    found = np.zeros(len(labels), dtype=np.uint64)
    for column in codes.T:
        found = np.where(column > 0, _mixed(found ^ column.astype(np.uint64)), found)
    return found


def _mixed(x: np.ndarray) -> np.ndarray:
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
